"""
`init: {caught: ...}` and the like: facts of PID 1.
"""

from __future__ import annotations

from typing import Final

from runner.judge.condition import CheckContext, CheckResult, Condition
from runner.judge.process_by_trace import evaluate_by_trace, facts_rest_on, in_snapshots
from runner.judge.process_facts import cannot_tell, describe_facts, mismatches
from runner.model.expectation import InitShows, Selector
from runner.model.verdict import Evidence


def evaluate(check: InitShows, context: CheckContext) -> CheckResult:
    """Compare facts of PID 1 with the last snapshot and the kernel trace."""
    gone = context.init_gone()
    if gone is not None:
        return gone
    init, snapshot = context.init, context.snapshot
    if init is None or snapshot is None:
        return context.unknown("init is in no snapshot yet", Evidence.PROC)
    facts = in_snapshots(check.facts)
    if facts != check.facts:
        result = evaluate_by_trace(Selector(pid=init.pid), check.facts, context)
        if not result.holds:
            return result
    wrong = mismatches(facts, init, snapshot)
    seen = "init has " + (", ".join(wrong) if wrong else describe_facts(check.facts))
    at_ns, known = context.since(snapshot.at_ns), not cannot_tell(facts, init)
    return CheckResult(not wrong, seen, Evidence.PROC, at_ns, known=known)


CONDITION: Final = Condition(
    InitShows,
    evaluate,
    describe=lambda check: f"init with {describe_facts(check.facts)}",
    rests_on=lambda check: facts_rest_on(check.facts),
    needs_quiet=lambda check: not check.facts.pending,
)
