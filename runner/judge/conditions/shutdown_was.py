"""
`shutdown`: how long the end took, whether the grace period ran out, and what was left behind.

Without the kernel trace the time is known from and up to (`runner.judge.shutdown_time`): what falls
between is not judged.

What was left and killed with init only the kernel trace tells: a process may be born after any
snapshot. It is known when the trace has been read past the engine's report of the end.
"""

from __future__ import annotations

from typing import Final

from runner.history.container_history import ContainerHistory
from runner.history.killed_with_init import killed_by_trace
from runner.history.step_span import AskToEnd, StepSpan
from runner.judge.bounds import bounds_words, within
from runner.judge.condition import (
    ENGINE,
    ONLY_THE_TRACE,
    TRACE,
    CheckContext,
    CheckResult,
    Condition,
)
from runner.judge.shutdown_time import shutdown_time
from runner.model.expectation import Bounds, ShutdownWas
from runner.model.verdict import Evidence
from runner.words import count

_MOST_NAMED: Final = 5


def evaluate(check: ShutdownWas, context: CheckContext) -> CheckResult:
    """Compare `shutdown` with the request to end and the end."""
    history, ask = context.history, context.history.ask_to_end
    span = history.span_of(ask) if ask is not None else None
    if ask is None or span is None:
        return context.unknown("nothing asked init to end", Evidence.ENGINE, final=True)
    wrong_way = span.escalated and check.escalated is False
    if check.killed is not None and not span.traced and not wrong_way:
        return context.without_trace()
    end_ns = history.asked_end_ns
    if end_ns is None:
        seen = f"init had not ended after {(context.now_ns - ask.at_ns) / 1e9:.3f} s"
        return CheckResult(False, seen, Evidence.ENGINE, context.now_ns, final=wrong_way)
    how = _how(check, history, span, ask, end_ns)
    if check.killed is None or (how.final and not how.holds):
        return how
    left = _left(check.killed, context, span, how)
    return left if how.holds or (left.final and not left.holds) else how


def _how(
    check: ShutdownWas, history: ContainerHistory, span: StepSpan, ask: AskToEnd, end_ns: int
) -> CheckResult:
    """Compare how long it took, and whether it escalated."""
    took = shutdown_time(history, span, ask, end_ns)
    how = "escalated to SIGKILL" if span.escalated else "not escalated"
    seen = f"shutdown took {took}, {how}"
    if check.escalated is not None and check.escalated is not span.escalated:
        return CheckResult(False, seen, took.evidence, end_ns, final=True)
    if check.took_s is None:
        return CheckResult(True, seen, took.evidence, end_ns, final=True)
    if span.traced and took.evidence is not Evidence.KERNEL and history.trace_ns < end_ns:
        seen = "init has ended, and its kernel trace has not arrived yet"
        return CheckResult(False, seen, Evidence.KERNEL, end_ns, known=False)
    holds = within(check.took_s, took.low_s)
    if holds is not within(check.took_s, took.high_s):
        seen = f"{seen}: it cannot be measured more closely ({ONLY_THE_TRACE})"
        return CheckResult(False, seen, took.evidence, end_ns, final=True, known=False)
    return CheckResult(holds, seen, took.evidence, end_ns, final=True)


def _left(wanted: Bounds, context: CheckContext, span: StepSpan, how: CheckResult) -> CheckResult:
    """Compare how many processes were left and killed with init."""
    history = context.history
    found = killed_by_trace(span, history.kernel_facts_since(span))
    ended, number = history.last_end, len(found.processes) if found is not None else 0
    too_many = wanted.at_most is not None and number > wanted.at_most
    whole = ended is not None and history.trace_ns >= ended.at_ns
    if not (whole or too_many):
        seen = f"{how.seen}; what was left then is not in the kernel trace yet"
        return context.unknown(seen, Evidence.KERNEL)
    if found is None:
        seen = f"{how.seen}; the kernel trace has no end of init"
        return context.unknown(seen, Evidence.KERNEL, final=True)
    names = ", ".join(map(str, found.processes[:_MOST_NAMED]))
    names += f" and {number - _MOST_NAMED} more" if number > _MOST_NAMED else ""
    seen = f"{how.seen}, {count(number, 'process')} killed with init" + (names and f": {names}")
    return CheckResult(within(wanted, number), seen, Evidence.KERNEL, how.at_ns, final=True)


def describe(check: ShutdownWas) -> str:
    """Return `shutdown at most 2 s, not escalated`."""
    words = [bounds_words(check.took_s, " s")] if check.took_s else []
    if check.escalated is not None:
        words.append("escalated to SIGKILL" if check.escalated else "not escalated")
    if check.killed is not None:
        number = bounds_words(check.killed)
        noun = "process" if number.rpartition(" ")[2] == "1" else "processes"
        words.append(f"with {number} {noun} killed")
    return "shutdown " + ", ".join(words)


CONDITION: Final = Condition(
    ShutdownWas,
    evaluate,
    describe,
    rests_on=lambda _: TRACE | ENGINE,
    timed_by_snapshots=True,
)
