"""
The oracle held against reality: each step with the fates of its signals, surprises as failures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from runner.model.fate import SignalFate
from runner.model.result import CaseResult, StepResult
from runner.model.verdict import Failed, Finding, Passed


def with_signals(
    result: CaseResult, told: Mapping[int, tuple[SignalFate, ...]], *, strict: bool
) -> CaseResult:
    """
    Give the result with what was foretold of each signal and what became of it, by step.

    With `strict`, a step that passed fails when something else became of a signal than was foretold
    with confidence, and the case with it.
    """
    steps = tuple(
        dataclasses.replace(one, signals=told.get(number, ()))
        for number, one in enumerate(result.steps)
    )
    if strict:
        steps = tuple(map(_strictly, steps))
    failed = next((one.verdict for one in steps if isinstance(one.verdict, Failed)), None)
    surprised = strict and isinstance(result.verdict, Passed) and failed is not None
    verdict = failed if surprised and failed is not None else result.verdict
    return dataclasses.replace(result, steps=steps, verdict=verdict)


def _strictly(step: StepResult) -> StepResult:
    surprises = [one for one in step.signals if one.surprising]
    if not surprises or not isinstance(step.verdict, Passed) or step.ignored:
        return step
    findings = tuple(map(_finding, surprises))
    why = "something else became of a signal than the kernel's rules say (--strict-oracle)"
    return dataclasses.replace(step, verdict=Failed(findings, why))


def _finding(fate: SignalFate) -> Finding:
    foretold = fate.predicted.value if fate.predicted else ""
    rule = f" by {fate.rule}" if fate.rule else ""
    return Finding(
        expected=f"{fate.signal}: {foretold}{rule}",
        seen=f"{fate.seen} ({fate.outcome.value if fate.outcome else 'not known'})",
        holds=False,
        evidence=fate.evidence,
        at_s=0.0,
    )
