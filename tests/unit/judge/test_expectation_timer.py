"""An expectation over time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.expectation_timer import ExpectationTimer
from runner.judge.known_until import ASK_AGAIN_NS, evidence_until
from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import ContainerStarted, EngineSent, StopAnswered
from runner.model.expectation import (
    Expectation,
    InitShows,
    LogsHave,
    OutcomeWas,
    Pattern,
    ProcessFacts,
    ProcessIs,
    Selector,
)
from runner.model.observation import (
    EngineAnswered,
    LineTooLong,
    StepActed,
    StopRequested,
    TraceReached,
)
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


def test_what_can_never_be_known_is_named_and_not_what_may_yet_be() -> None:
    """A text that is missing may yet come; one that must be absent may have been in a long line."""
    missing, absent = Pattern("missing"), Pattern("absent")
    check = LogsHave(contains=(missing,)), LogsHave(absent=(absent,))
    too_long = (LineTooLong(2 * MS, missing, 70_000), LineTooLong(2 * MS, absent, 70_001))
    one = history(ContainerStarted(0), *too_long)
    watch = ExpectationTimer(
        Expectation(check), 0.1, 0, began_ns=0, acted_ns=0, of_step=False, may_take_snapshots=True
    )

    decision = watch.after(one, 2 * MS).decide(one, 9000 * MS)

    assert isinstance(decision, Errored)
    assert "70,001" in decision.what


@pytest.mark.parametrize(("now_ms", "kind"), [(60, Undecided), (300, Passed)])
def test_what_lasts_until_a_stop_is_over_lasts_no_shorter_than_ever(
    now_ms: int, kind: type
) -> None:
    """An answer of the engine that comes at once does not make it so."""
    asked, over = StopRequested(2 * MS, 0, 5.0, None), StopAnswered(20 * MS)
    known = EngineAnswered(now_ms * MS)
    one = history(ContainerStarted(0), asked, EngineSent(3 * MS, SIGTERM), over, known)
    watch = ExpectationTimer(
        Expectation((LogsHave(absent=(Pattern("bye"),)),)),
        0.2,
        0,
        began_ns=MS,
        acted_ns=20 * MS,
        of_step=True,
        may_take_snapshots=True,
    )

    assert isinstance(watch.after(one, 20 * MS).decide(one, now_ms * MS), kind)


def test_of_what_is_waited_for_it_is_asked_again_at_that_time_and_soon_after() -> None:
    """Not before: nothing can be known until then that has not happened."""
    one = history(ContainerStarted(0), seen(1, BLOCKS))
    checks = [InitShows(ProcessFacts(blocked=(SIGTERM,)))]

    wakes = []
    for now_ms in (10, 70):
        waits = evidence_until(one, checks, 50 * MS, now_ms * MS, may_take_snapshots=True)
        assert isinstance(waits, Undecided)
        wakes.append(waits.wake_ns)

    assert wakes == [50 * MS, 70 * MS + ASK_AGAIN_NS]
