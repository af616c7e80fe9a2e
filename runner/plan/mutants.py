"""
The mutants of a case that has passed: one for each wrong init in each container that it is about.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.model.case import Case
from runner.model.container import HOST_PID, WrongInit
from runner.model.engine_facts import NeverStarted
from runner.model.mutation import CaseMutation, Mutant, MutantResult
from runner.model.result import CaseResult
from runner.model.verdict import Passed, Skipped


def mutants_of(result: CaseResult) -> tuple[Mutant, ...]:
    """Return the mutants of a case, by its result without a wrong init."""
    if not isinstance(result.verdict, Passed):
        return ()
    return tuple(
        Mutant(result.case, container, wrong_init)
        for container in _containers_of(result.case)
        if not _why_none_of(result, container)
        for wrong_init in WrongInit
    )


def with_results(
    as_it_is: Sequence[CaseResult], of_mutants: Sequence[CaseResult]
) -> tuple[CaseMutation, ...]:
    """
    Return each case with the results of its mutants, which are in the order of `mutants_of`.

    Where there are fewer results than mutants, the last ones were not run.
    """
    left = iter(of_mutants)

    def of(result: CaseResult) -> CaseMutation:
        pairs = zip(mutants_of(result), left, strict=False)
        mutants = tuple(MutantResult(one, found) for one, found in pairs)
        why = why_left_out(result) or ("" if mutants else "its mutants were not run")
        return CaseMutation(result, why, mutants)

    return tuple(map(of, as_it_is))


def why_left_out(result: CaseResult) -> str:
    """Return why a case has no mutants; "" if it has."""
    if isinstance(result.verdict, Skipped):
        return f"skipped: {result.verdict.reason}"
    if not isinstance(result.verdict, Passed):
        return f"not passed as it is: {result.verdict.kind}"
    if mutants_of(result):
        return ""
    return next(_why_none_of(result, container) for container in _containers_of(result.case))


def _containers_of(case: Case) -> tuple[str, ...]:
    """Return the containers that a step is about: what becomes of another is not asked."""
    about = {step.on for step in case.all_steps if not step.skip}
    return tuple(name for name in case.containers if name in about)


def _why_none_of(result: CaseResult, container: str) -> str:
    pid = result.case.containers[container].plan.pid
    if pid:
        whose = "the machine's" if pid == HOST_PID else f"that of {pid}"
        return f"its init is not PID 1: its PID namespace is {whose}"
    never = any(
        isinstance(fact, NeverStarted) and fact.container == container for fact in result.timeline
    )
    return "its init never starts" if never else ""
