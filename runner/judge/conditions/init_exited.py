"""
`init: {exited: ...}`: the exit status of init, as the engine reports it.
"""

from __future__ import annotations

from typing import Final

from runner.judge.condition import ENGINE, CheckContext, CheckResult, Condition
from runner.model.expectation import InitExited
from runner.model.verdict import Evidence


def evaluate(check: InitExited, context: CheckContext) -> CheckResult:
    """Compare the exit status of init with those asked for."""
    gone = context.init_gone()
    if gone is not None:
        ended = context.history.ended
        holds = ended is not None and ended.exit_code in check.codes
        return CheckResult(holds, gone.seen, gone.evidence, gone.at_ns, final=gone.final)
    stopped = context.init is not None and context.init.state.stopped
    seen = "init is stopped (T)" if stopped else "init is still running"
    return CheckResult(False, seen, Evidence.ENGINE, context.now_ns)


CONDITION: Final = Condition(
    InitExited,
    evaluate,
    describe=lambda check: "init exited " + " or ".join(map(str, check.codes)),
    rests_on=lambda _: ENGINE,
)
