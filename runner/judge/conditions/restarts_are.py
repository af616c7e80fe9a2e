"""
`restarts`: how often the restart policy has started init again.
"""

from __future__ import annotations

from typing import Final

from runner import words
from runner.judge.bounds import bounds_words, within
from runner.judge.condition import ENGINE, CheckContext, CheckResult, Condition
from runner.model.expectation import RestartsAre
from runner.model.verdict import Evidence


def evaluate(check: RestartsAre, context: CheckContext) -> CheckResult:
    """Compare it with the engine's count."""
    fact = context.history.restarted
    count = fact.count if fact else 0
    at_ns = context.since(fact.at_ns) if fact else context.now_ns
    too_many = check.count.at_most is not None and count > check.count.at_most
    final = too_many or context.history.gone_for_good
    seen = words.count(count, "restart")
    return CheckResult(within(check.count, count), seen, Evidence.ENGINE, at_ns, final)


CONDITION: Final = Condition(
    RestartsAre,
    evaluate,
    describe=lambda check: f"{bounds_words(check.count)} restarts",
    rests_on=lambda _: ENGINE,
    needs_quiet=lambda _: True,
)
