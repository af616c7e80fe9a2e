"""
The container a case runs in, as the scenario describes it. Keys are those of the Compose file.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from runner.kernel.signals import Signal


class Pull(enum.Enum):
    """When to ask a registry for an image (Compose's `pull_policy`)."""

    MISSING = "missing"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class NamedImage:
    """An image that an engine has or a registry serves, such as `nginx:1.27`."""

    name: str
    pull: Pull = Pull.MISSING
    kind: Literal["named_image"] = "named_image"

    @property
    def title(self) -> str:
        """How people call it."""
        return self.name


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """
    An image built from a folder.

    `context` and `dockerfile` are paths on the runner's machine, the latter below the former.
    `title` is what people call it: the folder's name.
    """

    title: str
    context: str
    dockerfile: str = "Dockerfile"
    args: tuple[tuple[str, str], ...] = ()
    target: str = ""
    network: str = ""
    kind: Literal["built_image"] = "built_image"


ImageSource = NamedImage | BuiltImage


@dataclass(frozen=True, slots=True)
class Ulimit:
    """A resource limit (getrlimit(2)); -1 means unlimited."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """
    When the engine restarts init by itself, in Compose's words.

    `most_retries` bounds `on-failure`; 0 means without a bound.
    """

    name: Literal["no", "always", "on-failure", "unless-stopped"] = "no"
    most_retries: int = 0


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """
    How the engine finds out how the container is: a command run again and again.

    `test` begins with `CMD` (argv follows), `CMD-SHELL` (one command line), or is `("NONE",)`.
    """

    test: tuple[str, ...]
    interval_s: float = 30.0
    timeout_s: float = 30.0
    retries: int = 3
    start_period_s: float = 0.0


class WrongInit(enum.Enum):
    """
    A way in which a PID 1 can treat signals and its child wrongly (images/probe/wrong-init.c).

    The value is the first argument of that program.
    """

    IGNORES = "ignores"
    NEVER_FORWARDS = "never-forwards"
    EXITS_AT_ONCE = "exits-at-once"
    DOES_NOT_WAIT = "does-not-wait"
    WRONG_STATUS = "wrong-status"


HOST_PID: Final = "host"
"""`pid` of a container in the PID namespace of the engine's machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerPlan:
    """
    Everything the engine must know to create the container.

    `init` is the argv that exactly becomes PID 1 (the entrypoint is then cleared); without it,
    the image's entrypoint and command apply, or `entrypoint` and `command` given here.
    `docker_init` puts the engine's own small init before it. `mem_limit` is in bytes. `volumes` are
    `SOURCE:TARGET[:ro]`, or a target alone for a volume without a name. `stop_signal` None means
    the image's own; `stop_grace_s` the grace period of a `stop` step that names none. `pid` is ""
    for a PID namespace of its own, `host` for that of the engine's machine, else the name of
    another container of the case, whose PID namespace it shares. `wrong_init` puts a PID 1 that
    behaves wrongly before the container's own argv; no scenario asks for it.
    """

    image: ImageSource
    init: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    docker_init: bool = False
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    user: str = ""
    working_dir: str = ""
    hostname: str = ""
    stop_signal: Signal | None = None
    stop_grace_s: float = 10.0
    network_mode: str = "none"
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    read_only: bool = False
    tmpfs: tuple[str, ...] = ()
    mem_limit: int | None = None
    pids_limit: int | None = None
    volumes: tuple[str, ...] = ()
    ulimits: tuple[Ulimit, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict[str, str])
    platform: str = ""
    tty: bool = False
    stdin_open: bool = False
    restart: RestartPolicy = RestartPolicy()
    pid: str = ""
    healthcheck: Healthcheck | None = None
    wrong_init: WrongInit | None = None
