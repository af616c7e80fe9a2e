"""Which mutants a case has, and what is put into its containers."""

from __future__ import annotations

import dataclasses

import pytest

from runner.model.case import Case
from runner.model.container import WrongInit
from runner.model.engine_facts import NeverStarted
from runner.model.expectation import InitIs, InitState
from runner.model.mutation import Mutant
from runner.model.observation import Timeline
from runner.model.result import CaseResult
from runner.model.verdict import Errored, Failed, Passed, Skipped, Verdict
from runner.plan.mutants import mutants_of, why_left_out, with_results
from tests.support.cases import case, snapshot

RUNNING = snapshot(InitIs(InitState.RUNNING))
CASE = case(RUNNING, name="one")


def result_of(a_case: Case, verdict: Verdict | None = None, timeline: Timeline = ()) -> CaseResult:
    """A result, passed unless said otherwise."""
    return CaseResult(a_case, verdict or Passed(), (), timeline, took_s=0.1)


def two_containers(*on: str, **plan: object) -> Case:
    """A case with `app` and `side`, and a step about each that is named; `plan` is that of side."""
    app = CASE.containers[""]
    side = dataclasses.replace(app, plan=dataclasses.replace(app.plan, **plan))  # type: ignore[arg-type]
    steps = tuple(dataclasses.replace(RUNNING, on=name) for name in on)
    return dataclasses.replace(CASE, containers={"app": app, "side": side}, steps=steps)


def test_a_case_has_a_mutant_for_each_wrong_init() -> None:
    """In the order in which they are listed."""
    assert [one.wrong_init for one in mutants_of(result_of(CASE))] == list(WrongInit)
    assert why_left_out(result_of(CASE)) == ""


def test_a_mutant_is_the_case_with_another_init_in_place() -> None:
    """Everything else stays, but for its name and the engine's own init, whose place it takes."""
    plan = dataclasses.replace(CASE.containers[""].plan, docker_init=True)
    container = dataclasses.replace(CASE.containers[""], plan=plan)
    original = dataclasses.replace(CASE, containers={"": container})

    mutated = Mutant(original, "", WrongInit.IGNORES).case

    assert mutated.name == "one (ignores)"
    assert mutated.containers[""].plan == dataclasses.replace(
        plan, wrong_init=WrongInit.IGNORES, docker_init=False
    )
    back = {"name": "one", "containers": original.containers}
    assert dataclasses.replace(mutated, **back) == original  # type: ignore[arg-type]


def test_of_several_containers_one_at_a_time_is_mutated() -> None:
    """And the mutant says which."""
    mutants = mutants_of(result_of(two_containers("app", "side")))

    assert [one.name for one in mutants] == [
        f"{kind.value} in {name}" for name in ("app", "side") for kind in WrongInit
    ]
    for one in mutants:
        plans = {name: container.plan for name, container in one.case.containers.items()}
        mutated = [name for name, plan in plans.items() if plan.wrong_init]
        assert mutated == [one.container]


def test_a_container_that_no_step_is_about_has_no_mutant() -> None:
    """Nobody asks what becomes of it; a step that is skipped does not ask either."""
    a_case = two_containers("app", "side")
    skipped = dataclasses.replace(a_case.steps[1], skip="why")

    for one in (two_containers("app"), dataclasses.replace(a_case, steps=(RUNNING, skipped))):
        first = dataclasses.replace(one, steps=(a_case.steps[0], *one.steps[1:]))
        assert {mutant.container for mutant in mutants_of(result_of(first))} == {"app"}


def test_a_container_that_shares_a_pid_namespace_has_no_mutant() -> None:
    """Its program is not PID 1; the other's is."""
    mutants = mutants_of(result_of(two_containers("app", "side", pid="app")))

    assert {one.container for one in mutants} == {"app"}


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (result_of(CASE, Skipped("when: false")), "skipped: when: false"),
        (result_of(CASE, Failed((), "x")), "not passed as it is: failed"),
        (result_of(CASE, Errored("x")), "not passed as it is: errored"),
        (result_of(CASE, None, (NeverStarted(1, "x", 127),)), "its init never starts"),
        (
            result_of(two_containers("side", pid="host")),
            "its init is not PID 1: its PID namespace is the machine's",
        ),
        (
            result_of(two_containers("side", pid="app")),
            "its init is not PID 1: its PID namespace is that of app",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_case_in_which_a_wrong_init_makes_no_sense_is_left_out(
    result: CaseResult, why: str
) -> None:
    """With the reason."""
    assert mutants_of(result) == ()
    assert why_left_out(result) == why


def test_results_come_back_to_their_cases() -> None:
    """In order; a case whose mutants were not run says so."""
    skipped = result_of(dataclasses.replace(CASE, name="two"), Skipped("why"))
    as_it_is = [result_of(CASE), skipped, result_of(dataclasses.replace(CASE, name="three"))]
    ran = [result_of(one.case) for one in mutants_of(as_it_is[0])]

    first, second, third = with_results(as_it_is, ran)

    assert [one.mutant.case.name for one in first.mutants] == [one.case.name for one in ran]
    assert [one.result for one in first.mutants] == ran
    assert (first.left_out, second.left_out, third.left_out) == (
        "",
        "skipped: why",
        "its mutants were not run",
    )
