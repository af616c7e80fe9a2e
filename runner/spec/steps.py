"""
Steps: a mapping with exactly one kind, and keywords beside it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator

from runner.errors import Where
from runner.kernel.signals import Signal
from runner.model.expectation import Expectation
from runner.model.step import (
    Action,
    Addressee,
    Exec,
    Look,
    Pause,
    Sender,
    SendSignals,
    Step,
    Stop,
    Target,
    Unpause,
    Wait,
)
from runner.spec.base import MAPPING, WORD, Strict, word_or_mapping, wrong
from runner.spec.conditions import Condition
from runner.spec.fields import (
    Argv,
    Duration,
    GracePeriod,
    NonEmptyText,
    Placeholder,
    PositiveDuration,
    SignalInput,
    SignalName,
    Signals,
    Text,
    Title,
    as_words,
    shown,
)
from runner.spec.plain import Plain
from runner.spec.processes import SelectorModel
from runner.spec.titles import step_title

WAIT_WITHIN_S: Final = 10.0
KINDS: Final = ("wait", "signal", "stop", "exec", "pause", "unpause", "include", "expect")


def _signal_short(value: Plain) -> object:
    return value if isinstance(value, dict) else {"send": value}


def _stop_short(value: Plain) -> object:
    if value is True:
        return {}
    return value if isinstance(value, dict) else {"grace": value}


def _exec_short(value: Plain) -> object:
    return value if isinstance(value, dict) else {"argv": as_words(value)}


def _as_it_is(value: Plain) -> Plain:
    return value


def _include_short(value: Plain) -> object:
    return {"file": value} if isinstance(value, str) else value


def _wait_short(value: Plain) -> object:
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
        | Annotated[SelectorModel, Tag(MAPPING)],
        word_or_mapping(),
    ] = Field(
        "init",
        description="The target: init, init's process group, all processes, or a selector.",
        examples=["init", {"comm": "worker"}],
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

    def record(self) -> SendSignals:
        """Give the record of the model."""
        to: Target = self.to.record() if isinstance(self.to, SelectorModel) else Addressee(self.to)
        default = Sender.HOST if to is Addressee.INIT else Sender.INSIDE
        return SendSignals(
            signals=tuple(self.send),
            to=to,
            sender=Sender(self.from_) if self.from_ else default,
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

    def record(self) -> Stop:
        """Give the record of the model."""
        signal: Signal | None = self.signal
        return Stop(grace_s=self.grace, signal=signal)


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

    def record(self) -> Exec:
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

    def record(self, ready: Expectation) -> Expectation:
        """Give the expectation to wait for."""
        if isinstance(self.until, str):
            return Expectation(ready.checks, self.within or ready.within_s)
        return self.until.record(within_s=self.within or WAIT_WITHIN_S)


class StepModel(Strict):
    """One step: exactly one kind, and keywords beside it; `expect` may go with most."""

    name: Title | None = Field(
        None, description="What reports call the step.", examples=["stop gracefully"]
    )
    wait: Annotated[
        WaitStep | None,
        BeforeValidator(_wait_short, json_schema_input_type=Literal["ready"] | WaitStep),
    ] = Field(
        None,
        description="Wait until the container is ready, or for a condition.",
        examples=["ready", {"until": {"logs": "listening"}, "within": "30s"}],
    )
    signal: Annotated[
        SignalStep | None,
        BeforeValidator(
            _signal_short,
            json_schema_input_type=SignalInput | list[SignalInput] | SignalStep,
        ),
    ] = Field(
        None,
        description="Send signals to init or other processes, from inside or from the host.",
        examples=["SIGTERM", {"send": "SIGKILL", "to": "init", "from": "inside"}],
    )
    stop: Annotated[
        StopStep | None,
        BeforeValidator(_stop_short, json_schema_input_type=GracePeriod | Literal[True] | StopStep),
    ] = Field(
        None,
        description="Stop the container as the engine does, with a grace period.",
        examples=["10s", {"grace": "10s"}],
    )
    exec: Annotated[
        ExecStep | None,
        BeforeValidator(_exec_short, json_schema_input_type=Argv | ExecStep),
    ] = Field(
        None,
        description="Run one more program in the container.",
        examples=[["nginx", "-t"], {"argv": ["sleep", "100"], "detach": True}],
    )
    pause: JustTrue = Field(
        None, description="Freeze all processes of the container.", examples=[True]
    )
    unpause: JustTrue = Field(None, description="Let a paused container go on.", examples=[True])
    include: Annotated[
        IncludeStep | None,
        BeforeValidator(_include_short, json_schema_input_type=str | IncludeStep),
    ] = Field(
        None,
        description="Carry out the steps of another file here.",
        examples=["common/ready.yml", {"file": "common/stop.yml", "vars": {"grace": "5s"}}],
    )
    when: NonEmptyText | None = Field(
        None,
        description="An expression over facts of the engine and variables; if false, skip it.",
        examples=["cgroup == 'v2'"],
    )
    ignore_errors: bool = Field(
        False,
        description="Go on, and let the case pass, whatever becomes of this step.",
        examples=[True],
    )
    loop: Annotated[
        list[Any] | None,
        BeforeValidator(_as_it_is, json_schema_input_type=list[Any] | Placeholder),
    ] = Field(
        None,
        description="Carry out the step for each entry, which is {{ item }}.",
        examples=[["SIGTERM", "SIGINT"]],
    )
    expect: Condition | None = Field(
        None,
        description="What must be so after the step; on its own, what must be so now.",
        examples=[{"init": {"exited": 0}, "within": "3s"}],
    )

    @model_validator(mode="before")
    @classmethod
    def _exactly_one_kind(cls, value: Plain) -> Plain:
        if not isinstance(value, dict):
            return value
        kinds = [key for key in value if key in KINDS and key != "expect"]
        if len(kinds) > 1:
            raise wrong(
                f"a step has one kind, this one has {' and '.join(kinds)}",
                "make two steps of it",
                kinds[1],
            )
        if not kinds and "expect" not in value and set(value) <= {"name", "when", "ignore_errors"}:
            raise wrong("this step does nothing", f"give one of {', '.join(KINDS)}")
        return value

    @model_validator(mode="after")
    def _something_to_do(self) -> StepModel:
        if self.wait is not None and self.expect is not None:
            raise wrong(
                "a wait already says what it waits for", "make the `expect` a step", "expect"
            )
        if all(getattr(self, kind) is None for kind in KINDS):
            raise wrong("this step does nothing", f"give one of {', '.join(KINDS)}")
        return self

    def acts(self) -> bool:
        """Say whether the step does something that needs a running init."""
        doing = (self.signal, self.stop, self.exec, self.pause, self.unpause)
        return any(one is not None for one in doing)

    def expects_the_end(self) -> bool:
        """Say whether init is gone for sure once the step has passed."""
        if self.when is not None or self.ignore_errors or self.expect is None:
            return False
        init = self.expect.init
        return init is not None and (init.exited is not None or init.state == "never_started")

    def record(self, where: Where, ready: Expectation) -> Step:
        """Give the record of the model. `ready` is the readiness of the container."""
        expectation = self.expect.record() if self.expect else None
        action: Action = Look()
        if self.wait is not None:
            action, expectation = Wait(), self.wait.record(ready)
        elif self.signal is not None:
            action = self.signal.record()
        elif self.stop is not None:
            action = self.stop.record()
        elif self.exec is not None:
            action = self.exec.record()
        elif self.pause is not None:
            action = Pause()
        elif self.unpause is not None:
            action = Unpause()
        until_ready = self.wait is not None and self.wait.until == "ready"
        title = self.name or step_title(action, expectation, until_ready=until_ready)
        return Step(
            title,
            where,
            action,
            expectation,
            when=self.when or "",
            ignore_errors=self.ignore_errors,
        )
