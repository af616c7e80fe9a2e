"""
The kinds of step: each in its long form, what its short forms mean, and the table of them all.

A kind with much to say has a file of its own.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.language.base import Strict, wrong
from runner.language.fields import (
    Argv,
    GracePeriod,
    SignalName,
    SignalsInput,
    Text,
    Title,
    as_words,
    shown,
    truth_advice,
)
from runner.language.plain import Plain
from runner.language.signal_step import SignalStep, signal_short
from runner.language.step_form import StepForm
from runner.language.wait_step import WaitStep, wait_short
from runner.model.step import Exec, Pause, Restart, Start, Stop, Unpause, Write


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


def just_true(value: Plain) -> object:
    """Take `true` for a kind that has no more to say."""
    if value is not True:
        raise wrong(
            f"expected true, not {shown(value)}", truth_advice(value, "it takes nothing else")
        )
    return {}


def _grace(grace_s: float | None) -> str:
    return f" (grace {grace_s:g} s)" if grace_s is not None else ""


class StopStep(StepForm):
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
        """Return the record of the model."""
        return Stop(grace_s=self.grace, signal=self.signal)

    def title(self) -> str:
        """Say with which signal, and how long it may take."""
        return "stop" + (f" with {self.signal}" if self.signal else "") + _grace(self.grace)


class RestartStep(StepForm):
    """Let the engine stop the container and start it again; what is expected, of the new init."""

    grace: GracePeriod | None = Field(
        None,
        description="How long the engine waits before SIGKILL (default: the container's).",
        examples=["10s"],
    )

    def to_domain(self) -> Restart:
        """Return the record of the model."""
        return Restart(grace_s=self.grace)

    def title(self) -> str:
        """Return how long the stop may take."""
        return "restart" + _grace(self.grace)


class StartStep(StepForm):
    """Start init of a container that has ended; there is no more to say."""

    def to_domain(self) -> Start:
        """Return the record of the model."""
        return Start()

    def title(self) -> str:
        """Say it in the word itself."""
        return "start"


class ExecStep(StepForm):
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
        description="Do not wait for its end.",
        examples=[True],
    )

    def to_domain(self) -> Exec:
        """Return the record of the model."""
        return Exec(
            tuple(self.argv),
            user=self.user,
            env=self.env,
            detach=self.detach,
            stdin=self.stdin,
        )

    def title(self) -> str:
        """Return which program."""
        return f"exec {' '.join(self.argv)}" + (" (detached)" if self.detach else "")


class WriteStep(StepForm):
    """Write to init's standard input, which `stdin_open: true` keeps open."""

    text: Text = Field("", description="What to write.", examples=["quit\n", "\x03"])
    close: bool = Field(False, description="Then let it find the end.", examples=[True])

    @model_validator(mode="after")
    def _says_something(self) -> WriteStep:
        if not self.text and not self.close:
            raise wrong("this writes nothing", 'give text, or close: true, as in "quit\\n"')
        return self

    def to_domain(self) -> Write:
        """Return the record of the model."""
        return Write(self.text, close=self.close)

    def title(self) -> str:
        """Return what is written."""
        return f"write {self.text!r}" + (" and close" if self.close else "")


class PauseStep(StepForm):
    """Freeze all processes of the container; there is no more to say."""

    def to_domain(self) -> Pause:
        """Return the record of the model."""
        return Pause()

    def title(self) -> str:
        """Say it in the word itself."""
        return "pause"


class UnpauseStep(StepForm):
    """Let a paused container go on; there is no more to say."""

    def to_domain(self) -> Unpause:
        """Return the record of the model."""
        return Unpause()

    def title(self) -> str:
        """Say it in the word itself."""
        return "unpause"


class IncludeStep(Strict):
    """A file that holds a list of steps."""

    file: Text = Field(
        description="The file, a path from the one that includes it.", examples=["common/ready.yml"]
    )
    vars: dict[str, Any] = Field(
        default_factory=dict, description="Variables for its steps.", examples=[{"grace": "5s"}]
    )


class NamedModel(Strict):
    """What has a name that reports call it by."""

    name: Title | None = Field(
        None, description="What reports call the step.", examples=["stop gracefully"]
    )


class StepKinds(NamedModel):
    """
    The table of the kinds, an entry for each: the key, its long form, what may be written for it.

    Everything else follows: `KINDS`, the JSON Schema, the reference, and through the long forms
    what is done and what it is called.
    """

    wait: Annotated[
        WaitStep | None,
        BeforeValidator(wait_short, json_schema_input_type=Literal["ready"] | WaitStep),
    ] = Field(
        None,
        description="Wait until the container is ready, or for a condition.",
        examples=["ready", {"until": {"logs": "listening"}, "within": "30s"}],
    )
    signal: Annotated[
        SignalStep | None,
        BeforeValidator(
            signal_short,
            json_schema_input_type=SignalsInput | SignalStep,
        ),
    ] = Field(
        None,
        description="Send signals to init or other processes, from inside or from the host.",
        examples=["SIGTERM", {"send": "SIGKILL", "to": "init", "from": "inside"}],
    )
    stop: Annotated[
        StopStep | None,
        BeforeValidator(stop_short, json_schema_input_type=GracePeriod | Literal[True] | StopStep),
    ] = Field(
        None,
        description="Stop the container as the engine does, with a grace period.",
        examples=["10s", {"grace": "10s"}],
    )
    restart: Annotated[
        RestartStep | None,
        BeforeValidator(
            stop_short, json_schema_input_type=GracePeriod | Literal[True] | RestartStep
        ),
    ] = Field(
        None,
        description="Stop the container as the engine does, and start it again.",
        examples=[True, {"grace": "5s"}],
    )
    start: Annotated[
        StartStep | None,
        BeforeValidator(just_true, json_schema_input_type=Literal[True]),
    ] = Field(None, description="Start init of a container that has ended.", examples=[True])
    exec: Annotated[
        ExecStep | None,
        BeforeValidator(exec_short, json_schema_input_type=Argv | ExecStep),
    ] = Field(
        None,
        description="Run one more program in the container.",
        examples=[["nginx", "-t"], {"argv": ["sleep", "100"], "detach": True}],
    )
    write: Annotated[
        WriteStep | None,
        BeforeValidator(write_short, json_schema_input_type=str | WriteStep),
    ] = Field(
        None,
        description="Write to init's standard input; with `tty: true`, \\x03 is Ctrl-C.",
        examples=["quit\n", {"text": "last\n", "close": True}],
    )
    pause: Annotated[
        PauseStep | None,
        BeforeValidator(just_true, json_schema_input_type=Literal[True]),
    ] = Field(None, description="Freeze all processes of the container.", examples=[True])
    unpause: Annotated[
        UnpauseStep | None,
        BeforeValidator(just_true, json_schema_input_type=Literal[True]),
    ] = Field(None, description="Resume a paused container.", examples=[True])
    include: Annotated[
        IncludeStep | None,
        BeforeValidator(include_short, json_schema_input_type=str | IncludeStep),
    ] = Field(
        None,
        description="Carry out the steps of another file here.",
        examples=["common/ready.yml", {"file": "common/stop.yml", "vars": {"grace": "5s"}}],
    )


KINDS: Final = (
    *(key for key in StepKinds.model_fields if key not in NamedModel.model_fields),
    "expect",
)
"""The keys of which a step has one; `expect`, which goes with most of them, may stand alone."""
