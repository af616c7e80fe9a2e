"""
The default readiness: init has exec'd its program and has come to rest.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from runner.judge.condition import SNAPSHOT, CheckContext, CheckResult, Condition
from runner.kernel.processes import ProcessState, is_runtime
from runner.model.expectation import InitSettled
from runner.model.verdict import Evidence

_ASLEEP: Final = {ProcessState.SLEEPING, ProcessState.IDLE}


def evaluate(check: InitSettled, context: CheckContext) -> CheckResult:
    """Compare the name, arguments and masks of init with those that it had a while ago."""
    gone = context.init_gone()
    if gone is not None:
        # Steps may expect just that; steps that act on init will not be carried out.
        return dataclasses.replace(gone, holds=True, final=True)
    init, snapshot = context.init, context.snapshot
    if init is None or snapshot is None:
        return context.unknown("init is in no snapshot yet", Evidence.PROC)
    still_s = (snapshot.until_ns - context.history.init_still_since_ns) / 1e9
    needed_s = check.asleep_s if init.state in _ASLEEP else check.awake_s
    holds = still_s >= needed_s and not is_runtime(init.comm)
    seen = f"init is {init.comm}, state {init.state.value}"
    return CheckResult(holds, seen, Evidence.PROC, snapshot.at_ns)


CONDITION: Final = Condition(
    InitSettled,
    evaluate,
    describe=lambda _: "init ready",
    rests_on=lambda _: SNAPSHOT,
)
