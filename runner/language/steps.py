"""
Steps: a mapping with exactly one kind, and keywords beside it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.errors import Where
from runner.language import contradictions
from runner.language.base import Strict, wrong
from runner.language.conditions import Condition
from runner.language.fields import (
    Argv,
    GracePeriod,
    NonEmptyText,
    Placeholder,
    SignalsInput,
    Tags,
    Title,
)
from runner.language.plain import Plain
from runner.language.step_kinds import (
    ExecStep,
    IncludeStep,
    JustTrue,
    RestartStep,
    SignalStep,
    StopStep,
    WaitStep,
    WriteStep,
    exec_short,
    include_short,
    signal_short,
    stop_short,
    wait_short,
    write_short,
)
from runner.language.titles import step_title
from runner.model.expectation import Expectation
from runner.model.step import (
    Action,
    Look,
    Pause,
    Start,
    Step,
    Unpause,
    Wait,
)

KINDS: Final = (
    "wait",
    "signal",
    "stop",
    "restart",
    "start",
    "exec",
    "write",
    "pause",
    "unpause",
    "include",
    "expect",
)


_KEYWORDS: Final = {"name", "on", "tags", "when", "ignore_errors"}


def _as_it_is(value: Plain) -> Plain:
    return value


class StepModel(Strict):
    """One step: exactly one kind, and keywords beside it; `expect` may go with most."""

    name: Title | None = Field(
        None, description="What reports call the step.", examples=["stop gracefully"]
    )
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
    exec: Annotated[
        ExecStep | None,
        BeforeValidator(exec_short, json_schema_input_type=Argv | ExecStep),
    ] = Field(
        None,
        description="Run one more program in the container.",
        examples=[["nginx", "-t"], {"argv": ["sleep", "100"], "detach": True}],
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
    start: JustTrue = Field(
        None, description="Start init of a container that has ended.", examples=[True]
    )
    write: Annotated[
        WriteStep | None,
        BeforeValidator(write_short, json_schema_input_type=str | WriteStep),
    ] = Field(
        None,
        description="Write to init's standard input; with `tty: true`, \\x03 is Ctrl-C.",
        examples=["quit\n", {"text": "last\n", "close": True}],
    )
    pause: JustTrue = Field(
        None, description="Freeze all processes of the container.", examples=[True]
    )
    unpause: JustTrue = Field(None, description="Let a paused container go on.", examples=[True])
    include: Annotated[
        IncludeStep | None,
        BeforeValidator(include_short, json_schema_input_type=str | IncludeStep),
    ] = Field(
        None,
        description="Carry out the steps of another file here.",
        examples=["common/ready.yml", {"file": "common/stop.yml", "vars": {"grace": "5s"}}],
    )
    on: NonEmptyText | None = Field(
        None,
        description="The container that the step is about, where there are several.",
        examples=["app"],
    )
    tags: Tags = Field(
        default_factory=list,
        description="Words to select steps by, beside those of the scenario.",
        examples=[["slow"]],
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
        if not kinds and "expect" not in value and set(value) <= _KEYWORDS:
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

    @model_validator(mode="after")
    def _no_contradiction(self) -> StepModel:
        found = None
        if self.expect is not None:
            found = contradictions.in_step(
                self.expect,
                restarts=self.restart is not None,
                starts=self.start is not None,
            )
        if found is not None:
            raise found
        return self

    @model_validator(mode="after")
    def _within_the_grace(self) -> StepModel:
        grace_s = self.stop.grace if self.stop is not None else None
        shutdown = self.expect.shutdown if self.expect is not None else None
        if grace_s is None or shutdown is None or not shutdown.escalated:
            return self
        if shutdown.at_most is not None and shutdown.at_most < grace_s:
            raise wrong(
                f"a stop escalates only after its grace period, {grace_s:g} s",
                f"give an at_most above {grace_s:g}s, or a shorter grace period",
                "expect",
                "shutdown",
                "at_most",
            )
        return self

    def needs_init(self) -> bool:
        """Say whether the step does something that needs a running init."""
        doing = (self.signal, self.stop, self.exec, self.write, self.pause, self.unpause)
        return any(one is not None for one in doing)

    def expects_the_end(self) -> bool:
        """Say whether init is gone for sure once the step has passed."""
        if self.when is not None or self.ignore_errors or self.expect is None:
            return False
        return self.expect.init is not None and self.expect.init.ends()

    def expects_no_start(self) -> bool:
        """Say whether init has never started for sure once the step has passed."""
        expects = self.expect.init if self.expect is not None and self.expects_the_end() else None
        return expects is not None and expects.state == "never_started"

    def _action(self) -> Action:
        if self.wait is not None:
            return Wait()
        doing = (self.signal, self.stop, self.restart, self.exec, self.write)
        given = next((one for one in doing if one is not None), None)
        if given is not None:
            return given.to_domain()
        if self.start is not None:
            return Start()
        if self.pause is not None:
            return Pause()
        return Unpause() if self.unpause is not None else Look()

    def to_domain(self, where: Where, *, on: str, ready: Expectation) -> Step:
        """Give the record of the model, about the container `on`, whose readiness is `ready`."""
        action, expectation = self._action(), self.expect.to_domain() if self.expect else None
        if self.wait is not None:
            expectation = self.wait.to_domain(ready)
        until_ready = self.wait is not None and self.wait.until == "ready"
        title = self.name or step_title(action, expectation, until_ready=until_ready)
        return Step(
            title,
            where,
            action,
            expectation,
            on=on,
            tags=tuple(self.tags),
            when=self.when or "",
            ignore_errors=self.ignore_errors,
        )
