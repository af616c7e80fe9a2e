"""
The oracle held against reality: the outcomes of signals by step, mispredictions as failures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from runner.model.result import CaseResult, StepResult
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Failed, Finding, Passed


def with_signals(
    result: CaseResult, outcomes: Mapping[int, tuple[SignalOutcome, ...]], *, strict: bool
) -> CaseResult:
    """
    Return the result with what was predicted for each signal and what became of it, by step.

    With `strict`, a step that passed fails when something else became of a signal than was
    predicted with confidence, and the case with it.
    """
    steps = tuple(
        dataclasses.replace(one, signals=outcomes.get(number, ()))
        for number, one in enumerate(result.steps)
    )
    if not strict:
        return dataclasses.replace(result, steps=steps)
    pairs = zip(steps, result.case.all_steps, strict=True)
    steps = tuple(_strictly(one, ignored=step.ignore_errors) for one, step in pairs)
    failed = (one.verdict for one in steps if isinstance(one.verdict, Failed) and not one.ignored)
    verdict = result.verdict
    if isinstance(verdict, Passed):
        verdict = next(failed, verdict)
    return dataclasses.replace(result, steps=steps, verdict=verdict)


def _strictly(step: StepResult, *, ignored: bool) -> StepResult:
    mispredictions = [one for one in step.signals if one.mispredicted]
    if not mispredictions or not isinstance(step.verdict, Passed):
        return step
    findings = tuple(map(_finding, mispredictions))
    why = "something else became of a signal than the kernel's rules say (--strict-oracle)"
    return dataclasses.replace(step, verdict=Failed(findings, why), ignored=ignored)


def _finding(outcome: SignalOutcome) -> Finding:
    predicted = outcome.predicted.value if outcome.predicted else ""
    rule = f" by {outcome.rule}" if outcome.rule else ""
    return Finding(
        expected=f"{outcome.signal}: {predicted}{rule}",
        seen=f"{outcome.seen} ({outcome.actual.value if outcome.actual else 'not known'})",
        holds=False,
        evidence=outcome.evidence,
        at_s=0.0,
    )
