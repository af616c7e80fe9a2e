"""`delivered` and `outcome`, with the kernel trace and without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.conditions import evaluate
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import EngineSent, InitEnded
from runner.model.expectation import DeliveredWas, OutcomeWas
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    ParentNotified,
    ProcessExited,
    SignalAccepted,
    SignalfdRead,
)
from runner.model.observation import Observation, StopRequested
from runner.model.process import SignalFd
from runner.model.verdict import Evidence
from tests.support.histories import (
    INIT,
    KID,
    MS,
    OPENED,
    OUTSIDE,
    context,
    delivered,
    generated,
    history,
    process,
    seen,
    sent,
)

SIGCHLD = Signal.parse("SIGCHLD")
SNAPSHOT = seen(1, process(1, "init"), process(7, "kid"))
STOP = StopRequested(10 * MS, 0, 2.0, None)


def test_what_a_stop_sends_is_waited_for() -> None:
    """The engine's report of it comes later than the request."""
    stopping = history(SNAPSHOT, OPENED, STOP)

    early = evaluate(DeliveredWas(delivered=True), context(stopping))

    assert (early.known, early.final) == (False, False)


def test_the_signals_of_a_stop_are_told_apart_by_name() -> None:
    """SIGTERM was dropped, SIGKILL is still to come."""
    stopping = history(
        SNAPSHOT,
        OPENED,
        STOP,
        EngineSent(12 * MS, SIGTERM),
        generated(11, SIGTERM, by=OUTSIDE, generation=Generation.IGNORED),
    )

    term = evaluate(DeliveredWas(delivered=False, signal=SIGTERM), context(stopping))
    kill = evaluate(DeliveredWas(delivered=True, signal=SIGKILL), context(stopping))

    assert (term.holds, term.evidence) == (True, Evidence.KERNEL)
    assert (kill.holds, kill.final, kill.seen) == (
        False,
        False,
        "no SIGKILL was sent to one process",
    )


def test_a_signal_that_was_never_sent_cannot_be_judged() -> None:
    """Nothing will come of it."""
    result = evaluate(OutcomeWas(Outcome.IGNORED), context(history(SNAPSHOT, OPENED)))

    assert (result.known, result.final) == (False, True)


def test_a_handler_is_no_drop() -> None:
    """And the other way round; the record decides for good."""
    ran = history(
        SNAPSHOT, OPENED, sent(10, SIGTERM), generated(10, SIGTERM), delivered(11, SIGTERM)
    )

    result = evaluate(OutcomeWas(Outcome.DROPPED_INIT), context(ran))

    assert (result.holds, result.final) == (False, True)
    assert "delivered to its handler (handler_runs)" in result.seen
    assert evaluate(OutcomeWas(Outcome.HANDLER_RUNS), context(ran)).holds


def test_what_init_takes_without_a_handler_is_dropped() -> None:
    """The second check, when it is taken out of the queue."""
    taken = history(
        SNAPSHOT,
        OPENED,
        sent(10, SIGTERM),
        generated(10, SIGTERM),
        delivered(11, SIGTERM, delivery=Delivery.DEFAULT),
    )

    assert evaluate(OutcomeWas(Outcome.DROPPED_INIT), context(taken)).holds


def test_without_the_record_a_childs_end_is_not_read_from_inits_exit_code() -> None:
    """Init's 143 is its own; whether the child ended before is what a snapshot must show."""
    facts = (SNAPSHOT, sent(10, SIGTERM, pid=7), InitEnded(50 * MS, 143))
    was_there = (seen(20, process(1, "init"), process(7, "kid")), facts[-1])
    was_gone = (seen(20, process(1, "init")), facts[-1])
    check = OutcomeWas(Outcome.TERMINATED)

    blind = evaluate(check, context(history(*facts)))
    there = evaluate(check, context(history(*facts[:2], *was_there)))
    gone = evaluate(check, context(history(*facts[:2], *was_gone)))

    assert [(one.holds, one.known) for one in (blind, there)] == [(False, False)] * 2
    assert (gone.holds, gone.evidence) == (True, Evidence.PROC)


def test_without_the_record_advice_says_how_to_have_it() -> None:
    """A process that is in no snapshot before the signal."""
    result = evaluate(OutcomeWas(Outcome.IGNORED), context(history(sent(10, SIGTERM))))

    assert (result.known, result.final) == (False, True)
    assert "run as root on the engine's machine" in result.seen


def test_what_a_stopped_target_never_took_was_pending() -> None:
    """SIGKILL has ended it; the SIGTERM before was not that end."""
    stopped = replace(process(1, "init"), state=ProcessState.STOPPED)
    ended = history(
        seen(1, stopped),
        OPENED,
        sent(10, SIGTERM),
        generated(10, SIGTERM),
        generated(20, SIGKILL, by=OUTSIDE),
        delivered(21, SIGKILL, delivery=Delivery.DEFAULT),
        ProcessExited(22 * MS, INIT),
        ParentNotified(22 * MS, INIT, OUTSIDE, ChildStatus.KILLED),
        InitEnded(23 * MS, 137),
    )

    assert evaluate(OutcomeWas(Outcome.PENDING), context(ended)).holds


def test_what_was_blocked_may_have_been_waited_for() -> None:
    """Where system calls are in the trace, sigwait(3) is; elsewhere nothing says whether it was."""
    blocks = replace(process(1, "init"), blocked_by_all=1 << (SIGTERM - 1))
    waited = replace(blocks, waits=True)
    exited = ParentNotified(22 * MS, INIT, OUTSIDE, ChildStatus.EXITED)
    facts = (sent(10, SIGTERM), generated(10, SIGTERM), ProcessExited(22 * MS, INIT), exited)
    no_calls = replace(OPENED, syscalls=False)
    taken = SignalAccepted(15 * MS, SIGTERM, INIT)

    def pending(*others: Observation) -> tuple[bool, bool, bool]:
        result = evaluate(OutcomeWas(Outcome.PENDING), context(history(*others)))
        return result.holds, result.known, result.final

    assert pending(seen(1, waited), OPENED, *facts) == (True, True, True)
    assert pending(seen(1, waited), OPENED, *facts[:2], taken, *facts[2:]) == (False, True, True)
    assert pending(seen(1, waited), no_calls, *facts) == (False, False, True)


@pytest.mark.parametrize(
    ("signals", "fd", "expected"),
    [(1, 4, (True, True)), (1, None, (True, True)), (1, 5, (False, False)), (0, 4, (False, True))],
)
def test_what_is_read_from_a_signalfd_is_consumed(
    signals: int, fd: int | None, expected: tuple[bool, bool]
) -> None:
    """A look has shown which descriptors are signalfds; of others it is not known."""
    mask = 1 << (SIGTERM - 1)
    blocks = replace(
        process(1, "init"), blocked_by_all=mask, signalfd=mask, signalfds=(SignalFd(4, mask),)
    )
    reads = [SignalfdRead(15 * MS, INIT, fd, signals)] if signals else []
    one = history(
        seen(1, blocks),
        OPENED,
        sent(10, SIGTERM),
        generated(10, SIGTERM),
        *reads,
        ProcessExited(22 * MS, INIT),
        ParentNotified(22 * MS, INIT, OUTSIDE, ChildStatus.EXITED),
    )

    result = evaluate(OutcomeWas(Outcome.CONSUMED), context(one))

    assert (result.holds, result.known) == expected


def test_what_is_waited_for_is_not_held_back() -> None:
    """It counts as blocked, and yet it is taken at once; one that is only blocked is not."""
    blocks = replace(process(1, "init"), blocked_by_all=1 << (SIGTERM - 1))
    waits = replace(blocks, waits=True, waits_for=1 << (SIGTERM - 1))
    outcomes = {}
    for words, init in (("waits", waits), ("blocks", blocks)):
        after = history(
            seen(1, init), OPENED, sent(10, SIGTERM), generated(10, SIGTERM), seen(30, init)
        )
        outcomes[words] = evaluate(OutcomeWas(Outcome.CONSUMED), context(after)).holds

    assert outcomes == {"waits": True, "blocks": False}


def test_without_the_record_it_is_not_told_who_has_taken_a_signal() -> None:
    """Not even where it is known that a thread waits for it; and that is said at once."""
    waits = replace(process(1, "init"), waits=True, waits_for=1 << (SIGTERM - 1))
    gone = history(seen(1, waits), sent(10, SIGTERM), seen(30, waits))

    result = evaluate(OutcomeWas(Outcome.CONSUMED), context(gone))

    assert (result.known, result.final) == (False, True)


def test_what_init_takes_that_does_nothing_by_default_is_ignored() -> None:
    """As when it is sent to a process that is traced."""
    taken = history(
        SNAPSHOT,
        OPENED,
        sent(10, SIGCHLD),
        generated(10, SIGCHLD),
        delivered(11, SIGCHLD, delivery=Delivery.DEFAULT),
    )

    assert evaluate(OutcomeWas(Outcome.IGNORED), context(taken)).holds


def test_what_a_tracer_was_shown_cannot_be_told() -> None:
    """It may have put another signal in its place."""
    traced = replace(process(1, "init"), traced=True)
    shown = history(
        seen(1, traced), OPENED, sent(10, SIGTERM), generated(10, SIGTERM), seen(30, traced)
    )

    result = evaluate(OutcomeWas(Outcome.CONSUMED), context(shown))

    assert (result.known, result.final) == (False, True)


def test_the_probes_signal_is_known_by_its_time() -> None:
    """Its target was gone before its PID was asked for."""
    unknown = replace(KID, pid=None)
    took = delivered(11, SIGTERM, unknown)
    other = replace(generated(10, SIGTERM, to=unknown), at_ns=14 * MS)

    mine = history(SNAPSHOT, OPENED, sent(10, SIGTERM, 7), generated(10, SIGTERM, to=unknown), took)
    late = history(SNAPSHOT, OPENED, sent(10, SIGTERM, 7), other)

    assert evaluate(OutcomeWas(Outcome.HANDLER_RUNS), context(mine)).holds
    assert not evaluate(OutcomeWas(Outcome.HANDLER_RUNS), context(late)).known
