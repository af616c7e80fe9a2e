"""When it is said that a signal was never taken, and what is said for good."""

from __future__ import annotations

import pytest

from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.model.engine_facts import InitEnded
from runner.model.process import Process
from tests.support.facts import MS, generated, process, sent, snapshot
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
