"""
The nouns `delivered` and `outcome`: what became of the signals that were sent last.
"""

from __future__ import annotations

from runner.history.container_history import ContainerHistory
from runner.judge.check_result import CheckContext, CheckResult
from runner.judge.evidence_after import EvidenceAfter
from runner.judge.outcome_by_proc import ADVICE
from runner.judge.signal_outcome import outcomes_of
from runner.kernel.prediction import Outcome
from runner.kernel.signals import Signal
from runner.model.expectation import DeliveredWas, OutcomeWas
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Evidence

LASTING = {Outcome.DROPPED_INIT, Outcome.IGNORED, Outcome.PENDING, Outcome.REJECTED}
"""Outcomes that are seen by nothing happening."""


def evidence_after(history: ContainerHistory, now_ns: int) -> EvidenceAfter:
    """Give what is known of a container since it was acted on last."""
    span = history.signal_span
    return EvidenceAfter(
        kernel_facts=history.kernel_facts if history.traced else None,
        snapshot=history.snapshot if span is None else span.snapshot,
        ended=history.ended if span is None else span.ended,
        now_ns=now_ns,
        processes=history.processes,
        shares_host=history.shares_host,
        complete=history.trace_is_whole,
        trace_ns=history.trace_ns,
        system_calls=history.system_calls,
    )


def evaluate_delivery(check: DeliveredWas, context: CheckContext) -> CheckResult:
    """Hold `delivered` against what became of the signals."""
    outcomes = _outcomes(context, check.signal)
    if not outcomes:
        return _nothing_sent(context, check.signal)
    return _sight(outcomes, context, [one.delivered is check.delivered for one in outcomes])


def evaluate_outcome(check: OutcomeWas, context: CheckContext) -> CheckResult:
    """Hold `outcome` against what became of the signals, or that against what was predicted."""
    outcomes = _outcomes(context, check.signal)
    if not outcomes:
        return _nothing_sent(context, check.signal)
    if check.outcome is not None:
        return _sight(outcomes, context, [one.actual is check.outcome for one in outcomes])
    unpredicted = next((one for one in outcomes if one.predicted is None), None)
    if unpredicted is not None:
        seen = f"nothing was predicted for {unpredicted.signal}: its target is in no snapshot"
        return CheckResult(False, seen, Evidence.PROC, context.now_ns, final=True, known=False)
    return _sight(outcomes, context, [one.as_predicted for one in outcomes])


def describe_delivery(check: DeliveredWas) -> str:
    """Say what is expected."""
    what = str(check.signal) if check.signal is not None else "the signal"
    return f"{what} {'' if check.delivered else 'not '}delivered"


def describe_outcome(check: OutcomeWas) -> str:
    """Say what is expected."""
    of = f" of {check.signal}" if check.signal is not None else ""
    return f"the outcome{of} " + (check.outcome.value if check.outcome else "that was predicted")


def _outcomes(context: CheckContext, signal: Signal | None) -> list[SignalOutcome]:
    """
    Give the fates of one signal of the step; None means those that were asked for.

    What an engine sends when the grace period is over was not.
    """
    sent = context.history.sent
    outcomes = outcomes_of(sent, evidence_after(context.history, context.now_ns))
    ours = [one for one in sent if one.fact.pid > 0]
    pairs = zip(ours, outcomes, strict=True)
    return [
        outcome
        for one, outcome in pairs
        if (one.asked_for if signal is None else outcome.signal == signal)
    ]


def _nothing_sent(context: CheckContext, signal: Signal | None = None) -> CheckResult:
    span = context.history.signal_span
    # What the engine sends in a stop is reported later than the stop is asked for.
    by_stop = span is not None and span.asked is not None and span.ended is None
    seen = f"no {signal or 'signal'} was sent to one process"
    return CheckResult(False, seen, Evidence.PROC, context.now_ns, final=not by_stop, known=False)


def _sight(outcomes: list[SignalOutcome], context: CheckContext, right: list[bool]) -> CheckResult:
    unknown = next((one for one in outcomes if one.actual is None), None)
    if unknown is not None:
        final = unknown.final
        advice = f" ({ADVICE})" if final else ""
        seen = f"{unknown.signal}: {unknown.seen}{advice}"
        return CheckResult(False, seen, unknown.evidence, context.now_ns, final=final, known=False)
    wrong = next((one for one, fits in zip(outcomes, right, strict=True) if not fits), None)
    told = wrong or outcomes[-1]
    outcome = told.actual.value if told.actual else ""
    seen = f"{told.seen} ({outcome})"
    if wrong is not None:
        return CheckResult(False, seen, told.evidence, told.at_ns, final=told.final)
    final = all(one.final for one in outcomes)
    return CheckResult(True, seen, told.evidence, max(one.at_ns for one in outcomes), final=final)
