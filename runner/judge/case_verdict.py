"""
The verdict on a case, and the results of its steps, from the verdicts on these.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.history.case_history import CaseHistory
from runner.judge.step_verdict import JudgedStep
from runner.judge.vacuity import why_vacuous
from runner.model.case import Case
from runner.model.result import StepResult
from runner.model.verdict import Errored, Passed, Skipped, Verdict, went_wrong


def case_verdict(
    case: Case,
    judged: Mapping[int, JudgedStep],
    *,
    ended_early: Errored | None,
    out_of_turn: Errored | None,
    over: bool,
) -> Verdict:
    """
    Return the verdict on a case by those on its steps so far.

    `ended_early` is why it has ended before its last step, `out_of_turn` which signal was sent at a
    time when it proves nothing; `over`: no more facts will come.
    """
    if case.skip:
        return Skipped(case.skip)
    if ended_early is not None:
        return ended_early
    for name in case.containers:
        ready = judged.get(case.ready_step(name))
        if ready is not None and ready.verdict.kind == "errored":
            return ready.verdict
    for number, step in enumerate(case.all_steps):
        one = judged.get(number)
        if one and went_wrong(one.verdict) and not step.ignore_errors:
            return one.verdict
    findings = [
        finding
        for number, one in judged.items()
        if number >= 0 and isinstance(one.verdict, Passed)
        for finding in one.verdict.findings
    ]
    return out_of_turn or why_vacuous(case, judged, over=over) or Passed(tuple(findings))


def step_results(history: CaseHistory, judged: Mapping[int, JudgedStep]) -> tuple[StepResult, ...]:
    """Return a result for every step, run or not."""
    case, over = history.case, False
    results: list[StepResult] = []
    for number, step in enumerate(case.all_steps):
        one = judged.get(number)
        if one is None:
            why = "an earlier step ended the case" if over else "the case ended before this step"
            skipped = Skipped(case.skip or step.skip or why)
            results.append(StepResult(step.title, step.where, skipped))
            continue
        wrong = went_wrong(one.verdict)
        ignored = wrong and step.ignore_errors
        over = over or (wrong and not ignored)
        began_s = (one.began_ns - (history.created_ns or 0)) / 1e9
        took_s = (one.ended_ns - one.began_ns) / 1e9
        results.append(StepResult(step.title, step.where, one.verdict, began_s, took_s, ignored))
    return tuple(results)
