"""What is said of processes that no look has shown, by what the record has of them."""

from __future__ import annotations

import pytest

from runner.history.container_history import ContainerHistory
from runner.history.fold import with_fact
from runner.judge.conditions import evaluate
from runner.judge.signals.evidence_after import since_acted
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import ContainerStarted
from runner.model.expectation import Check, DeliveredWas, InitSettled, InitShows, ProcessFacts
from runner.model.kernel_facts import ChildStatus, KernelFact, ProcessExited
from runner.model.observation import Observation, TraceReached
from runner.model.process import Process
from runner.model.signal_outcome import SignalOutcome
from tests.support.cases import expect
from tests.support.decided import acts, before, judged, look
from tests.support.facts import (
    INIT,
    MS,
    WORKER,
    delivered,
    generated,
    process,
    sent,
    snapshot,
    told,
)
from tests.support.histories import context, history

QUEUED = generated("TERM", target=WORKER)
TOLD = told(WORKER, ChildStatus.EXITED, parent=INIT, at_ms=1004)
EXITED = (ProcessExited(1003 * MS, WORKER), TOLD)


def came_of(*facts: Observation, target: Process | None = None) -> SignalOutcome:
    """Say what became of a SIGTERM to 7, which no look has shown before if it is not given."""
    shown = (process(),) if target is None else (process(), target)
    known = (*before(*shown), *acts(sent("TERM", pid=7)), QUEUED, *facts)
    (one,) = judged(9000, expect(DeliveredWas(True)), *known).steps[0].signals
    return one


def test_a_target_that_only_later_looks_show_may_have_accepted_its_signal() -> None:
    """Whether it was traced before is not known, and does not matter where it is not now."""
    one = came_of(look(process(), process(7), at_ms=1010, until_ms=8000), TraceReached(9000 * MS))

    assert one.actual is not Outcome.PENDING


def test_a_target_that_no_look_has_shown_may_end_without_its_signal() -> None:
    """Nobody knows that it was stopped then."""
    one = came_of(*EXITED, TraceReached(9000 * MS))

    assert one.actual is Outcome.PENDING


@pytest.mark.parametrize(
    "check",
    [InitShows(ProcessFacts(caught=(SIGTERM,))), InitSettled()],
)
def test_init_that_a_look_does_not_show_is_not_known(check: Check) -> None:
    """Processes of the machine are, which say nothing of init."""
    result = evaluate(
        check, context(history(ContainerStarted(0), snapshot(process(7, foreign=True), at_ms=5)))
    )

    assert (result.holds, result.known) == (False, False)


def test_without_a_step_that_sends_the_last_look_counts() -> None:
    """There is none other."""
    one = with_fact(ContainerHistory(), snapshot(process()))

    assert since_acted(one, 2000 * MS).snapshot == one.snapshot


@pytest.mark.parametrize(("caught", "known"), [(("TERM",), True), ((), False)])
def test_nothing_was_predicted_of_a_handler_that_was_installed_since(
    caught: tuple[str, ...], *, known: bool
) -> None:
    """That it has run proves that what was seen right before the signal was over."""
    target = process(7, caught=caught)
    record = (delivered("TERM", task=WORKER), TraceReached(9000 * MS))

    one = came_of(*record, target=target)

    assert one.actual is Outcome.HANDLER_RUNS
    assert (one.confidence is not Confidence.UNKNOWN) is known


@pytest.mark.parametrize(
    ("end", "reached_ms", "outcome"),
    [
        (EXITED[:1], 1003, None),
        (EXITED, 1003, Outcome.PENDING),
        (EXITED, 9000, Outcome.PENDING),
    ],
)
def test_what_became_of_a_signal_is_open_only_while_its_targets_end_is(
    end: tuple[KernelFact, ...], reached_ms: int, outcome: Outcome | None
) -> None:
    """Once its parent is told how it ended, what nothing has taken was pending then."""
    one = came_of(*end, TraceReached(reached_ms * MS), target=process(7, blocked=("TERM",)))

    assert one.actual is outcome
