"""
`init: running`, `stopped`, `paused` or `never_started`: the state of PID 1.
"""

from __future__ import annotations

from typing import Final

from runner.history.container_history import NEVER
from runner.judge.condition import SNAPSHOT, TRACE, CheckContext, CheckResult, Condition
from runner.model.expectation import InitIs, InitState
from runner.model.kernel_facts import ChildStatus
from runner.model.verdict import Evidence

_SEEN: Final = {InitState.STOPPED: "init is stopped", InitState.RUNNING: "init is running"}


def evaluate(check: InitIs, context: CheckContext) -> CheckResult:
    """Compare the state of init with the engine's word, the last snapshot and the trace."""
    history = context.history
    gone = context.init_gone()
    if gone is not None:
        holds = check.state is InitState.NEVER_STARTED and history.never_started is not None
        return CheckResult(holds, gone.seen, gone.evidence, gone.at_ns, final=gone.final)
    if history.started and check.state is InitState.NEVER_STARTED:
        seen = "init was started"
        return CheckResult(False, seen, Evidence.ENGINE, history.started.at_ns, final=True)
    if history.init_exited is not None:
        # A snapshot still shows a process that is ending; the trace says that it has ended.
        at_ns, final = history.init_exited.at_ns, not history.may_restart
        return CheckResult(False, "init has ended", Evidence.KERNEL, at_ns, final=final)
    if history.paused is not None:
        at_ns = context.since(history.paused.at_ns)
        holds = check.state is InitState.PAUSED
        return CheckResult(holds, "init is paused", Evidence.ENGINE, at_ns)
    notified = history.init_notified
    notified_ns = notified.at_ns if notified is not None else NEVER
    init, snapshot = context.init, context.snapshot
    if init is None or snapshot is None or notified_ns > snapshot.until_ns:
        return _by_trace(check, context)
    state = InitState.STOPPED if init.state.stopped else InitState.RUNNING
    holds, at_ns = state is check.state and init.state.alive, context.since(snapshot.at_ns)
    return CheckResult(holds, _SEEN[state], Evidence.PROC, at_ns)


def _by_trace(check: InitIs, context: CheckContext) -> CheckResult:
    """Where no snapshot has come in time: the trace has each stop and each resumption."""
    history, notified = context.history, context.history.init_notified
    start = history.restarted or history.started
    if start is None or (notified is None and not history.traced_from_birth):
        return context.unknown("init is in no snapshot yet", Evidence.PROC)
    stopped = notified is not None and notified.status is ChildStatus.STOPPED
    state = InitState.STOPPED if stopped else InitState.RUNNING
    at_ns = context.since(notified.at_ns if notified is not None else start.at_ns)
    return CheckResult(state is check.state, _SEEN[state], Evidence.KERNEL, at_ns)


def describe(check: InitIs) -> str:
    """`init never started`."""
    return f"init {check.state.value.replace('_', ' ')}"


CONDITION: Final = Condition(
    InitIs,
    evaluate,
    describe,
    rests_on=lambda _: SNAPSHOT | TRACE,
    needs_quiet=lambda check: check.state in {InitState.RUNNING, InitState.PAUSED},
)
