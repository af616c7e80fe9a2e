"""When it is said that a signal was never taken, and what is said for good."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.model.engine_facts import InitEnded
from runner.model.kernel_facts import ChildStatus, Generation, KernelFact, ProcessExited
from runner.model.process import Process
from tests.support.facts import (
    INIT,
    MS,
    PROBE,
    WORKER,
    generated,
    process,
    sent,
    snapshot,
    told,
)
from tests.unit.judge.test_signal_outcome import ENDED, HOST, LATER, UNRECORDED, blind, outcome

BLOCKS = process(blocked=("TERM",))
STOPPED = process(state=ProcessState.STOPPED)
CATCHES = process(caught=("TERM",))


@pytest.mark.parametrize(
    ("target", "ago_ms", "known"),
    [
        (BLOCKS, 5, True),
        (BLOCKS, 4.999, False),
        (STOPPED, 5, True),
        (STOPPED, 4.999, False),
        (CATCHES, 1000, True),
        (CATCHES, 999.999, False),
    ],
    ids=["blocks", "blocks-not-yet", "stopped", "stopped-not-yet", "free", "free-not-yet"],
)
def test_what_is_held_back_is_pending_sooner_than_what_may_be_on_its_way(
    target: Process, ago_ms: float, *, known: bool
) -> None:
    """5 ms for what is blocked, or sent to a process that is stopped; else a second."""
    at_ms = LATER - ago_ms

    found = outcome(
        sent("TERM", at_ms=round(at_ms)), generated("TERM", at_ms=at_ms), before=snapshot(target)
    )

    assert found.actual is (Outcome.PENDING if known else None)


@pytest.mark.parametrize(
    ("target", "actual"),
    [(BLOCKS, Outcome.PENDING), (process(waits=True), None), (CATCHES, None)],
    ids=["blocks", "may-wait", "catches"],
)
def test_what_nobody_could_take_was_pending_when_init_ended(
    target: Process, actual: Outcome | None
) -> None:
    """Nothing more is to come of the record; one that may have waited for it may have taken it."""
    one = (sent("TERM"), generated("TERM"))

    found = outcome(*one, before=snapshot(target), ended=ENDED, complete=True)

    assert found.actual is actual


def test_what_is_still_queued_when_init_has_ended_may_yet_be_on_record() -> None:
    """Until the record reaches past the end: how it was taken may follow."""
    one = (sent("TERM"), generated("TERM"))

    assert outcome(*one, before=snapshot(BLOCKS), ended=ENDED, complete=False).actual is None


FOR_GOOD = {
    "dropped, and init goes on": False,
    "dropped, but init has ended": True,
    "not looked at since": False,
    "caught": True,
    "pending": False,
    "not pending any more": False,
    "ended init": True,
    "ended a worker": True,
    "has not ended a worker yet": False,
    "stopped": False,
    "continued": False,
    "waited for, perhaps": True,
    "to a target that was not seen": True,
    "refused": True,
}


@pytest.mark.parametrize("name", UNRECORDED)
def test_without_the_record_some_is_said_for_good(name: str) -> None:
    """What was caught, has ended or was refused; and what will never be known."""
    found, _ = UNRECORDED[name]

    assert found.final is FOR_GOOD[name], found.seen


def test_without_the_record_an_init_that_ended_otherwise_leaves_it_open_for_good() -> None:
    """Its status is not that of the signal."""
    found = blind(sent("KILL", sender=HOST), snapshot(process()), ended=InitEnded(1050 * MS, 0))

    assert (found.actual, found.final, found.seen) == (None, True, "init exited 0")


def test_without_the_record_an_init_that_is_gone_has_ended_by_its_status() -> None:
    """That no look shows it alive does not say by which signal it ended, as it does of others."""
    dead = snapshot(process(state=ProcessState.ZOMBIE), at_ms=1050)
    signal, before = sent("KILL", sender=HOST), snapshot(process())

    assert blind(signal, before, dead, InitEnded(1050 * MS, 0)).actual is None
    assert blind(signal, before, dead, InitEnded(1050 * MS, 137)).actual is Outcome.TERMINATED


def test_what_the_engine_sends_goes_to_init_which_need_not_be_pid_1() -> None:
    """In the PID namespace of another container, PID 1 is another's."""
    before = snapshot(process(foreign=True), process(7))

    found = blind(sent("KILL", sender=HOST), before, ended=InitEnded(1050 * MS, 137))

    assert (found.pid, found.actual) == (7, Outcome.TERMINATED)


@pytest.mark.parametrize(("until_ms", "actual"), [(1000, None), (1001, Outcome.TERMINATED)])
def test_a_look_counts_that_lasted_until_the_answer(until_ms: int, actual: Outcome | None) -> None:
    """kill(2) was answered at 1,001 ms: who is not in it had ended by then."""
    look = snapshot(process(), at_ms=990, until_ms=until_ms)

    found = blind(sent("TERM", pid=7), snapshot(process(), process(7)), look)

    assert (found.actual, found.final) == (actual, actual is not None)


@pytest.mark.parametrize(
    ("name", "state", "words"),
    [
        ("CHLD", ProcessState.SLEEPING, "it is ignored"),
        ("CONT", ProcessState.SLEEPING, "it is ignored"),
        ("TERM", ProcessState.ZOMBIE, "its target is ending"),
    ],
)
def test_why_a_signal_was_discarded_is_said(name: str, state: ProcessState, words: str) -> None:
    """By its disposition, or because its target ends."""
    found = outcome(
        sent(name, pid=7),
        generated(name, Generation.IGNORED, target=WORKER),
        before=snapshot(process(), process(7, state=state)),
    )

    assert found.seen == f"SIG{name} discarded when it was sent: {words}"


def test_only_what_becomes_of_the_target_counts() -> None:
    """The end of another process, and of the probe, is not its end."""
    facts: Sequence[KernelFact] = (
        generated("TERM", target=WORKER),
        told(INIT, ChildStatus.KILLED),
        ProcessExited(1001 * MS, PROBE),
    )

    found = outcome(sent("TERM", pid=7), *facts, before=snapshot(process(), process(7)))

    assert found.actual is None
