"""
The container of a scenario: the keys of the Compose file, and three of ours.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.model.case import READY_WITHIN_S, SETTLED
from runner.model.container import ContainerPlan, ImageSource, Ulimit
from runner.model.expectation import Expectation
from runner.spec.base import Strict, wrong
from runner.spec.conditions import Condition
from runner.spec.fields import (
    Argv,
    GracePeriod,
    NonEmptyText,
    SignalName,
    Text,
    Texts,
    as_words,
    parse_text,
    shown,
)
from runner.spec.plain import Plain

_SIZE = re.compile(r"(\d{1,15})([bkmg]?)b?", re.IGNORECASE)
_FACTORS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def _size(value: Plain) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong(f"{shown(value)} is not a size in bytes", "as in 64m, 1g or 67108864")
    size = int(match[1]) * _FACTORS[match[2].lower()]
    if size == 0:
        raise wrong("a limit of 0 would be none at all", "leave it out, or give a size as in 64m")
    return size


def _environment(value: Plain) -> object:
    if isinstance(value, list):
        pairs = [parse_text(one).partition("=") for one in value]
        for name, sign, _ in pairs:
            if not sign or not name:
                raise wrong(f"'{name}' has no value", f"as in {name}=value")
        return {name: text for name, _, text in pairs}
    return value


def _ulimit(value: Plain) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return {"soft": value, "hard": value}
    if not isinstance(value, dict):
        raise wrong(f"{shown(value)} is no limit", "as in 1024 or {soft: 1024, hard: 4096}")
    return value


def _build_short(value: Plain) -> object:
    return {"context": value} if isinstance(value, str) else value


Words = Annotated[list[Text], BeforeValidator(as_words, json_schema_input_type=list[str | int])]
Init = Annotated[Argv, BeforeValidator(as_words, json_schema_input_type=list[str | int])]
Size = Annotated[int, BeforeValidator(_size, json_schema_input_type=str | int)]


class UlimitModel(Strict):
    """A soft limit and the hard one above it; -1 means unlimited."""

    soft: int = Field(ge=-1, description="The limit in force.", examples=[1024])
    hard: int = Field(ge=-1, description="The most it can be set to.", examples=[4096])


class BuildModel(Strict):
    """Build the image from a folder with a Dockerfile."""

    context: NonEmptyText = Field(
        description="A folder of images/ by its name, or a path (with a slash) from this file.",
        examples=["sig-proc", "./app"],
    )
    dockerfile: NonEmptyText = Field(
        "Dockerfile", description="The Dockerfile, a path in the context.", examples=["Dockerfile"]
    )
    args: dict[str, Text] = Field(
        default_factory=dict, description="Build arguments.", examples=[{"VERSION": "1.2"}]
    )
    target: Text = Field("", description="The stage to build.", examples=["test"])
    network: Text = Field("", description="The network of RUN steps.", examples=["host"])


class ContainerModel(Strict):
    """The container that the steps are about."""

    image: NonEmptyText | None = Field(
        None, description="The image to run.", examples=["nginx:1.27"]
    )
    build: Annotated[
        BuildModel | None, BeforeValidator(_build_short, json_schema_input_type=str | BuildModel)
    ] = Field(
        None,
        description="Build the image: images/NAME of a folder above, a path, or a mapping.",
        examples=["sig-proc", "./app", {"context": "./app", "target": "test"}],
    )
    pull: Literal["missing", "always", "never"] = Field(
        "missing", description="When to ask a registry for the image.", examples=["never"]
    )
    init: Init | None = Field(
        None,
        description="Exactly this becomes PID 1; the image's entrypoint is cleared.",
        examples=[["/c-init-nosig"]],
    )
    docker_init: bool = Field(
        False,
        description="Put the engine's own small init before it (Compose's `init: true`).",
        examples=[True],
    )
    entrypoint: Words | None = Field(
        None, description="Replaces the image's entrypoint.", examples=[["/entrypoint.sh"]]
    )
    command: Words | None = Field(
        None, description="Replaces the image's command.", examples=[["nginx", "-g", "daemon off;"]]
    )
    environment: Annotated[
        dict[str, Text],
        BeforeValidator(_environment, json_schema_input_type=dict[str, Text] | list[str]),
    ] = Field(
        default_factory=dict,
        description="Environment variables, as a mapping or a list of NAME=value.",
        examples=[{"LOG_LEVEL": "debug"}],
    )
    user: Text = Field("", description="The user, and after a colon the group.", examples=["1000"])
    working_dir: Text = Field("", description="The working directory.", examples=["/srv"])
    hostname: Text = Field("", description="The host name inside.", examples=["web"])
    stop_signal: SignalName | None = Field(
        None, description="The signal of a stop (default: the image's).", examples=["SIGQUIT"]
    )
    stop_grace_period: GracePeriod = Field(
        10.0, description="How long a stop waits before SIGKILL.", examples=["30s"]
    )
    network_mode: NonEmptyText = Field(
        "none", description="The network; none is fastest and the default.", examples=["bridge"]
    )
    cap_add: Texts = Field(
        default_factory=list, description="Capabilities to add.", examples=[["SYS_PTRACE"]]
    )
    cap_drop: Texts = Field(
        default_factory=list, description="Capabilities to drop.", examples=[["KILL"]]
    )
    security_opt: Texts = Field(
        default_factory=list,
        description="Security options.",
        examples=[["no-new-privileges"]],
    )
    read_only: bool = Field(
        False, description="Mount the root file system read-only.", examples=[True]
    )
    tmpfs: Texts = Field(
        default_factory=list, description="Folders in memory.", examples=[["/run"]]
    )
    mem_limit: Size | None = Field(
        None, description="The memory limit, in bytes or as 64m.", examples=["64m"]
    )
    pids_limit: Annotated[int, Field(ge=1)] | None = Field(
        None, description="How many processes there may be.", examples=[100]
    )
    volumes: Texts = Field(
        default_factory=list,
        description="Volumes and folders to mount, as SOURCE:TARGET or SOURCE:TARGET:ro.",
        examples=[["data:/var/lib/data"]],
    )
    ulimits: dict[
        str,
        Annotated[
            UlimitModel,
            BeforeValidator(_ulimit, json_schema_input_type=int | UlimitModel),
        ],
    ] = Field(
        default_factory=dict,
        description="Resource limits by name, one number or soft and hard.",
        examples=[{"nofile": 1024, "core": {"soft": 0, "hard": 0}}],
    )
    sysctls: dict[str, Text] = Field(
        default_factory=dict,
        description="Kernel parameters of the container's namespaces.",
        examples=[{"kernel.msgmax": 65536}],
    )
    platform: Text = Field("", description="The platform of the image.", examples=["linux/amd64"])
    ready: Condition | None = Field(
        None,
        description=(
            "When the container is ready for the first step (default: init has exec'd its program "
            "and come to rest)."
        ),
        examples=[{"logs": "listening"}],
    )

    @model_validator(mode="after")
    def _one_image(self) -> ContainerModel:
        if self.image is None and self.build is None:
            raise wrong("the container has no image", "give `image: NAME` or `build: FOLDER`")
        if self.image is not None and self.build is not None:
            raise wrong(
                "an image is either named or built", "leave out `image` or `build`", "build"
            )
        if self.init is not None and (self.entrypoint is not None or self.command is not None):
            other = "entrypoint" if self.entrypoint is not None else "command"
            raise wrong(f"`init` already says what is run, so there is no `{other}`", key=other)
        return self

    def readiness(self) -> Expectation:
        """Give the readiness, the default one if the scenario names none."""
        return self.ready.record(within_s=READY_WITHIN_S) if self.ready else SETTLED

    def record(self, image: ImageSource) -> ContainerPlan:
        """Give the record of the model, with the image found."""

        def given(words: list[Any] | None) -> tuple[str, ...] | None:
            return tuple(words) if words is not None else None

        return ContainerPlan(
            image=image,
            init=given(self.init),
            entrypoint=given(self.entrypoint),
            command=given(self.command),
            docker_init=self.docker_init,
            environment=self.environment,
            user=self.user,
            working_dir=self.working_dir,
            hostname=self.hostname,
            stop_signal=self.stop_signal,
            stop_grace_s=self.stop_grace_period,
            network_mode=self.network_mode,
            cap_add=tuple(self.cap_add),
            cap_drop=tuple(self.cap_drop),
            security_opt=tuple(self.security_opt),
            read_only=self.read_only,
            tmpfs=tuple(self.tmpfs),
            mem_limit=self.mem_limit,
            pids_limit=self.pids_limit,
            volumes=tuple(self.volumes),
            ulimits=tuple(Ulimit(name, one.soft, one.hard) for name, one in self.ulimits.items()),
            sysctls=self.sysctls,
            platform=self.platform,
        )
