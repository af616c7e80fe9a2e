"""
Values of the container's keys as the Compose file spells them, short forms and long ones.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from runner.language.base import Strict, wrong
from runner.language.fields import (
    Argv,
    Duration,
    NonEmptyText,
    PositiveDuration,
    Text,
    as_words,
    parse_text,
    shown,
)
from runner.language.plain import Plain
from runner.model.container import HOST_PID, Healthcheck, RestartPolicy

_SIZE = re.compile(r"([0-9]{1,15})([bkmg]?)b?", re.IGNORECASE | re.ASCII)
_FACTORS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def _size(value: Plain) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong(f"{shown(value)} is not a size in bytes", "as in 64m, 1g or 67108864")
    size = int(match[1]) * _FACTORS[match[2].lower()]
    if size == 0:
        raise wrong("a limit of 0 means no limit", "leave it out, or give a size as in 64m")
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
        raise wrong(
            f"{shown(value)} is not a valid limit", "as in 1024 or {soft: 1024, hard: 4096}"
        )
    return value


Words = Annotated[list[Text], BeforeValidator(as_words, json_schema_input_type=list[str | int])]
Init = Annotated[
    Argv,
    BeforeValidator(
        as_words, json_schema_input_type=Annotated[list[str | int], Field(min_length=1)]
    ),
]
SizeInput = (
    Annotated[str, Field(pattern=r"^(?=0*[1-9])[0-9]{1,15}[bkmgBKMG]?[bB]?$")]
    | Annotated[int, Field(ge=1)]
)
Size = Annotated[int, BeforeValidator(_size, json_schema_input_type=SizeInput)]
Variable = Annotated[str, Field(pattern="^[^=]+=", examples=["LOG_LEVEL=debug"])]
Limit = Annotated[int, Field(ge=-1)]


class UlimitModel(Strict):
    """A soft limit and the hard one above it; -1 means unlimited."""

    soft: Limit = Field(description="The limit in force.", examples=[1024])
    hard: Limit = Field(description="The most it can be set to.", examples=[4096])


Environment = Annotated[
    dict[str, Text],
    BeforeValidator(_environment, json_schema_input_type=dict[str, Text] | list[Variable]),
]
UlimitValue = Annotated[
    UlimitModel, BeforeValidator(_ulimit, json_schema_input_type=Limit | UlimitModel)
]

_RESTART = re.compile(r"(no|always|unless-stopped|on-failure)(?::([1-9]\d{0,3}))?")
_VOLUME_ADVICE = "as in data:/var/lib/data, ./conf:/etc/app:ro or {type, source, target}"


def _restart(value: Plain) -> RestartPolicy:
    match = _RESTART.fullmatch(value) if isinstance(value, str) else None
    if match is None or (match[2] and match[1] != "on-failure"):
        raise wrong(
            f"{shown(value)} is not a valid restart policy",
            "no, always, unless-stopped, on-failure or on-failure:3",
        )
    return RestartPolicy(cast("Any", match[1]), int(match[2] or 0))


def _policy_text(policy: RestartPolicy) -> str:
    return f"{policy.name}:{policy.most_retries}" if policy.most_retries else policy.name


def _pid(value: Plain) -> str:
    text = parse_text(value)
    name = text.removeprefix("container:")
    if text != HOST_PID and (name == text or not name):
        raise wrong(f"{shown(value)} is not a valid PID namespace", "host, or container:NAME")
    return text


def _volume(value: Plain) -> object:
    if isinstance(value, dict):
        return value
    source, colon, rest = parse_text(value).partition(":")
    target, _, mode = rest.partition(":")
    if not colon:
        source, target = "", source
    if not target.startswith("/") or mode not in {"", "rw", "ro"}:
        raise wrong(f"{shown(value)} is not a valid volume", _VOLUME_ADVICE)
    kind = "bind" if source.startswith((".", "/", "~")) else "volume"
    return {"type": kind, "source": source, "target": target, "read_only": mode == "ro"}


def _healthcheck_test(value: Plain) -> object:
    if isinstance(value, str):
        return ["CMD-SHELL", value]
    if isinstance(value, list) and (not value or value[0] not in ("CMD", "CMD-SHELL", "NONE")):
        raise wrong("a list begins with CMD, CMD-SHELL or NONE", "as in [CMD, /bin/check]")
    return value


Restart = Annotated[
    Any,
    BeforeValidator(
        _restart,
        json_schema_input_type=Annotated[
            str, Field(pattern=r"^(no|always|unless-stopped|on-failure(:[1-9]\d{0,3})?)$")
        ],
    ),
    PlainSerializer(_policy_text),
]
PidNamespace = Annotated[
    str,
    BeforeValidator(
        _pid, json_schema_input_type=Annotated[str, Field(pattern=r"^(host|container:.+)$")]
    ),
]


class VolumeModel(Strict):
    """Something to mount."""

    type: Literal["volume", "bind", "tmpfs"] = Field(
        "volume", description="A volume, a folder or file, or memory.", examples=["bind"]
    )
    source: Text = Field(
        "",
        description="The volume's name, or a path (one that begins with a dot is from this file).",
        examples=["data", "./conf"],
    )
    target: NonEmptyText = Field(
        description="Where it is seen in the container.", examples=["/var/lib/data"]
    )
    read_only: bool = Field(False, description="Not to be written to.", examples=[True])

    @model_validator(mode="after")
    def _fits_its_type(self) -> VolumeModel:
        if not self.target.startswith("/"):
            raise wrong(f"'{self.target}' is not an absolute path", "as in /data", key="target")
        if self.type == "bind" and not self.source:
            raise wrong("a bind mount needs a source", "as in source: ./conf")
        if self.type == "tmpfs" and self.source:
            raise wrong("memory has no source", "leave it out", key="source")
        return self


Volume = Annotated[
    VolumeModel,
    BeforeValidator(
        _volume,
        json_schema_input_type=Annotated[str, Field(pattern=r"^(/[^:]*|[^:]+:/[^:]*(:(ro|rw))?)$")]
        | VolumeModel,
    ),
]


class HealthcheckModel(Strict):
    """A command by which the engine finds out how the container is."""

    test: Annotated[
        Argv,
        BeforeValidator(
            _healthcheck_test,
            json_schema_input_type=str | Annotated[list[str | int], Field(min_length=1)],
        ),
    ] = Field(
        description="A command line for a shell, or [CMD, ...], [CMD-SHELL, ...], [NONE].",
        examples=["test -e /tmp/up", ["CMD", "/bin/check"]],
    )
    interval: PositiveDuration = Field(
        30.0, description="How long between two checks.", examples=["1s"]
    )
    timeout: PositiveDuration = Field(
        30.0, description="How long one check may take.", examples=["5s"]
    )
    retries: int = Field(
        3, ge=1, le=100, description="So many failures in a row are unhealthy.", examples=[1]
    )
    start_period: Duration = Field(
        0.0, description="How long after the start failures do not count.", examples=["10s"]
    )

    def to_domain(self) -> Healthcheck:
        """Return the record of the model."""
        return Healthcheck(
            tuple(self.test), self.interval, self.timeout, self.retries, self.start_period
        )
