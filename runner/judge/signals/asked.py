"""
The signals that a check asks about, and the result that their outcomes give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runner.judge.condition import ONLY_THE_TRACE, CheckContext, CheckResult
from runner.judge.signals.evidence_after import since_acted
from runner.judge.signals.outcomes import outcomes_of
from runner.kernel.signals import Signal
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Evidence


def outcomes_asked_about(context: CheckContext, signal: Signal | None) -> list[SignalOutcome]:
    """
    Return the outcomes of one signal of the step; None means those that were asked for.

    What an engine sends when the grace period is over was not.
    """
    sent = [one for one in context.history.sent if one.fact.pid > 0]
    outcomes = outcomes_of(sent, since_acted(context.history, context.now_ns))
    return [
        outcome
        for one, outcome in zip(sent, outcomes, strict=True)
        if (one.asked_for if signal is None else outcome.signal == signal)
    ]


def _nothing_sent(context: CheckContext, signal: Signal | None) -> CheckResult:
    """No such signal was sent to one process: there is nothing to say of it, by now or ever."""
    span = context.history.signal_span
    # What the engine sends in a stop is reported later than the stop is asked for.
    by_stop = span is not None and span.asked is not None and span.ended is None
    seen = f"no {signal or 'signal'} was sent to one process"
    return CheckResult(False, seen, Evidence.PROC, context.now_ns, final=not by_stop, known=False)


def result_of(
    outcomes: Sequence[SignalOutcome],
    context: CheckContext,
    signal: Signal | None,
    right: Callable[[SignalOutcome], bool],
) -> CheckResult:
    """Return the result of a check that holds if all outcomes asked about are `right`."""
    if not outcomes:
        return _nothing_sent(context, signal)
    unknown = next((one for one in outcomes if one.actual is None), None)
    if unknown is not None:
        final = unknown.final
        advice = f" ({ONLY_THE_TRACE})" if final else ""
        seen = f"{unknown.signal}: {unknown.seen}{advice}"
        return CheckResult(False, seen, unknown.evidence, context.now_ns, final=final, known=False)
    wrong = next((one for one in outcomes if not right(one)), None)
    shown = wrong or outcomes[-1]
    seen = f"{shown.seen} ({shown.actual.value if shown.actual else ''})"
    if wrong is not None:
        return CheckResult(False, seen, shown.evidence, shown.at_ns, final=shown.final)
    final = all(one.final for one in outcomes)
    return CheckResult(True, seen, shown.evidence, max(one.at_ns for one in outcomes), final=final)
