"""
What one step is explained from: what was asked of it, what did not hold, and the facts since then.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from runner.history.container_history import ContainerHistory
from runner.history.step_span import StepSpan
from runner.judge.step_verdict import JudgedStep
from runner.kernel.rules import Rule
from runner.model.case import READY, Case
from runner.model.container import ContainerPlan
from runner.model.engine_facts import InitEnded, InitRestarted
from runner.model.expectation import Check
from runner.model.explanation import Explanation
from runner.model.fact import InContainer
from runner.model.kernel_facts import (
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
    SignalGenerated,
    Task,
    TraceLost,
    TraceOpened,
)
from runner.model.observation import (
    Observation,
    ProcessSnapshot,
    RestartRequested,
    StepBegan,
    StepEnded,
    StopRequested,
    Timeline,
)
from runner.model.process import Process
from runner.model.result import CaseResult, StepResult
from runner.model.signal_outcome import SignalOutcome
from runner.model.step import Action, Restart, Stop
from runner.model.verdict import Failed

SHELLS: Final = {"sh", "dash", "bash", "ash", "busybox", "ksh", "zsh"}

_Fact = TypeVar("_Fact")


@dataclass(frozen=True)
class StepHistory:
    """
    A step that did not pass, and what is known around it.

    `failed` are its checks that did not hold, none where it could not be judged. `action` is that
    of the last step that acted on its container, `outcomes` those of its signals, `began_ns` when
    it began; `decided_ns` is until when facts counted for the verdict. `life` holds all facts of
    the container in the order of their times, until the next step that acts. `span` is what is
    known of that last step, and `trace_ns` until when the kernel trace is.
    """

    plan: ContainerPlan
    failed: tuple[Check, ...]
    action: Action | None
    outcomes: tuple[SignalOutcome, ...]
    began_ns: int
    decided_ns: int
    life: tuple[Observation, ...]
    span: StepSpan | None
    trace_ns: int

    def all(self, *kinds: type[_Fact]) -> Iterator[_Fact]:
        """Give the facts of these kinds since the last step that acted began."""
        for fact in self.life:
            if fact.at_ns >= self.began_ns and isinstance(fact, kinds):
                yield fact

    def last(self, kind: type[_Fact]) -> _Fact | None:
        """Give the last fact of a kind in the container's whole life."""
        return next((fact for fact in reversed(self.life) if isinstance(fact, kind)), None)

    def about(self, *kinds: type[Check]) -> bool:
        """Say whether a check of one of these kinds did not hold."""
        return any(isinstance(check, kinds) for check in self.failed)

    @functools.cached_property
    def traced(self) -> bool:
        """
        Whether the kernel trace of the container was read, without a gap, until the verdict.

        What it does not have by then did not happen.
        """
        read = self.last(TraceOpened) is not None and self.last(TraceLost) is None
        return read and self.trace_ns >= self.until_ns

    @functools.cached_property
    def restarted(self) -> bool:
        """Whether init was started anew: which one a fact is about is then not told here."""
        return self.last(InitRestarted) is not None

    @functools.cached_property
    def before(self) -> ProcessSnapshot | None:
        """The last snapshot before a signal was sent, else the last one before the verdict."""
        asked = next(self.all(StopRequested, RestartRequested), None)
        sent_ns = [one.at_ns for one in self.all(SignalGenerated) if one.target.role is Role.INIT]
        by_ns = min([*sent_ns, asked.at_ns if asked else self.decided_ns])
        return self._take_snapshot(by_ns)

    def _take_snapshot(self, by_ns: int) -> ProcessSnapshot | None:
        snapshots = [
            one for one in self.life if isinstance(one, ProcessSnapshot) and one.at_ns <= by_ns
        ]
        return snapshots[-1] if snapshots else None

    @functools.cached_property
    def latest(self) -> ProcessSnapshot | None:
        """The last snapshot before the verdict."""
        return self._take_snapshot(self.decided_ns)

    @property
    def init(self) -> Process | None:
        """Init as it was before the signal."""
        return self.before.init if self.before is not None else None

    @functools.cached_property
    def init_comm(self) -> str:
        """The name of init, where no snapshot has shown it by the record; "" where nobody knows."""
        if self.init is not None:
            return self.init.comm
        execs = [one.task for one in self.all(ProgramExeced) if one.task.role is Role.INIT]
        return execs[-1].comm if execs else ""

    @property
    def init_words(self) -> str:
        """`init (nginx)`."""
        return f"init ({self.init_comm})" if self.init_comm else "init"

    @property
    def children(self) -> tuple[Process, ...]:
        """The children of init that ran before the signal was sent."""
        snapshot, init = self.before, self.init
        if snapshot is None or init is None:
            return ()
        return tuple(p for p in snapshot.processes if p.ppid == init.pid and p.state.alive)

    @functools.cached_property
    def asked(self) -> SignalOutcome | None:
        """The signal that init was to act on: the stop signal, or the last one of the step."""
        init = self.init
        own = [one for one in self.outcomes if init is None or one.pid == init.pid]
        if isinstance(self.action, Stop | Restart):
            return own[0] if own else None
        return own[-1] if own else None

    @functools.cached_property
    def generated(self) -> SignalGenerated | None:
        """The asked signal in the kernel trace."""
        asked = self.asked
        if asked is None:
            return None
        own = [
            one
            for one in self.all(SignalGenerated)
            if one.target.role is Role.INIT and one.signal == asked.signal and one.code <= 0
        ]
        first = isinstance(self.action, Stop | Restart)
        return (own[0] if first else own[-1]) if own else None

    @functools.cached_property
    def exited_ns(self) -> int | None:
        """When init ended, by the kernel's clock if possible; None: it ran until the verdict."""
        exits = [one for one in self.all(ProcessExited) if one.task.role is Role.INIT]
        found = exits or list(self.all(InitEnded))
        return found[-1].at_ns if found and found[-1].at_ns <= self.decided_ns else None

    @property
    def ended(self) -> InitEnded | None:
        """The end of init, if that came before the verdict."""
        return self.last(InitEnded) if self.exited_ns is not None else None

    @property
    def escalated(self) -> bool:
        """Whether the engine has sent SIGKILL because the grace period was over."""
        return self.span is not None and self.span.escalated

    @property
    def grace(self) -> str:
        """`the grace period of 10 s`."""
        asked = next(self.all(StopRequested, RestartRequested), None)
        return f"the grace period of {asked.grace_s:g} s" if asked else "the grace period"

    @property
    def lived_on(self) -> str:
        """Say that init did not end by the signal: until when it ran."""
        if self.escalated:
            return f"Init ran on until {self.grace} was over, and the engine then sent SIGKILL."
        return "Init ran on." if self.exited_ns is None else ""

    @property
    def until_ns(self) -> int:
        """When init ended, else when the verdict was reached."""
        return self.exited_ns if self.exited_ns is not None else self.decided_ns

    def sent_on(self) -> list[SignalGenerated]:
        """Give the signals that init itself has sent to others since, until it ended."""
        since_ns = self.generated.at_ns if self.generated else self.began_ns
        return [
            one
            for one in self.all(SignalGenerated)
            if one.sender.role is Role.INIT
            and one.target.role is Role.INSIDE
            and one.code <= 0
            and since_ns <= one.at_ns < self.until_ns
        ]

    def sent_to(self, processes: Sequence[Process]) -> list[SignalGenerated]:
        """Give the signals that anybody has sent to these processes, until init ended."""
        pids = {one.pid for one in processes}
        return [
            one
            for one in self.all(SignalGenerated)
            if one.target.pid in pids and one.at_ns < self.until_ns
        ]

    def forked_since(self, at_ns: int) -> bool:
        """Say whether init has started a process since then."""
        return any(
            one.parent.role is Role.INIT and one.at_ns > at_ns for one in self.all(ProcessForked)
        )

    def ended_since(self, process: Process) -> bool:
        """Say whether that process has ended since, before init did."""
        return any(
            one.task.pid == process.pid and one.at_ns <= self.until_ns
            for one in self.all(ProcessExited)
        )


def step_history_of(
    result: CaseResult,
    histories: Mapping[str, ContainerHistory],
    judged: Mapping[int, JudgedStep],
) -> StepHistory | None:
    """Give what the case's verdict is explained from; None where no step and no start decided."""
    number = _deciding(result)
    timeline = result.timeline
    began = next((f for f in timeline if isinstance(f, StepBegan) and f.step == number), None)
    if began is None:
        return None
    case, container = result.case, result.case.container_of(number)
    actor = _actor(case, timeline, number, container)
    ended = next((f for f in timeline if isinstance(f, StepEnded) and f.step == number), began)
    end_ns = _next_act_ns(case, timeline, began)
    history = histories[container]
    own = (f for f in timeline if isinstance(f, InContainer) and f.container == container)
    life = [f for f in own if end_ns is None or f.at_ns < end_ns]
    return StepHistory(
        plan=case.containers[container].plan,
        failed=_failed(case, result.steps, number),
        action=case.all_steps[actor.step].action if actor else None,
        outcomes=result.steps[actor.step].signals if actor else (),
        began_ns=actor.at_ns if actor else timeline[0].at_ns,
        decided_ns=judged[number].counts_until_ns if number in judged else ended.at_ns,
        life=tuple(sorted(life, key=lambda fact: fact.at_ns)),
        span=next((one for one in history.spans if actor and one.step == actor.step), None),
        trace_ns=history.trace_ns,
    )


def _deciding(result: CaseResult) -> int:
    for number, step in enumerate(result.steps):
        if step.verdict == result.verdict and not step.ignored:
            return number
    return READY


def _actor(case: Case, timeline: Timeline, number: int, container: str) -> StepBegan | None:
    """Find the last step up to this one that has acted on the container."""
    return next(
        (
            fact
            for fact in reversed(timeline)
            if isinstance(fact, StepBegan)
            and 0 <= fact.step <= number
            and case.all_steps[fact.step].acts
            and case.container_of(fact.step) == container
        ),
        None,
    )


def _next_act_ns(case: Case, timeline: Timeline, began: StepBegan) -> int | None:
    for fact in timeline:
        later = isinstance(fact, StepBegan) and fact.at_ns > began.at_ns and fact.step >= 0
        if later and isinstance(fact, StepBegan) and case.all_steps[fact.step].acts:
            return fact.at_ns
    return None


def _failed(case: Case, steps: Sequence[StepResult], number: int) -> tuple[Check, ...]:
    if number < 0 or not isinstance(verdict := steps[number].verdict, Failed):
        return ()
    expectation = case.expectation_of(number)
    if expectation is None or len(expectation.checks) != len(verdict.findings):
        return ()
    pairs = zip(expectation.checks, verdict.findings, strict=True)
    return tuple(check for check, finding in pairs if finding.wrong)


def because(*sentences: str, rule: str = "", advice: str = "") -> Explanation:
    """Make an explanation; the manual pages are those of the rule."""
    source = Rule[rule].source.partition(";")[0] if rule else ""
    said = tuple(one[0].upper() + one[1:] for one in sentences if one)
    return Explanation(said, rule, source, advice)


def name(one: Process | Task) -> str:
    """`7 nginx`."""
    return f"{one.pid} {one.comm}"


def names(all_of_them: Sequence[Process]) -> str:
    """`7 sleep and 8 cat`, at most a few."""
    few = [name(one) for one in all_of_them[:3]]
    rest = len(all_of_them) - len(few)
    words = [*few, f"{rest} more"] if rest else few
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
