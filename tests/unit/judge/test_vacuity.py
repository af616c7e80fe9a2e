"""What proves nothing never passes: the referee's last guard, whatever the executor has done."""

from __future__ import annotations

import dataclasses

import pytest

from runner.judge.evaluator import judge
from runner.model.engine_facts import InitEnded
from runner.model.expectation import InitIs, InitState
from runner.model.observation import SignalSent, StepBegan, StepEnded, Timeline
from runner.model.result import CaseResult
from runner.model.verdict import Errored
from tests.support.cases import SETTINGS, case, expect, send, snapshot
from tests.support.results import BARE, played

RUNNING = InitIs(InitState.RUNNING)
SURVIVES = played(case(send("TERM", expect(RUNNING))), BARE)


def again(result: CaseResult, timeline: Timeline) -> CaseResult:
    """Judge another timeline of the case."""
    return judge(result.case, timeline, SETTINGS)


def test_the_case_itself_passes() -> None:
    """What follows errs because of what is changed there, and nothing else."""
    assert SURVIVES.verdict.kind == "passed"


def test_a_signal_before_the_container_was_ready_is_an_error() -> None:
    """The program may not have installed its handlers yet."""
    timeline = tuple(
        one for one in SURVIVES.timeline if not (isinstance(one, StepEnded) and one.step < 0)
    )
    verdict = again(SURVIVES, timeline).verdict

    assert verdict == Errored("SIGTERM was sent before the container was ready")


def test_a_signal_to_an_init_that_was_gone_is_an_error() -> None:
    """It reached nobody; nothing that is seen afterwards came of it."""
    sent = next(one for one in SURVIVES.timeline if isinstance(one, SignalSent))
    at = SURVIVES.timeline.index(sent)
    ended = InitEnded(sent.at_ns - 1, 0)
    timeline = (*SURVIVES.timeline[:at], ended, *SURVIVES.timeline[at:])
    a_case = dataclasses.replace(SURVIVES.case, steps=(send("TERM", expect(RUNNING)),))
    for_nothing = dataclasses.replace(a_case.steps[0], expect=None)
    unasked = dataclasses.replace(a_case, steps=(for_nothing,))

    for one in (a_case, unasked):
        assert judge(one, timeline, SETTINGS).verdict.kind in {"failed", "errored"}
    assert "after init had ended" in str(judge(unasked, timeline, SETTINGS).verdict)


@pytest.mark.parametrize("kept", [0, 3])
def test_expectations_that_were_never_evaluated_are_an_error(kept: int) -> None:
    """A timeline that breaks off is no proof."""
    verdict = again(SURVIVES, SURVIVES.timeline[:kept]).verdict

    assert isinstance(verdict, Errored)
    assert "was never evaluated" in verdict.what


def test_a_later_step_that_was_never_reached_is_an_error() -> None:
    """One expectation that holds does not stand for the other."""
    result = played(case(send("TERM", expect(RUNNING)), snapshot(RUNNING)), BARE)
    cut = next(
        number
        for number, one in enumerate(result.timeline)
        if isinstance(one, StepBegan) and one.step == 1
    )
    verdict = again(result, result.timeline[:cut]).verdict

    assert isinstance(verdict, Errored)
    assert "'expect' was never evaluated" in verdict.what


def test_a_case_whose_every_expectation_was_ignored_is_an_error() -> None:
    """`ignore_errors` on all of them leaves nothing that could fail."""
    gone = InitIs(InitState.NEVER_STARTED)
    step = dataclasses.replace(send("TERM", expect(gone, within=0.1)), ignore_errors=True)
    verdict = played(case(step), BARE).verdict

    assert isinstance(verdict, Errored)
    assert "failed and was ignored" in verdict.what
