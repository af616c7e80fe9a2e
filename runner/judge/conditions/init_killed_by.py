"""
`init: {killed_by: ...}`: whether a signal has ended init, and which.

The exit code alone does not tell: 137 is what SIGKILL gives, and also what exit(137) gives.
"""

from __future__ import annotations

from typing import Final

from runner.history.container_history import ContainerHistory
from runner.history.how_ended import how_ended
from runner.history.process_life import Ending
from runner.judge.condition import (
    ENGINE,
    ONLY_THE_TRACE,
    TRACE,
    CheckContext,
    CheckResult,
    Condition,
)
from runner.judge.signals.predicted_signal import predicted_signal
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.signals import SIGKILL, Signal, UnknownSignal
from runner.model.engine_facts import InitEnded
from runner.model.expectation import InitKilledBy
from runner.model.observation import RestartRequested
from runner.model.verdict import Evidence

_END = {Outcome.TERMINATED, Outcome.CORE_DUMPED}


def evaluate(check: InitKilledBy, context: CheckContext) -> CheckResult:
    """Compare `killed_by` with what has ended init: after a restart, the init of before."""
    history = context.history
    if history.never_started is not None:
        seen, at_ns = history.why_gone, history.never_started.at_ns
        return CheckResult(False, seen, Evidence.ENGINE, at_ns, final=True)
    span, ended = history.signal_span, history.ended
    restarted = span is not None and isinstance(span.asked, RestartRequested)
    if span is not None and restarted:
        ended = span.ended
    if ended is None:
        return CheckResult(False, "init is still running", Evidence.ENGINE, context.now_ns)
    final = restarted or history.gone_for_good
    if history.traced:
        return _by_trace(check, history, ended, final=final)
    killer, seen, evidence = _killer(check, history, ended)
    if evidence is None:
        return context.unknown(seen, Evidence.ENGINE, final=final)
    at_ns = ended.at_ns if restarted else history.end_ns or ended.at_ns
    return CheckResult(killer in check.signals, seen, evidence, at_ns, final=final)


_Found = tuple[Signal | None, str, Evidence | None]


def _killer(check: InitKilledBy, history: ContainerHistory, ended: InitEnded) -> _Found:
    """Return the signal, what is seen, and on what that rests; None: that is not known."""
    if ended.exit_code not in {128 + signal for signal in check.signals}:
        return None, f"{how_ended(ended)}, which none of these gives", Evidence.ENGINE
    for sent in reversed(history.sent):
        signal = sent.fact.signal
        if not sent.to_init or ended.exit_code != 128 + signal or sent.fact.errno:
            continue
        predicted = predicted_signal(sent, shares_host=history.shares_host).prediction
        if predicted is None or predicted.confidence is not Confidence.CERTAIN:
            continue
        if predicted.outcome in _END:
            seen = f"{how_ended(ended)} after {signal}, which had to terminate it"
            return signal, seen, Evidence.PROC
    span = history.signal_span
    if ended.exit_code == 128 + SIGKILL and span is not None and span.escalated:
        return SIGKILL, "init exited 137 after the engine sent SIGKILL", Evidence.ENGINE
    seen = f"{how_ended(ended)}; exit(2) with that status gives it, too ({ONLY_THE_TRACE})"
    return None, seen, None


def _by_trace(
    check: InitKilledBy, history: ContainerHistory, ended: InitEnded, *, final: bool
) -> CheckResult:
    span = history.signal_span or history.span
    host_pid = span.init_host_pid if span is not None else None
    end = history.life_of(host_pid, history.kernel_facts).end if host_pid is not None else None
    if end is None or end.ending is Ending.UNKNOWN:
        # Nothing is on its way once the record is known to reach past the engine's report.
        missing = final and history.trace_ns >= ended.at_ns
        seen = "the kernel trace does not say how init ended"
        return CheckResult(False, seen, Evidence.KERNEL, ended.at_ns, final=missing, known=False)
    if end.ending is Ending.EXITED:
        seen = f"init exited by itself, with {ended.exit_code}"
        return CheckResult(False, seen, Evidence.KERNEL, end.at_ns, final=final)
    # The kernel's word is that a signal did it, the engine's which: the status says both.
    try:
        killer: Signal | None = Signal(ended.exit_code - 128)
    except UnknownSignal:
        killer = end.signal
    seen = f"{killer or 'a signal'} has ended init"
    return CheckResult(killer in check.signals, seen, Evidence.KERNEL, end.at_ns, final=final)


CONDITION: Final = Condition(
    InitKilledBy,
    evaluate,
    describe=lambda check: "init killed by " + " or ".join(map(str, check.signals)),
    rests_on=lambda _: TRACE | ENGINE,
)
