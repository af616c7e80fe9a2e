"""
The container of a scenario: the keys of the Compose file, and three of ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.language.base import Strict, wrong
from runner.language.compose import (
    Environment,
    HealthcheckModel,
    Init,
    PidNamespace,
    Restart,
    Size,
    UlimitValue,
    Volume,
    VolumeModel,
    Words,
)
from runner.language.conditions import Condition
from runner.language.fields import GracePeriod, NonEmptyInput, NonEmptyText, SignalName, Text, Texts
from runner.language.plain import Plain
from runner.model.case import READY_WITHIN_S, SETTLED
from runner.model.container import ContainerPlan, ImageSource, RestartPolicy, Ulimit
from runner.model.expectation import Expectation


def _build_short(value: Plain) -> object:
    return {"context": value} if isinstance(value, str) else value


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
        BuildModel | None,
        BeforeValidator(_build_short, json_schema_input_type=NonEmptyInput | BuildModel),
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
    environment: Environment = Field(
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
    volumes: list[Volume] = Field(
        default_factory=list[VolumeModel],
        description="Volumes and folders to mount, as SOURCE:TARGET, SOURCE:TARGET:ro or mappings.",
        examples=[["data:/var/lib/data", "./conf:/etc/app:ro"]],
    )
    ulimits: dict[str, UlimitValue] = Field(
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
    tty: bool = Field(False, description="Give init a terminal.", examples=[True])
    stdin_open: bool = Field(
        False, description="Keep init's standard input open, for `write`.", examples=[True]
    )
    restart: Restart = Field(
        RestartPolicy(),
        description="When the engine restarts init: no, always, unless-stopped, on-failure[:N].",
        examples=["on-failure:2"],
    )
    pid: PidNamespace | None = Field(
        None,
        description="Share the PID namespace of the host, or of another of the `containers`.",
        examples=["container:app", "host"],
    )
    healthcheck: HealthcheckModel | None = Field(
        None,
        description="How the engine finds out how the container is.",
        examples=[{"test": "test -e /tmp/up", "interval": "1s"}],
    )
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

    def shares_pid_of(self) -> str:
        """Name the container whose PID namespace it shares; "" if it is none of the case's."""
        pid = self.pid or ""
        return pid.removeprefix("container:") if pid.startswith("container:") else ""

    def readiness(self) -> Expectation:
        """Return the readiness, the default one if the scenario names none."""
        return self.ready.to_domain(within_s=READY_WITHIN_S) if self.ready else SETTLED

    def to_domain(self, image: ImageSource, folder: Path) -> ContainerPlan:
        """Return the record of the model, with the image found; paths are from the folder."""

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
            tmpfs=(*self.tmpfs, *(one.target for one in self.volumes if one.type == "tmpfs")),
            mem_limit=self.mem_limit,
            pids_limit=self.pids_limit,
            volumes=tuple(_mount(one, folder) for one in self.volumes if one.type != "tmpfs"),
            ulimits=tuple(Ulimit(name, one.soft, one.hard) for name, one in self.ulimits.items()),
            sysctls=self.sysctls,
            platform=self.platform,
            tty=self.tty,
            stdin_open=self.stdin_open,
            restart=self.restart,
            pid=self.shares_pid_of() or self.pid or "",
            healthcheck=self.healthcheck.to_domain() if self.healthcheck else None,
        )


def bind_source(source: str, folder: Path) -> str:
    """Return the absolute path of what a bind mount shows; paths are from the folder."""
    return os.path.normpath(folder / Path(source).expanduser())


def missing_binds(container: ContainerModel, folder: Path) -> Iterator[tuple[int, str, str]]:
    """
    Yield the number of each bind mount whose source is not there, the source, and its path.

    Of an absolute path only the engine knows, which may be on another machine.
    """
    for number, one in enumerate(container.volumes):
        if one.type != "bind" or one.source.startswith("/"):
            continue
        path = bind_source(one.source, folder)
        if not os.path.lexists(path):
            yield number, one.source, path


def _mount(volume: VolumeModel, folder: Path) -> str:
    source = volume.source
    if volume.type == "bind":
        source = bind_source(source, folder)
    words = [source, volume.target] if source else [volume.target]
    return ":".join([*words, "ro"] if volume.read_only else words)
