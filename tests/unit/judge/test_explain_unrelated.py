"""Why cases went wrong, by timelines of real runs, when other processes are about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runner.judge.evaluator import judge
from runner.kernel.signals import Signal
from runner.model.explanation import Explanation
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    KernelFact,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
    SignalDelivered,
    SignalGenerated,
    Task,
)
from runner.model.observation import Observation
from tests.support.cases import SETTINGS
from tests.support.timelines import WHY, recorded

PARENT = Task(Role.INSIDE, 4321, 994321, "stranger")
CHILD = Task(Role.INSIDE, 4322, 994322, "nobody")


def own_life(at_ns: int, signal: Signal) -> Iterator[KernelFact]:
    """A process has a child that is sent a signal, and is killed by it, or ends by itself."""
    queued = Generation.QUEUED
    yield ProcessForked(at_ns, PARENT, CHILD)
    yield ProgramExeced(at_ns, CHILD)
    yield SignalGenerated(at_ns, signal, queued, PARENT, CHILD, 0, to_process=True)
    yield SignalGenerated(at_ns, signal, queued, CHILD, PARENT, 0, to_process=True)
    yield SignalDelivered(at_ns, signal, PARENT, Delivery.HANDLER, 1)
    yield ProcessExited(at_ns, CHILD)
    yield ParentNotified(at_ns, CHILD, PARENT, ChildStatus.KILLED)


def with_others(name: str) -> tuple[Observation, ...]:
    """Put such a life after each signal to init, and before each end of it."""
    found: list[Observation] = []
    for fact in recorded(name).timeline:
        to_init = isinstance(fact, SignalGenerated) and fact.target.role is Role.INIT
        ends = isinstance(fact, ProcessExited) and fact.task.role is Role.INIT
        told = isinstance(fact, ParentNotified) and fact.parent.role is Role.INIT
        if ends:
            found += own_life(fact.at_ns, Signal(15))
        found.append(fact)
        if isinstance(fact, SignalGenerated) and to_init:
            found += own_life(fact.at_ns, fact.signal)
        if told:
            found += own_life(fact.at_ns, Signal(15))
    return tuple(found)


def explained(name: str, timeline: tuple[Observation, ...]) -> tuple[Explanation, ...]:
    """Judge a recorded case, or another timeline of it, and say why it went wrong."""
    return judge(recorded(name).case, timeline, SETTINGS).explanations


@pytest.mark.parametrize("name", WHY)
def test_what_others_do_among_themselves_changes_no_reason(name: str) -> None:
    """They are no children of init, and what they send does not come from it."""
    timeline = with_others(name)

    assert len(timeline) > len(recorded(name).timeline) or name in {"not found", "not executable"}
    assert explained(name, timeline) == explained(name, recorded(name).timeline)
