"""
What became of signals: from the kernel trace where there is one, else from masks and states.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.history.sent_signals import SentSignal, generation_of
from runner.judge.evidence_after import EvidenceAfter, InferredOutcome, PredictedSignal
from runner.judge.outcome_by_proc import outcome_by_snapshots
from runner.judge.outcome_by_trace import outcome_by_trace
from runner.judge.target import prediction_of, target_of
from runner.kernel.prediction import Confidence, Outcome
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Evidence


def outcomes_of(signals: Sequence[SentSignal], after: EvidenceAfter) -> list[SignalOutcome]:
    """Say of each signal that was sent to one process what became of it."""
    claimed: set[int] = set()
    return [_outcome(one, after, claimed) for one in signals if one.fact.pid > 0]


def _outcome(sent: SentSignal, after: EvidenceAfter, claimed: set[int]) -> SignalOutcome:
    fact = sent.fact
    prediction = prediction_of(fact, sent.before, shares_host=after.shares_host)
    predicted = PredictedSignal(fact, target_of(fact, sent.before), prediction)
    inferred = _answer(predicted, after, claimed)
    return SignalOutcome(
        fact.signal,
        predicted.target.pid if predicted.target is not None else fact.pid,
        fact.sender,
        predicted=prediction.outcome if prediction else None,
        rule=prediction.rule.name if prediction else "",
        confidence=prediction.confidence if prediction else Confidence.UNKNOWN,
        actual=inferred.outcome,
        evidence=inferred.evidence,
        seen=inferred.seen,
        at_ns=inferred.at_ns,
        final=inferred.final,
        queued=inferred.queued,
    )


def _answer(predicted: PredictedSignal, after: EvidenceAfter, claimed: set[int]) -> InferredOutcome:
    fact = predicted.sent
    # What the kernel has on record was sent, whatever anybody says was answered.
    if fact.errno and not generation_of(fact, after.kernel_facts or (), claimed):
        seen = f"kill({fact.pid}, {fact.signal}) refused with {fact.errno}"
        return InferredOutcome(Outcome.REJECTED, seen, Evidence.PROC, fact.at_ns, final=True)
    if after.kernel_facts is not None:
        return outcome_by_trace(predicted, after, claimed)
    return outcome_by_snapshots(predicted, after)
