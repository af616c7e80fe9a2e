"""
The kinds of step, in their long forms, and what their short forms mean.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator

from runner.kernel.signals import Signal
from runner.language.base import MAPPING, WORD, Strict, word_or_mapping, wrong
from runner.language.conditions import Condition
from runner.language.fields import (
    Argv,
    Duration,
    GracePeriod,
    PositiveDuration,
    SignalName,
    Signals,
    Text,
    as_words,
    shown,
)
from runner.language.plain import Plain
from runner.language.selectors import TargetModel
from runner.model.expectation import Expectation
from runner.model.step import (
    Addressee,
    Exec,
    Restart,
    Sender,
    SendSignals,
    Stop,
    Write,
)

WAIT_WITHIN_S: Final = 10.0


def signal_short(value: Plain) -> object:
    """Take the short form of `signal`."""
    return value if isinstance(value, dict) else {"send": value}


def stop_short(value: Plain) -> object:
    """Take the short form of `stop`."""
    if value is True:
        return {}
    return value if isinstance(value, dict) else {"grace": value}


def write_short(value: Plain) -> object:
    """Take the short form of `write`."""
    return value if isinstance(value, dict) else {"text": value}


def exec_short(value: Plain) -> object:
    """Take the short form of `exec`."""
    return value if isinstance(value, dict) else {"argv": as_words(value)}


def include_short(value: Plain) -> object:
    """Take the short form of `include`."""
    return {"file": value} if isinstance(value, str) else value


def wait_short(value: Plain) -> object:
    """Take the short form of `wait`."""
    return {"until": value} if isinstance(value, str) else value


def _true(value: Plain) -> Plain:
    if value is not True:
        raise wrong(f"expected true, not {shown(value)}", "it takes nothing else")
    return value


JustTrue = Annotated[bool | None, BeforeValidator(_true, json_schema_input_type=Literal[True])]


class SignalStep(Strict):
    """Send signals."""

    send: Signals = Field(
        description="One signal by name or number, or a list that is sent in order.",
        examples=["SIGTERM", ["SIGTERM", "SIGINT"], "RTMIN+3"],
    )
    to: Annotated[
        Annotated[Literal["init", "group", "all"], Tag(WORD)]
        | Annotated[TargetModel, Tag(MAPPING)],
        word_or_mapping(),
    ] = Field(
        "init",
        description=(
            "The target: init, init's process group, all processes, a selector, or the process "
            "groups of selected processes."
        ),
        examples=["init", {"comm": "worker"}, {"group_of": {"comm": "worker"}}],
    )
    from_: Literal["inside", "host"] | None = Field(
        None,
        alias="from",
        description=(
            "From a process of the same PID namespace, or from the host, an ancestor namespace. "
            "The default is `host` for init and `inside` for other targets."
        ),
        examples=["inside"],
    )
    times: int = Field(
        1, ge=1, le=10_000, description="Send the whole list so often.", examples=[3]
    )
    every: Duration = Field(0.0, description="The pause between two signals.", examples=["100ms"])

    @model_validator(mode="after")
    def _host_reaches_init_only(self) -> SignalStep:
        if self.from_ == "host" and self.to != "init":
            raise wrong(
                "from the host, the engine's API reaches init only", "use `from: inside`", "from"
            )
        return self

    def sender(self) -> Sender:
        """Say from where it is sent."""
        if self.from_ is not None:
            return Sender(self.from_)
        return Sender.HOST if self.to == "init" else Sender.INSIDE

    def to_domain(self) -> SendSignals:
        """Give the record of the model."""
        to = Addressee(self.to) if isinstance(self.to, str) else self.to.target()
        return SendSignals(
            signals=tuple(self.send),
            to=to,
            sender=self.sender(),
            times=self.times,
            every_s=self.every,
        )


class StopStep(Strict):
    """Stop the container as the engine does: the stop signal, the grace period, SIGKILL."""

    grace: GracePeriod | None = Field(
        None,
        description="How long the engine waits before SIGKILL (default: the container's).",
        examples=["10s"],
    )
    signal: SignalName | None = Field(
        None,
        description="The signal to stop with (default: the container's; needs engine API 1.42).",
        examples=["SIGQUIT"],
    )

    def to_domain(self) -> Stop:
        """Give the record of the model."""
        signal: Signal | None = self.signal
        return Stop(grace_s=self.grace, signal=signal)


class RestartStep(Strict):
    """Let the engine stop the container and start it again; what is expected, of the new init."""

    grace: GracePeriod | None = Field(
        None,
        description="How long the engine waits before SIGKILL (default: the container's).",
        examples=["10s"],
    )

    def to_domain(self) -> Restart:
        """Give the record of the model."""
        return Restart(grace_s=self.grace)


class WriteStep(Strict):
    """Write to init's standard input, which `stdin_open: true` keeps open."""

    text: Text = Field("", description="What to write.", examples=["quit\n", "\x03"])
    close: bool = Field(False, description="Then let it find the end.", examples=[True])

    @model_validator(mode="after")
    def _says_something(self) -> WriteStep:
        if not self.text and not self.close:
            raise wrong("this writes nothing", 'give text, or close: true, as in "quit\\n"')
        return self

    def to_domain(self) -> Write:
        """Give the record of the model."""
        return Write(self.text, close=self.close)


class ExecStep(Strict):
    """Run one more program in the container."""

    argv: Argv = Field(
        description="The program and its arguments; no shell is involved.",
        examples=[["nginx", "-t"]],
    )
    user: Text = Field("", description="The user to run it as.", examples=["nobody"])
    env: dict[str, Text] = Field(
        default_factory=dict, description="Environment variables to add.", examples=[{"LANG": "C"}]
    )
    stdin: Text = Field("", description="What it finds on its standard input.", examples=["yes"])
    detach: bool = Field(
        False,
        description="Go on without waiting for its end.",
        examples=[True],
    )

    def to_domain(self) -> Exec:
        """Give the record of the model."""
        return Exec(
            tuple(self.argv),
            user=self.user,
            env=self.env,
            detach=self.detach,
            stdin=self.stdin,
        )


class IncludeStep(Strict):
    """A file that holds a list of steps."""

    file: Text = Field(
        description="The file, a path from the one that includes it.", examples=["common/ready.yml"]
    )
    vars: dict[str, Any] = Field(
        default_factory=dict, description="Variables for its steps.", examples=[{"grace": "5s"}]
    )


class WaitStep(Strict):
    """Wait for something that has to be so before the case can go on."""

    until: Annotated[
        Annotated[Literal["ready"], Tag(WORD)] | Annotated[Condition, Tag(MAPPING)],
        word_or_mapping(),
    ] = Field(
        description="`ready`, or a condition; if it does not come, nothing was tested: an error.",
        examples=["ready", {"logs": "listening"}],
    )
    within: PositiveDuration | None = Field(
        None, description="How long to wait (default 10s).", examples=["30s"]
    )

    @model_validator(mode="after")
    def _one_deadline(self) -> WaitStep:
        if self.within and isinstance(self.until, Condition) and self.until.within:
            raise wrong("this wait has two deadlines", "leave out one `within`", "within")
        return self

    def to_domain(self, ready: Expectation) -> Expectation:
        """Give the expectation to wait for."""
        if isinstance(self.until, str):
            return Expectation(ready.checks, self.within or ready.within_s)
        return self.until.to_domain(within_s=self.within or WAIT_WITHIN_S)
