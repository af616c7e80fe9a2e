"""
Conditions: what `expect`, `wait.until` and `ready` may say.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.kernel.signals import Signal
from runner.language.base import Strict, wrong
from runner.language.contradictions import in_condition, in_logs
from runner.language.counts import Count, CountCondition
from runner.language.fields import (
    Duration,
    Errno,
    ExitCodes,
    Patterns,
    PatternsInput,
    PlainTexts,
    PositiveDuration,
    Regexes,
)
from runner.language.kernel_conditions import Delivered, Forwarded, OutcomeBySignal, outcome_checks
from runner.language.plain import Plain
from runner.language.processes import (
    InitCondition,
    InitWord,
    ProcessCondition,
    init_short,
)
from runner.model.expectation import (
    Bounds,
    Check,
    DeliveredWas,
    ExecEndedWith,
    Expectation,
    HealthIs,
    KillAnswered,
    LogsHave,
    OomKilled,
    OutcomeWas,
    Pattern,
    RestartsAre,
    ShutdownWas,
    Stream,
)

_NOUNS = (
    "init process processes accepted delivered outcome forwarded logs shutdown exec oom_killed "
    "restarts health"
).split()


def _logs_short(value: Plain) -> object:
    return value if isinstance(value, dict) else {"lines": value}


class LogsCondition(Strict):
    """What the container's output must have, line by line."""

    lines: Patterns | None = Field(
        None, description="Texts or /regular expressions/ that lines must have.", examples=["bye"]
    )
    contains: PlainTexts | None = Field(
        None, description="Texts that lines must have, taken literally.", examples=["bye"]
    )
    matches: Regexes | None = Field(
        None, description="Regular expressions that lines must match.", examples=["^bye"]
    )
    absent: Patterns | None = Field(
        None, description="Texts or /expressions/ that no line may have.", examples=["/panic/"]
    )
    in_order: Patterns | None = Field(
        None,
        description="Texts or /expressions/ that lines must have, one after the other.",
        examples=[["stopping", "bye"]],
    )
    stream: Literal["stdout", "stderr"] | None = Field(
        None, description="Look at one stream only.", examples=["stderr"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> LogsCondition:
        if self.check() == LogsHave():
            raise wrong(
                "this asks nothing of the logs", "give contains, matches, absent or in_order"
            )
        contradiction = in_logs(self)
        if contradiction is not None:
            raise contradiction
        return self

    def check(self) -> LogsHave:
        """Give the record of the model."""
        here = self._here
        return LogsHave(
            contains=(*here(self.lines), *here(self.contains), *here(self.matches)),
            absent=here(self.absent),
            in_order=here(self.in_order),
        )

    def _here(self, patterns: list[Pattern] | None) -> tuple[Pattern, ...]:
        stream = Stream(self.stream) if self.stream else None
        return tuple(Pattern(one.text, one.regex, stream) for one in patterns or ())


class ShutdownCondition(Strict):
    """How long the end of init took after it was asked for."""

    at_most: PositiveDuration | None = Field(
        None, description="Not longer than this.", examples=["2s"]
    )
    at_least: Duration | None = Field(None, description="Not shorter than this.", examples=["1s"])
    escalated: bool | None = Field(
        None,
        description="Whether the grace period ran out and the engine sent SIGKILL.",
        examples=[False],
    )

    @model_validator(mode="after")
    def _in_order(self) -> ShutdownCondition:
        low, high = self.at_least, self.at_most
        if low is None and high is None and self.escalated is None:
            raise wrong("this asks nothing", "give at_most, at_least or escalated")
        if low is not None and high is not None and low > high:
            raise wrong("`at_least` is above `at_most`", key="at_least")
        return self

    def check(self) -> ShutdownWas:
        """Give the record of the model."""
        timed = self.at_least is not None or self.at_most is not None
        return ShutdownWas(Bounds(self.at_least, self.at_most) if timed else None, self.escalated)


class ExecCondition(Strict):
    """How the last exec'd program must have ended, and what it must have written."""

    exit: ExitCodes | None = Field(
        None, description="Its exit code, or a list of those that will do.", examples=[0, [0, 1]]
    )
    stdout: Patterns | None = Field(
        None, description="Texts or /expressions/ on its standard output.", examples=["ok"]
    )
    stderr: Patterns | None = Field(
        None, description="Texts or /expressions/ on its standard error.", examples=["/warn/"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> ExecCondition:
        if self.check() == ExecEndedWith():
            raise wrong("this asks nothing", "give exit, stdout or stderr")
        return self

    def check(self) -> ExecEndedWith:
        """Give the record of the model."""
        codes = tuple(self.exit) if self.exit is not None else None
        return ExecEndedWith(codes, tuple(self.stdout or ()), tuple(self.stderr or ()))


class Condition(Strict):
    """Everything given must hold at once; the last three keys say when."""

    init: Annotated[
        InitCondition | None,
        BeforeValidator(
            init_short,
            json_schema_input_type=InitWord | InitCondition,
        ),
    ] = Field(
        None,
        description="What PID 1 is, how it ended, or facts of it.",
        examples=["running", {"exited": 0}, {"caught": "SIGTERM"}],
    )
    process: ProcessCondition | None = Field(
        None,
        description="Processes that a selector means, and what each must show.",
        examples=[{"comm": "worker", "parent": "init"}],
    )
    processes: CountCondition | None = Field(
        None, description="How many processes there are.", examples=[{"alive": 3, "zombies": 0}]
    )
    accepted: Errno | None = Field(
        None,
        description="What kill(2) answered to the signals of the step: true, or an errno.",
        examples=[True, "EPERM"],
    )
    delivered: Delivered = Field(
        None,
        description=(
            "Whether the kernel delivered the last signals to their targets; one answer for all, "
            "or by signal."
        ),
        examples=[False, {"SIGTERM": True}],
    )
    outcome: OutcomeBySignal | None = Field(
        None,
        description=(
            "What became of the last signals; one word for all, or by signal. `predicted`: what "
            "followed from masks and dispositions right before they were sent."
        ),
        examples=["dropped_init", "predicted", {"SIGTERM": "dropped_init"}],
    )
    forwarded: Forwarded | None = Field(
        None,
        description="Signals that init, or another process, has sent on to others.",
        examples=["SIGTERM", {"SIGTERM": {"to": {"comm": "worker"}, "times": 1}}],
    )
    logs: Annotated[
        LogsCondition | None,
        BeforeValidator(_logs_short, json_schema_input_type=PatternsInput | LogsCondition),
    ] = Field(
        None,
        description="The container's output, line by line: a text, /expression/, list or mapping.",
        examples=["bye", {"absent": "panic"}],
    )
    shutdown: ShutdownCondition | None = Field(
        None,
        description="How long the end of init took after it was asked for.",
        examples=[{"at_most": "2s", "escalated": False}],
    )
    exec: ExecCondition | None = Field(
        None, description="How the last exec'd program ended.", examples=[{"exit": 0}]
    )
    oom_killed: bool | None = Field(
        None,
        description="Whether the kernel's OOM killer was at work in the container.",
        examples=[True],
    )
    restarts: Count | None = Field(
        None,
        description="How often the restart policy has started init anew.",
        examples=[2, {"at_least": 1}],
    )
    health: Literal["starting", "healthy", "unhealthy"] | None = Field(
        None, description="What the engine's health check has come to.", examples=["healthy"]
    )
    within: PositiveDuration | None = Field(
        None,
        description=(
            "It must become so by then, counted from when the step acted "
            "(default 5s; after a stop, the grace period and 5s)."
        ),
        examples=["3s"],
    )
    for_: PositiveDuration | None = Field(
        None,
        alias="for",
        description="It must then stay so for that long.",
        examples=["1s"],
    )
    not_before: PositiveDuration | None = Field(
        None, description="It must not become so before then.", examples=["500ms"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not self.checks():
            raise wrong(
                "nothing is expected here, so this would always hold",
                f"give one of {', '.join(_NOUNS)}",
            )
        contradiction = in_condition(self)
        if contradiction is not None:
            raise contradiction
        return self

    def delivered_checks(self) -> tuple[DeliveredWas, ...]:
        """Give the records of `delivered`."""
        return self.delivered or ()

    def outcome_checks(self) -> list[OutcomeWas]:
        """Give the records of `outcome`."""
        return outcome_checks(self.outcome) if self.outcome is not None else []

    def checks(self) -> list[Check]:
        """Give the records of the checks."""
        found: list[Check] = []
        if self.accepted is not None:
            found.append(KillAnswered(self.accepted))
        found += self.delivered_checks()
        found += self.outcome_checks()
        for name, one in (self.forwarded or {}).items():
            found.append(one.check(Signal.parse(name)))
        if self.init is not None:
            found += self.init.checks()
        found += [
            one.check()
            for one in (self.process, self.processes, self.logs, self.shutdown, self.exec)
            if one is not None
        ]
        if self.oom_killed is not None:
            found.append(OomKilled(self.oom_killed))
        if self.restarts is not None:
            found.append(RestartsAre(self.restarts.to_domain()))
        if self.health is not None:
            found.append(HealthIs(self.health))
        return found

    def to_domain(self, *, within_s: float | None = None) -> Expectation:
        """Give the record of the model; `within_s` counts where it says no `within` itself."""
        return Expectation(
            tuple(self.checks()),
            within_s=within_s if self.within is None else self.within,
            for_s=self.for_,
            not_before_s=self.not_before,
        )
