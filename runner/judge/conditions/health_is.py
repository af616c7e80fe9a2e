"""
`health`: what the container's health check has come to.
"""

from __future__ import annotations

from typing import Final

from runner.judge.condition import ENGINE, CheckContext, CheckResult, Condition
from runner.model.expectation import HealthIs
from runner.model.verdict import Evidence

_BEFORE_ANY_REPORT: Final = "starting"


def evaluate(check: HealthIs, context: CheckContext) -> CheckResult:
    """Compare it with the engine's last report."""
    fact = context.history.health
    status = fact.status if fact else _BEFORE_ANY_REPORT
    at_ns = context.since(fact.at_ns) if fact else context.now_ns
    final = context.history.gone_for_good
    return CheckResult(status == check.status, f"it is {status}", Evidence.ENGINE, at_ns, final)


CONDITION: Final = Condition(
    HealthIs,
    evaluate,
    describe=lambda check: f"health {check.status}",
    rests_on=lambda _: ENGINE,
)
