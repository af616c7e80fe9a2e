"""An expectation over time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.expectation_timer import ExpectationTimer
from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import ContainerStarted
from runner.model.expectation import (
    Expectation,
    InitShows,
    OutcomeWas,
    ProcessFacts,
    ProcessIs,
    Selector,
)
from runner.model.observation import StepActed, TraceReached
from runner.model.process import Process, ThreadSeen
from runner.model.verdict import Errored, Failed, Passed, Undecided
from tests.support.histories import MS, OPENED, generated, history, process, seen, sent

BLOCKS = replace(process(1, "init"), blocked_by_all=1 << (SIGTERM - 1))
PENDS = replace(BLOCKS, pending_anywhere=1 << (SIGTERM - 1))


def test_what_time_alone_makes_true_is_decided() -> None:
    """No fact says that nothing took the signal: a snapshot is asked for, and then it is passed."""
    facts = (ContainerStarted(0), seen(1, BLOCKS), OPENED, sent(10, SIGTERM), StepActed(10 * MS, 0))
    one = history(*facts, generated(10, SIGTERM), seen(11, PENDS))
    expectation = Expectation((OutcomeWas(Outcome.PENDING),))
    watch = ExpectationTimer(
        expectation,
        0.1,
        0,
        began_ns=9 * MS,
        acted_ns=10 * MS,
        of_step=True,
        may_take_snapshots=True,
    )

    soon = watch.after(one, 11 * MS).decide(one, 20 * MS)
    later = history(
        *facts, generated(10, SIGTERM), seen(11, PENDS), seen(130, PENDS), TraceReached(120 * MS)
    )

    assert isinstance(soon, Undecided)
    assert soon.snapshot_ns == 110 * MS
    assert isinstance(watch.decide(later, 131 * MS), Passed)


_WAITS_FOR_TERM = replace(BLOCKS, waits=True, waits_for=1 << (SIGTERM - 1))
_WAITS = replace(process(1, "init"), waits=True)
_THREADS = replace(
    process(1, "init"), threads=(ThreadSeen(1, 0, 0), ThreadSeen(2, 0, 0, waits=True))
)


@pytest.mark.parametrize(
    ("init", "verdict"),
    [
        (_WAITS_FOR_TERM, Passed),
        (_WAITS, Errored),
        (_THREADS, Errored),
        (process(1, "init"), Failed),
    ],
)
@pytest.mark.parametrize("of_init", [True, False])
def test_what_it_waits_for_is_blocked_or_not_known(
    init: Process, verdict: type, *, of_init: bool
) -> None:
    """SigBlk lacks it only while sigwait(3) lasts: where that is not read, nothing can be said."""
    facts = ProcessFacts(blocked=(SIGTERM,))
    check = InitShows(facts) if of_init else ProcessIs(Selector(pid=1), facts)
    watch = ExpectationTimer(
        Expectation((check,)),
        0.1,
        0,
        began_ns=0,
        acted_ns=0,
        of_step=False,
        may_take_snapshots=True,
    )
    late = seen(5200, init)
    one = history(ContainerStarted(0), seen(10, init))
    later = history(ContainerStarted(0), seen(10, init), late)

    decision = watch.after(one, 10 * MS).decide(later, 5200 * MS)

    assert isinstance(decision, verdict)


def test_what_is_not_known_for_a_while_does_not_break_what_must_stay_so() -> None:
    """It is waited for until it is known again; what is known to be false breaks it."""
    check = InitShows(ProcessFacts(blocked=(SIGTERM,)))
    watch = ExpectationTimer(
        Expectation((check,), for_s=1),
        0.1,
        0,
        began_ns=0,
        acted_ns=0,
        of_step=False,
        may_take_snapshots=True,
    )
    decisions = {}
    for words, second in (("unknown", _WAITS), ("false", process(1, "init"))):
        now = watch
        for at_ms, init in ((10, BLOCKS), (20, second)):
            one = history(ContainerStarted(0), seen(at_ms, init))
            now = now.after(one, at_ms * MS)
        decisions[words] = now.decide(one, 20 * MS)

    assert isinstance(decisions["unknown"], Undecided)
    assert isinstance(decisions["false"], Failed)
