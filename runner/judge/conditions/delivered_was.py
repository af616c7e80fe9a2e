"""
`delivered`: whether the kernel has delivered the signals that were sent last.
"""

from __future__ import annotations

from typing import Final

from runner.judge.condition import SNAPSHOT, TRACE, CheckContext, CheckResult, Condition
from runner.judge.signals.asked import outcomes_asked_about, result_of
from runner.model.expectation import DeliveredWas


def evaluate(check: DeliveredWas, context: CheckContext) -> CheckResult:
    """Compare it with what became of the signals."""
    outcomes = outcomes_asked_about(context, check.signal)
    return result_of(outcomes, context, check.signal, lambda one: one.delivered is check.delivered)


def describe(check: DeliveredWas) -> str:
    """`SIGTERM not delivered`."""
    what = str(check.signal) if check.signal is not None else "the signal"
    return f"{what} {'' if check.delivered else 'not '}delivered"


CONDITION: Final = Condition(
    DeliveredWas,
    evaluate,
    describe,
    rests_on=lambda _: SNAPSHOT | TRACE,
    needs_quiet=lambda check: not check.delivered,
    until_stopped=lambda check: not check.delivered,
)
