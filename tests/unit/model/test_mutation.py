"""What became of a mutant, and how many are counted."""

from __future__ import annotations

import dataclasses

import pytest

from runner.errors import BUG_ADVICE
from runner.model.container import WrongInit
from runner.model.engine_facts import EngineLost
from runner.model.mutation import CaseMutation, Mutant, MutantResult, Outcome, Score, scenarios_of
from runner.model.observation import CaseBroken, Interrupted, TimedOut, Timeline
from runner.model.result import CaseResult
from runner.model.verdict import Errored, Failed, Passed, Skipped, Verdict
from tests.support.cases import case

CASE = case(name="one")


def mutant(verdict: Verdict, timeline: Timeline = ()) -> MutantResult:
    """A mutant with that result."""
    one = Mutant(CASE, "", WrongInit.IGNORES)
    return MutantResult(one, CaseResult(one.case, verdict, (), timeline, took_s=0.5))


KILLED, SURVIVED = mutant(Failed((), "x")), mutant(Passed())
NOT_JUDGED = mutant(Errored("gone", engine=True), (EngineLost(1, "gone", ""),))


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (SURVIVED, Outcome.SURVIVED),
        (KILLED, Outcome.KILLED),
        (mutant(Errored("never became ready")), Outcome.KILLED),
        (mutant(Errored("timeout"), (TimedOut(1, 60),)), Outcome.KILLED),
        (mutant(Errored("is not running", engine=True)), Outcome.KILLED),
        (NOT_JUDGED, Outcome.NOT_JUDGED),
        (mutant(Errored("x"), (Interrupted(1),)), Outcome.NOT_JUDGED),
        (mutant(Errored("x"), (CaseBroken(1, "x", BUG_ADVICE),)), Outcome.NOT_JUDGED),
        (mutant(Errored("x", BUG_ADVICE)), Outcome.NOT_JUDGED),
        (mutant(Skipped("x")), Outcome.NOT_JUDGED),
    ],
)
def test_a_mutant_is_killed_if_its_case_does_not_pass(
    result: MutantResult, outcome: Outcome
) -> None:
    """But for reasons that have nothing to do with it: those say nothing of the scenario."""
    assert result.outcome is outcome


def test_the_rows_of_a_scenario_are_counted_together() -> None:
    """By the scenario's name and file; without a matrix a case is a scenario."""

    def row(name: str, scenario: str, *mutants: MutantResult, left_out: str = "") -> CaseMutation:
        of = {"x": name} if scenario else {}
        a_case = dataclasses.replace(CASE, name=name, scenario=scenario, row=of)
        return CaseMutation(CaseResult(a_case, Passed(), (), (), 0.1), left_out, mutants)

    cases = [
        row("a", "both", KILLED, SURVIVED),
        row("b", "both", KILLED, NOT_JUDGED),
        row("c", "both", left_out="why"),
        row("alone", "", KILLED),
    ]

    assert [(one.name, one.score) for one in scenarios_of(cases)] == [
        ("both", Score(killed=2, survived=1, not_judged=1, left_out=1, took_s=2.0)),
        ("alone", Score(killed=1, survived=0, not_judged=0, left_out=0, took_s=0.5)),
    ]
    assert scenarios_of(cases)[0].score.mutants == 4
