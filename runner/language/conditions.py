"""
Conditions: what `expect`, `wait.until` and `ready` may say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.language.base import Strict, refuse, wrong
from runner.language.contradictions.condition import in_condition
from runner.language.counts import BoundsModel, Count, CountCondition
from runner.language.fields import (
    Duration,
    Errno,
    ExitCodes,
    Patterns,
    PatternsInput,
    PositiveDuration,
)
from runner.language.kernel_conditions import (
    Delivered,
    Forwarded,
    OutcomeBySignal,
    forwarded_said,
    outcome_checks,
)
from runner.language.logs import LogsCondition, logs_short
from runner.language.processes import (
    InitCondition,
    InitWord,
    ProcessCondition,
    init_short,
)
from runner.model.expectation import (
    Bounds,
    Check,
    ExecEndedWith,
    Expectation,
    HealthIs,
    KillAnswered,
    OomKilled,
    RestartsAre,
    ShutdownWas,
)

Said = Iterable[tuple[Check, str]]
"""Checks, and what titles of steps call each."""


@dataclass(frozen=True, slots=True)
class Noun:
    """
    What a key of conditions stands for: `said` gives the checks of its value.

    `of_signals`: they are about the signals of the step, and come before all others.
    """

    said: Callable[[Any], Said]
    of_signals: bool = False


def _one(check: Callable[[Any], Check], title: str, *, of_signals: bool = False) -> Noun:
    return Noun(lambda value: [(check(value), title)], of_signals)


def _all(checks: Callable[[Any], Iterable[Check]], title: str) -> Noun:
    return Noun(lambda value: [(check, title) for check in checks(value)], of_signals=True)


class ShutdownCondition(Strict):
    """How long the end of init took after it was asked for, and what it left behind."""

    at_most: PositiveDuration | None = Field(
        None, description="Not longer than this.", examples=["2s"]
    )
    at_least: Duration | None = Field(None, description="Not shorter than this.", examples=["1s"])
    escalated: bool | None = Field(
        None,
        description="Whether the grace period ran out and the engine sent SIGKILL.",
        examples=[False],
    )
    killed: Count | None = Field(
        None,
        description=(
            "How many processes were left when init ended, so that the kernel killed them; "
            "the kernel trace alone tells."
        ),
        examples=[0, {"at_most": 2}],
    )

    @model_validator(mode="after")
    def _in_order(self) -> ShutdownCondition:
        low, high = self.at_least, self.at_most
        if self.check() == ShutdownWas():
            raise wrong("this asks nothing", "give at_most, at_least, escalated or killed")
        if low is not None and high is not None and low > high:
            raise wrong("`at_least` is above `at_most`", key="at_least")
        return self

    def check(self) -> ShutdownWas:
        """Return the record of the model."""
        timed = self.at_least is not None or self.at_most is not None
        return ShutdownWas(
            Bounds(self.at_least, self.at_most) if timed else None,
            self.escalated,
            self.killed.to_domain() if self.killed else None,
        )


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
        """Return the record of the model."""
        codes = tuple(self.exit) if self.exit is not None else None
        return ExecEndedWith(codes, tuple(self.stdout or ()), tuple(self.stderr or ()))


def _restarts(count: BoundsModel) -> RestartsAre:
    return RestartsAre(count.to_domain())


class Condition(Strict):
    """Everything given must hold at once; the last three keys say when."""

    # The table of the nouns, an entry for each: its key, what may be written for it, and in `Noun`
    # its checks and their titles. Editors show the docstring, so that this is none.

    init: Annotated[
        InitCondition | None,
        BeforeValidator(
            init_short,
            json_schema_input_type=InitWord | InitCondition,
        ),
        Noun(InitCondition.said),
    ] = Field(
        None,
        description="What PID 1 is, how it ended, or facts of it.",
        examples=["running", {"exited": 0}, {"caught": "SIGTERM"}],
    )
    process: Annotated[ProcessCondition | None, Noun(ProcessCondition.said)] = Field(
        None,
        description="Processes that a selector means, and what each must show.",
        examples=[{"comm": "worker", "parent": "init"}],
    )
    processes: Annotated[CountCondition | None, _one(CountCondition.check, "processes")] = Field(
        None, description="How many processes there are.", examples=[{"alive": 3, "zombies": 0}]
    )
    accepted: Annotated[Errno | None, _one(KillAnswered, "the answer of kill", of_signals=True)] = (
        Field(
            None,
            description="What kill(2) answered to the signals of the step: true, or an errno.",
            examples=[True, "EPERM"],
        )
    )
    delivered: Annotated[Delivered, _all(tuple, "delivered")] = Field(
        None,
        description=(
            "Whether the kernel delivered the last signals to their targets; one answer for all, "
            "or by signal."
        ),
        examples=[False, {"SIGTERM": True}],
    )
    outcome: Annotated[OutcomeBySignal | None, _all(outcome_checks, "outcome")] = Field(
        None,
        description=(
            "What became of the last signals; one word for all, or by signal. `predicted`: what "
            "followed from masks and dispositions right before they were sent."
        ),
        examples=["dropped_init", "predicted", {"SIGTERM": "dropped_init"}],
    )
    forwarded: Annotated[Forwarded | None, Noun(forwarded_said, of_signals=True)] = Field(
        None,
        description="Signals that init, or another process, has forwarded to others.",
        examples=["SIGTERM", {"SIGTERM": {"to": {"comm": "worker"}, "times": 1}}],
    )
    logs: Annotated[
        LogsCondition | None,
        BeforeValidator(logs_short, json_schema_input_type=PatternsInput | LogsCondition),
        _one(LogsCondition.check, "logs"),
    ] = Field(
        None,
        description="The container's output, line by line: a text, /expression/, list or mapping.",
        examples=["bye", {"absent": "panic"}],
    )
    shutdown: Annotated[ShutdownCondition | None, _one(ShutdownCondition.check, "shutdown")] = (
        Field(
            None,
            description="How long the end of init took after it was asked for, and what it left.",
            examples=[{"at_most": "2s", "escalated": False}, {"killed": 0}],
        )
    )
    exec: Annotated[ExecCondition | None, _one(ExecCondition.check, "the end of the exec")] = Field(
        None, description="How the last exec'd program ended.", examples=[{"exit": 0}]
    )
    oom_killed: Annotated[bool | None, _one(OomKilled, "oom_killed")] = Field(
        None,
        description="Whether the kernel's OOM killer was invoked in the container.",
        examples=[True],
    )
    restarts: Annotated[Count | None, _one(_restarts, "restarts")] = Field(
        None,
        description="How often the restart policy has restarted init.",
        examples=[2, {"at_least": 1}],
    )
    health: Annotated[
        Literal["starting", "healthy", "unhealthy"] | None, _one(HealthIs, "health")
    ] = Field(None, description="The status of the container's health check.", examples=["healthy"])
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
        if all(getattr(self, key) is None for key in NOUNS):
            raise wrong(
                "nothing is expected here, so this would always hold",
                f"give one of {', '.join(NOUNS)}",
            )
        return self

    @model_validator(mode="after")
    def _has_the_time(self) -> Condition:
        if self.within and self.not_before and self.not_before > self.within:
            raise wrong("`not_before` is after `within`, so this can never hold", key="not_before")
        if self.within and self.for_ and self.for_ > self.within:
            raise wrong(
                "`for` is longer than `within`",
                f"give a `within` of {self.for_:g}s or more, or leave it out (default 5s)",
                key="for",
            )
        return self

    @model_validator(mode="after")
    def _no_contradiction(self) -> Condition:
        refuse(in_condition(self))
        return self

    @cached_property
    def _said(self) -> tuple[tuple[Check, str], ...]:
        given = ((noun, getattr(self, key)) for key, noun in _IN_ORDER)
        return tuple(one for noun, value in given if value is not None for one in noun.said(value))

    def checks(self) -> list[Check]:
        """Return the records of the checks."""
        return [check for check, _ in self._said]

    def title(self) -> str:
        """Say in a few words what is expected."""
        return ", ".join(dict.fromkeys(title for _, title in self._said))

    def to_domain(self, *, within_s: float | None = None) -> Expectation:
        """Return the record of the model; `within_s` counts where it says no `within` itself."""
        return Expectation(
            tuple(self.checks()),
            within_s=within_s if self.within is None else self.within,
            for_s=self.for_,
            not_before_s=self.not_before,
        )


NOUNS: Final[Mapping[str, Noun]] = {
    key: noun
    for key, field in Condition.model_fields.items()
    for noun in field.metadata
    if isinstance(noun, Noun)
}
"""The nouns by their keys, in the order of the table."""

_IN_ORDER: Final = sorted(NOUNS.items(), key=lambda item: not item[1].of_signals)
"""Those that are about the signals of the step before all others."""
