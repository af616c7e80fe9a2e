"""
The noun `init`: what PID 1 is, how it ended, what it shows; and whether it has settled.
"""

from __future__ import annotations

from runner.history.container_history import NEVER, ContainerHistory
from runner.judge.check_result import CheckContext, CheckResult
from runner.judge.process_by_trace import evaluate_by_trace, split
from runner.judge.process_facts import cannot_tell, facts_words, mismatches
from runner.kernel.processes import RUNTIME_COMM, ProcessState
from runner.kernel.signals import Signal, UnknownSignal
from runner.model.engine_facts import InitEnded
from runner.model.expectation import (
    InitExited,
    InitIs,
    InitSettled,
    InitShows,
    InitState,
    Selector,
)
from runner.model.kernel_facts import ChildStatus
from runner.model.process import Process
from runner.model.verdict import Evidence

_STOPPED = {ProcessState.STOPPED, ProcessState.TRACED}
_STATE_WORDS = {InitState.STOPPED: "init is stopped", InitState.RUNNING: "init is running"}
_ASLEEP = {ProcessState.SLEEPING, ProcessState.IDLE}


def evaluate_state(check: InitIs, context: CheckContext) -> CheckResult:
    """Hold `init: running|stopped|never_started` against the facts."""
    history = context.history
    gone = _evaluate_gone(context)
    if gone is not None:
        holds = check.state is InitState.NEVER_STARTED and history.never_started is not None
        return CheckResult(holds, gone.seen, gone.evidence, gone.at_ns, final=gone.final)
    if history.started and check.state is InitState.NEVER_STARTED:
        seen = "init was started"
        return CheckResult(False, seen, Evidence.ENGINE, history.started.at_ns, final=True)
    if history.init_exited is not None:
        # A look still shows a process that is ending; the record says that it has ended.
        seen, at_ns = "init has ended", history.init_exited.at_ns
        return CheckResult(False, seen, Evidence.KERNEL, at_ns, final=not history.may_restart)
    if history.paused is not None:
        holds = check.state is InitState.PAUSED
        at_ns = max(history.paused.at_ns, context.since_ns)
        return CheckResult(holds, "init is paused", Evidence.ENGINE, at_ns)
    init, snapshot = _fresh_init(context), history.snapshot
    notified_ns = history.init_notified.at_ns if history.init_notified is not None else NEVER
    if init is None or snapshot is None or notified_ns > snapshot.until_ns:
        return _evaluate_by_trace(check, context)
    state = InitState.STOPPED if init.state in _STOPPED else InitState.RUNNING
    holds = state is check.state and init.state.alive
    return CheckResult(holds, _STATE_WORDS[state], Evidence.PROC, _snapshot_ns(context))


def _evaluate_by_trace(check: InitIs, context: CheckContext) -> CheckResult:
    """Where no snapshot has come in time: the record has each stop and each resumption."""
    history, notified = context.history, context.history.init_notified
    start = history.restarted or history.started
    if start is None or (notified is None and not history.traced_from_birth):
        return _no_snapshot_yet(context)
    stopped = notified is not None and notified.status is ChildStatus.STOPPED
    state = InitState.STOPPED if stopped else InitState.RUNNING
    at_ns = max(notified.at_ns if notified is not None else start.at_ns, context.since_ns)
    return CheckResult(state is check.state, _STATE_WORDS[state], Evidence.KERNEL, at_ns)


def evaluate_exit(check: InitExited, context: CheckContext) -> CheckResult:
    """Hold `init: {exited: ...}` against the facts."""
    gone = _evaluate_gone(context)
    if gone is not None:
        ended = context.history.ended
        holds = ended is not None and ended.exit_code in check.codes
        return CheckResult(holds, gone.seen, gone.evidence, gone.at_ns, final=gone.final)
    init = _fresh_init(context)
    stopped = init is not None and init.state in _STOPPED
    seen = "init is stopped (T)" if stopped else "init is still running"
    return CheckResult(False, seen, Evidence.ENGINE, context.now_ns)


def evaluate_facts(check: InitShows, context: CheckContext) -> CheckResult:
    """Hold facts of PID 1 against the last snapshot."""
    gone = _evaluate_gone(context)
    if gone is not None:
        return gone
    init = _fresh_init(context)
    if init is None or context.history.snapshot is None:
        return _no_snapshot_yet(context)
    by_trace, facts = split(check.facts)
    if by_trace is not None:
        result = evaluate_by_trace(Selector(pid=init.pid), by_trace, context)
        if not result.holds:
            return result
    wrong = mismatches(facts, init, context.history.snapshot)
    seen = "init has " + (", ".join(wrong) if wrong else facts_words(check.facts))
    known = not cannot_tell(facts, init)
    return CheckResult(not wrong, seen, Evidence.PROC, _snapshot_ns(context), known=known)


def evaluate_settling(check: InitSettled, context: CheckContext) -> CheckResult:
    """Say whether init has exec'd its program and come to rest."""
    gone = _evaluate_gone(context)
    if gone is not None:
        return CheckResult(True, gone.seen, gone.evidence, gone.at_ns, final=True)
    init, snapshot = _fresh_init(context), context.history.snapshot
    if init is None or snapshot is None:
        return _no_snapshot_yet(context)
    still_s = (snapshot.until_ns - context.history.init_still_since_ns) / 1e9
    need_s = check.asleep_s if init.state in _ASLEEP else check.awake_s
    holds = still_s >= need_s and not init.comm.startswith(RUNTIME_COMM)
    return CheckResult(
        holds, f"init is {init.comm}, state {init.state.value}", Evidence.PROC, snapshot.at_ns
    )


def describe_state(check: InitIs) -> str:
    """Say what is expected."""
    return {
        InitState.RUNNING: "init running",
        InitState.STOPPED: "init stopped",
        InitState.PAUSED: "init paused",
        InitState.NEVER_STARTED: "init never started",
    }[check.state]


def describe_exit(check: InitExited) -> str:
    """Say what is expected."""
    return "init exited " + " or ".join(map(str, check.codes))


def describe_facts(check: InitShows) -> str:
    """Say what is expected."""
    return f"init with {facts_words(check.facts)}"


def end_words(ended: InitEnded) -> str:
    """Say how init ended: `exited 137 (128 + 9, as SIGKILL gives)`."""
    code = ended.exit_code
    try:
        hint = f" (128 + {code - 128}, as {Signal(code - 128)} gives)"
    except UnknownSignal:
        hint = ""  # below 128, or above the last signal
    return f"init exited {code}{hint}"


def gone_words(history: ContainerHistory) -> str:
    """Say why init is not there: it never started, or how it ended; "" while it runs."""
    if history.never_started is not None:
        return f"init never started: {history.never_started.reason}"
    return end_words(history.ended) if history.ended is not None else ""


def _evaluate_gone(context: CheckContext) -> CheckResult | None:
    history = context.history
    if history.gone_ns is None:
        return None
    seen, final = gone_words(history), history.gone_for_good
    return CheckResult(False, seen, Evidence.ENGINE, history.gone_ns, final=final)


def _fresh_init(context: CheckContext) -> Process | None:
    snapshot = context.history.snapshot
    return snapshot.init if snapshot is not None and snapshot.until_ns >= context.since_ns else None


def _snapshot_ns(context: CheckContext) -> int:
    snapshot = context.history.snapshot
    return max(snapshot.at_ns, context.since_ns) if snapshot else context.now_ns


def _no_snapshot_yet(context: CheckContext) -> CheckResult:
    return CheckResult(
        False, "init is in no snapshot yet", Evidence.PROC, context.now_ns, known=False
    )
