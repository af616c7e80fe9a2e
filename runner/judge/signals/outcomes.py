"""
What became of signals: from the kernel trace where there is one, else from masks and states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runner.history.container_history import ContainerHistory
from runner.history.sent_signals import SentSignal, generation_of
from runner.judge.signals.by_proc import outcome_by_snapshots
from runner.judge.signals.by_trace import outcome_by_trace
from runner.judge.signals.evidence_after import EvidenceAfter, in_step
from runner.judge.signals.inferred_outcome import InferredOutcome
from runner.judge.signals.predicted_signal import PredictedSignal, predicted_signal
from runner.kernel.masks import holds
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.signals import DefaultAction
from runner.model.kernel_facts import Delivery, SignalDelivered
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Evidence


def outcomes_by_step(
    histories: Mapping[str, ContainerHistory], last_ns: int
) -> Mapping[int, tuple[SignalOutcome, ...]]:
    """
    Return the outcomes of the signals of each step that has sent any, by its number.

    `histories` are the containers of a case at its end, which came at `last_ns`.
    """
    return {
        span.step: tuple(outcomes_of(span.sent, in_step(history, span, last_ns)))
        for history in histories.values()
        for span in history.spans
        if span.sent
    }


def outcomes_of(signals: Sequence[SentSignal], after: EvidenceAfter) -> list[SignalOutcome]:
    """Say of each signal that was sent to one process what became of it."""
    claimed: set[int] = set()
    return [_outcome(one, after, claimed) for one in signals if one.fact.pid > 0]


def _outcome(sent: SentSignal, after: EvidenceAfter, claimed: set[int]) -> SignalOutcome:
    fact = sent.fact
    predicted = predicted_signal(sent, shares_host=after.history.shares_host)
    prediction, inferred = predicted.prediction, _infer(predicted, after, claimed)
    changed = _caught_since(predicted, inferred) or _stopped_since(sent, inferred, after.history)
    known = prediction is not None and not changed
    return SignalOutcome(
        fact.signal,
        predicted.pid,
        fact.sender,
        predicted=prediction.outcome if prediction else None,
        rule=prediction.rule.name if prediction else "",
        confidence=prediction.confidence if prediction and known else Confidence.UNKNOWN,
        actual=inferred.outcome,
        evidence=inferred.evidence,
        seen=inferred.seen,
        at_ns=inferred.at_ns,
        final=inferred.final,
        queued=inferred.queued,
    )


def _caught_since(predicted: PredictedSignal, inferred: InferredOutcome) -> bool:
    """
    Return whether the target has installed its handler after it was seen, right before the signal.

    A handler that has run proves it: then nothing could be predicted from what was seen.
    """
    target = predicted.target
    ran = inferred.outcome is Outcome.HANDLER_RUNS and inferred.evidence is Evidence.KERNEL
    return ran and target is not None and not holds(target.masks.caught, predicted.signal)


def _stopped_since(sent: SentSignal, inferred: InferredOutcome, history: ContainerHistory) -> bool:
    """
    Return whether the target was stopped after it was seen, so that the signal stayed pending.

    A stop signal that was sent before the snapshot takes effect when its target next runs.
    """
    if inferred.outcome is not Outcome.PENDING or sent.before is None:
        return False
    facts = history.all_kernel_facts
    found = generation_of(sent.fact, facts)
    return found is not None and any(
        isinstance(fact, SignalDelivered)
        and fact.delivery is Delivery.DEFAULT
        and fact.signal.default_action is DefaultAction.STOP
        and fact.task.host_pid == found[1].target.host_pid
        and sent.before.at_ns <= fact.at_ns <= found[1].at_ns
        for fact in facts
    )


def _infer(predicted: PredictedSignal, after: EvidenceAfter, claimed: set[int]) -> InferredOutcome:
    fact = predicted.sent
    # What the kernel has on record was sent, whatever anybody says was answered.
    if fact.errno and not generation_of(fact, after.kernel_facts or (), claimed):
        seen = f"kill({fact.pid}, {fact.signal}) refused with {fact.errno}"
        return InferredOutcome(Outcome.REJECTED, seen, Evidence.PROC, fact.at_ns, final=True)
    if after.kernel_facts is not None:
        return outcome_by_trace(predicted, after, claimed)
    return outcome_by_snapshots(predicted, after)
