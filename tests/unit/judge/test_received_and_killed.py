"""`received`, `forwarded` and `killed_by`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.condition import CheckResult
from runner.judge.conditions import evaluate
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import InitEnded
from runner.model.expectation import (
    Bounds,
    ForwardedWas,
    InitKilledBy,
    InitShows,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
)
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    ParentNotified,
    ProcessExited,
    Task,
)
from runner.model.observation import Observation, ProbeClosed
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

SIGURG = Signal.parse("SIGURG")
SNAPSHOT = seen(1, process(1, "init"), process(7, "kid"))


def received(wanted: tuple[Signal, ...], selector: Selector, *facts: Observation) -> CheckResult:
    """Hold `received` against facts."""
    check = ProcessIs(selector, ProcessFacts(received=tuple(map(Received, wanted))))
    return evaluate(check, context(history(SNAPSHOT, OPENED, *facts)))


def killed_by_signal(task: Task) -> tuple[Observation, ...]:
    """The end of a process by the signal that was sent last, as the record shows it."""
    return (
        delivered(11, SIGKILL, task, Delivery.DEFAULT),
        ProcessExited(12 * MS, task),
        ParentNotified(13 * MS, task, INIT, ChildStatus.KILLED),
    )


def test_what_init_takes_and_drops_it_has_not_received() -> None:
    """Nor what has no effect by default."""
    facts = (
        generated(10, SIGTERM),
        delivered(11, SIGTERM, delivery=Delivery.DEFAULT),
        delivered(12, SIGURG, delivery=Delivery.DEFAULT),
    )

    assert received((), Selector(pid=1), *facts).holds
    assert not received((SIGTERM,), Selector(pid=1), *facts).holds


def test_a_fatal_signal_is_received_under_its_own_name() -> None:
    """And what was received cannot be undone: `received: []` fails at once."""
    facts = (generated(10, SIGTERM, to=KID), *killed_by_signal(KID))

    assert received((SIGTERM,), Selector(comm="kid"), *facts).holds
    nothing = received((), Selector(comm="kid"), *facts)
    assert (nothing.holds, nothing.final) == (False, True)


def test_threads_that_end_with_their_process_were_sent_nothing() -> None:
    """exit_group(2) and execve(2) end the other threads as SIGKILL would."""
    thread = delivered(11, SIGKILL, KID, Delivery.DEFAULT)
    told = ParentNotified(12 * MS, KID, INIT, ChildStatus.EXITED)

    assert received((), Selector(comm="kid"), thread).holds
    blocked = generated(10, SIGTERM, to=KID)
    assert received((), Selector(comm="kid"), blocked, thread, told).holds


def test_a_process_that_no_look_has_seen_is_known_from_the_record() -> None:
    """It came and went between two snapshots."""
    fast = replace(KID, pid=9, host_pid=1009, comm="fast")
    facts = (generated(10, SIGTERM, to=fast), *killed_by_signal(fast))

    assert received((SIGTERM,), Selector(comm="fast"), *facts).holds


def test_other_facts_beside_received_are_asked_too() -> None:
    """It has received the signal, but is not stopped."""
    facts = ProcessFacts(received=(Received(SIGTERM),), state=ProcessState.STOPPED)
    one = history(SNAPSHOT, OPENED, generated(10, SIGTERM, to=KID), delivered(11, SIGTERM, KID))

    result = evaluate(ProcessIs(Selector(comm="kid"), facts), context(one))

    assert not result.holds
    assert "state S" in result.seen


@pytest.mark.parametrize(
    ("signal", "comm", "holds"),
    [(SIGTERM, "init", True), (SIGTERM, "other", False), (SIGURG, "init", False)],
)
def test_what_a_look_shows_and_what_is_in_the_trace_must_both_be_so(
    signal: Signal, comm: str, *, holds: bool
) -> None:
    """Of init as of any process."""
    facts = ProcessFacts(received=(Received(signal),), comm=comm)
    one = history(SNAPSHOT, OPENED, generated(10, SIGTERM), delivered(11, SIGTERM))

    assert evaluate(InitShows(facts), context(one)).holds is holds
    result = evaluate(ProcessIs(Selector(pid=1), facts), context(one))
    assert result.holds is holds
    assert ("has received SIGTERM" in result.seen) is (comm == "init")


@pytest.mark.parametrize(("times", "holds"), [(0, False), (1, True), (2, False)])
def test_only_init_forwards(times: int, *, holds: bool) -> None:
    """What the engine sends to init, and what the kernel sends for it, is something else."""
    one = history(
        SNAPSHOT,
        OPENED,
        generated(9, SIGTERM, by=OUTSIDE),
        generated(10, SIGTERM, by=INIT, to=KID),
        generated(11, SIGTERM, by=INIT, to=KID, code=128),
        generated(12, SIGTERM, by=KID, to=KID, generation=Generation.IGNORED),
    )

    result = evaluate(ForwardedWas(SIGTERM, None, Bounds(times, times)), context(one))

    assert result.holds is holds


def killed(*facts: Observation, by: Signal = SIGTERM) -> CheckResult:
    """Hold `killed_by` against facts."""
    return evaluate(InitKilledBy((by,)), context(history(SNAPSHOT, *facts), now_ms=2000))


def test_the_status_says_which_signal_has_ended_init() -> None:
    """A tracer may have put SIGKILL in the place of the SIGTERM that came."""
    facts = (
        OPENED,
        generated(10, SIGTERM),
        ParentNotified(12 * MS, INIT, OUTSIDE, ChildStatus.KILLED),
        InitEnded(13 * MS, 137),
    )

    assert not killed(*facts).holds
    assert killed(*facts, by=SIGKILL).holds


def test_an_exit_of_its_own_is_no_kill() -> None:
    """143 or not."""
    told = ParentNotified(12 * MS, INIT, OUTSIDE, ChildStatus.EXITED)

    result = killed(OPENED, generated(10, SIGTERM), told, InitEnded(13 * MS, 143))

    assert (result.holds, result.known) == (False, True)
    assert "exited by itself, with 143" in result.seen


def test_without_the_record_init_was_killed_when_the_probes_stream_ended() -> None:
    """The engine's report comes later."""
    closed = ProbeClosed(45 * MS)

    result = killed(sent(10, SIGTERM), closed, InitEnded(50 * MS, 0))

    assert (result.known, result.at_ns) == (True, closed.at_ns)


def test_without_the_record_a_childs_signal_has_not_killed_init() -> None:
    """A shell exits with 143 when its child was killed by SIGTERM."""
    result = killed(sent(10, SIGTERM, pid=7), InitEnded(50 * MS, 143))

    assert (result.holds, result.known, result.final) == (False, False, True)
    assert "run as root on the engine's machine" in result.seen


def test_a_signal_to_one_that_is_not_known_may_be_its() -> None:
    """On a busy machine it was gone before its PID was asked for: nothing is said then."""
    unknown = replace(KID, pid=None)
    facts = (generated(10, SIGTERM, to=unknown), delivered(11, SIGTERM, unknown))

    for wanted in ((), (SIGTERM,)):
        result = received(wanted, Selector(comm="kid"), *facts)
        assert (result.holds, result.known) == (False, False)
    assert received((), Selector(pid=1), *facts).holds


def test_a_signal_to_the_init_of_another_container_did_not_end_this_one() -> None:
    """In a shared PID namespace, PID 1 is somebody else."""
    other, own = process(1, "pause"), process(7, "app")
    snapshot = seen(1, replace(other, foreign=True), own)
    ended = InitEnded(20 * MS, 143)
    check = InitKilledBy((SIGTERM,))

    to_other = history(snapshot, sent(10, SIGTERM, 1), ended)
    to_own = history(snapshot, sent(10, SIGTERM, 7), ended)

    assert not evaluate(check, context(to_other)).known
    assert evaluate(check, context(to_own)).holds
    twice = history(snapshot, sent(10, SIGTERM, 7), sent(11, SIGKILL, 7), ended)
    assert evaluate(check, context(twice)).holds
