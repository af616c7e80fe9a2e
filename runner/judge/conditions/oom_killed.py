"""
`oom_killed`: whether the kernel's OOM killer was invoked in the container.
"""

from __future__ import annotations

from typing import Final

from runner.judge.condition import ENGINE, CheckContext, CheckResult, Condition
from runner.model.expectation import OomKilled
from runner.model.verdict import Evidence


def evaluate(check: OomKilled, context: CheckContext) -> CheckResult:
    """Compare it with the engine's report, which comes before that of the end."""
    fact = context.history.out_of_memory
    seen = "the OOM killer was invoked" if fact else "the OOM killer was not invoked"
    at_ns = fact.at_ns if fact else context.now_ns
    final = fact is not None or context.history.gone_for_good
    return CheckResult((fact is not None) is check.killed, seen, Evidence.ENGINE, at_ns, final)


CONDITION: Final = Condition(
    OomKilled,
    evaluate,
    describe=lambda check: "OOM killed" if check.killed else "not OOM killed",
    rests_on=lambda _: ENGINE,
    needs_quiet=lambda check: not check.killed,
    until_stopped=lambda check: not check.killed,
)
