"""
`outcome`: what became of the signals that were sent last.
"""

from __future__ import annotations

from typing import Final

from runner.judge.condition import SNAPSHOT, TRACE, CheckContext, CheckResult, Condition
from runner.judge.signals.asked import outcomes_asked_about, result_of
from runner.kernel.prediction import Outcome
from runner.model.expectation import OutcomeWas
from runner.model.verdict import Evidence

_NOTHING_HAPPENS: Final = {
    Outcome.DROPPED_INIT,
    Outcome.IGNORED,
    Outcome.PENDING,
    Outcome.REJECTED,
}


def evaluate(check: OutcomeWas, context: CheckContext) -> CheckResult:
    """Compare it, or what was predicted, with what became of the signals."""
    outcomes = outcomes_asked_about(context, check.signal)
    if check.outcome is not None:
        return result_of(outcomes, context, check.signal, lambda one: one.actual is check.outcome)
    unpredicted = next((one for one in outcomes if one.predicted is None), None)
    if unpredicted is not None:
        seen = f"nothing was predicted for {unpredicted.signal}: its target is in no snapshot"
        return context.unknown(seen, Evidence.PROC, final=True)
    return result_of(outcomes, context, check.signal, lambda one: one.as_predicted)


def describe(check: OutcomeWas) -> str:
    """`the outcome of SIGTERM handler_runs`."""
    of = f" of {check.signal}" if check.signal is not None else ""
    return f"the outcome{of} " + (check.outcome.value if check.outcome else "that was predicted")


def _needs_quiet(check: OutcomeWas) -> bool:
    return check.outcome is None or check.outcome in _NOTHING_HAPPENS


CONDITION: Final = Condition(
    OutcomeWas,
    evaluate,
    describe,
    rests_on=lambda _: SNAPSHOT | TRACE,
    needs_quiet=_needs_quiet,
    until_stopped=_needs_quiet,
)
