"""
What was foretold of each signal of a case and what became of it, from the whole timeline.

Facts carry the time at which they happened: one that arrived late still counts for its step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from runner.judge.aftermath import Aftermath, Sent, sent_by_engine
from runner.judge.fates import fates_of
from runner.model.case import Case
from runner.model.container import HOST_PID
from runner.model.engine_facts import EngineSent, InitEnded
from runner.model.fact import InContainer
from runner.model.fate import SignalFate
from runner.model.kernel_facts import KernelFact, TraceLost, TraceOpened
from runner.model.observation import (
    Observation,
    ProcessesSeen,
    RestartRequested,
    SignalSent,
    StepBegan,
    StopRequested,
    Timeline,
)


@dataclass(slots=True)
class _Span:
    """The time of one step that acted, until the next one did."""

    step: int
    begin_ns: int
    end_ns: int | None = None
    sent: list[Sent] = field(default_factory=list[Sent])
    asked: tuple[StopRequested | RestartRequested, ProcessesSeen | None] | None = None

    def take(self, fact: Observation, looks: Mapping[str, Sequence[ProcessesSeen]]) -> None:
        """Take a fact of the step; `looks` are those that have arrived, by container."""
        match fact:
            case SignalSent(container=name, at_ns=at_ns):
                self.sent.append(Sent(fact, _last_before(looks.get(name, ()), at_ns)))
            case StopRequested(container=name, at_ns=at_ns):
                self.asked = (fact, _last_before(looks.get(name, ()), at_ns))
            case RestartRequested(container=name, at_ns=at_ns):
                self.asked = (fact, _last_before(looks.get(name, ()), at_ns))
            case EngineSent() if self.asked is not None:
                request, look = self.asked
                self.sent.append(Sent(sent_by_engine(fact, request), look))
            case _:
                pass


def signals_told(case: Case, timeline: Timeline) -> Mapping[int, tuple[SignalFate, ...]]:
    """Give the fates of the signals of each step that has sent any."""
    ordered = sorted(timeline, key=lambda fact: fact.at_ns)
    last_ns = ordered[-1].at_ns if ordered else 0
    found: dict[int, tuple[SignalFate, ...]] = {}
    for span in _spans(case, timeline):
        if span.sent:
            end_ns = span.end_ns or last_ns
            found[span.step] = tuple(_fates(case, ordered, span, end_ns))
    return found


def _spans(case: Case, timeline: Timeline) -> Iterator[_Span]:
    """
    Give the steps that act, with their signals and the looks before those.

    A look carries the time at which it began: one that has begun before a signal may have read its
    target after it. So only looks count that had arrived, too, which the order of facts tells.
    """
    span: _Span | None = None
    looks: dict[str, list[ProcessesSeen]] = {}
    for fact in timeline:
        match fact:
            case StepBegan(at_ns=at_ns, step=step) if step >= 0 and case.all_steps[step].acts:
                if span is not None:
                    span.end_ns = at_ns
                    yield span
                span = _Span(step, at_ns)
            case ProcessesSeen():
                looks.setdefault(fact.container, []).append(fact)
            case _ if span is not None:
                span.take(fact, looks)
            case _:
                pass
    if span is not None:
        yield span


def _fates(case: Case, ordered: list[Observation], span: _Span, end_ns: int) -> list[SignalFate]:
    name = span.sent[0].fact.container
    own = [one for one in ordered if isinstance(one, InContainer) and one.container == name]
    looks = [one for one in own if isinstance(one, ProcessesSeen)]
    until = [one for one in own if one.at_ns <= end_ns]
    after = Aftermath(
        record=_record(until, span.begin_ns),
        look=_last_alive(looks, end_ns),
        ended=next((one for one in reversed(until) if isinstance(one, InitEnded)), None),
        now_ns=end_ns,
        complete=True,
        shares_host=case.containers[name].plan.pid == HOST_PID,
    )
    return fates_of(span.sent, after)


def _last_alive(looks: list[ProcessesSeen], end_ns: int) -> ProcessesSeen | None:
    """Give the last look with a living init, if there was one: a dying one shows nothing."""
    until = [one for one in looks if one.at_ns <= end_ns]
    alive = (one for one in reversed(until) if one.init is not None and one.init.state.alive)
    return next(alive, until[-1] if until else None)


def _last_before(looks: Sequence[ProcessesSeen], at_ns: int) -> ProcessesSeen | None:
    return next((one for one in reversed(looks) if one.at_ns <= at_ns), None)


def _record(facts: Sequence[Observation], begin_ns: int) -> tuple[KernelFact, ...] | None:
    """Give the kernel's record since then; None where it is not read or has a gap."""
    read = any(isinstance(fact, TraceOpened) for fact in facts)
    if not read or any(isinstance(fact, TraceLost) for fact in facts):
        return None
    return tuple(fact for fact in facts if isinstance(fact, KernelFact) and fact.at_ns >= begin_ns)
