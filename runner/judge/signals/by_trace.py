"""
What became of a signal by the kernel trace: how it was generated, and how it was delivered.

A fatal signal is turned into the end of the whole process when it is generated: its delivery says
SIGKILL, whatever was sent.
"""

from __future__ import annotations

import dataclasses
from typing import TypeGuard

from runner.history.process_life import Ending, ProcessLife, Taking
from runner.history.sent_signals import generation_of
from runner.judge.signals.evidence_after import EvidenceAfter
from runner.judge.signals.inferred_outcome import InferredOutcome, end_by
from runner.judge.signals.predicted_signal import PredictedSignal, may_wait_for
from runner.kernel.masks import holds
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, DefaultAction
from runner.kernel.target import KERNEL_ONLY, SIGCONT
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    KernelFact,
    ParentNotified,
    SignalDelivered,
    SignalGenerated,
)
from runner.model.verdict import Evidence

_SETTLED_NS = 5_000_000
_BUSY_NS = 1_000_000_000


def outcome_by_trace(
    predicted: PredictedSignal, after: EvidenceAfter, claimed: set[int]
) -> InferredOutcome:
    """
    Return what became of a signal.

    `claimed` holds the places in the record of signals that were answered for already; this one's
    is added.
    """
    record = after.kernel_facts or ()
    found = generation_of(predicted.sent, record, claimed)
    if found is None:
        seen = f"the kernel trace does not have {predicted.signal} yet"
        return InferredOutcome(None, seen, Evidence.KERNEL, after.now_ns)
    place, generated = found
    claimed.add(place)
    later = record[place + 1 :]
    match generated.generation:
        case Generation.IGNORED:
            return _discarded(predicted, generated)
        case Generation.ALREADY_PENDING:
            return _known(Outcome.PENDING, "already pending, so not queued again", generated)
        case Generation.OVERFLOW:
            return _known(Outcome.REJECTED, "refused: too many are queued", generated)
        case _:
            inferred = _queued(predicted, generated, later, after)
            return dataclasses.replace(inferred, queued=True)


def _known(
    outcome: Outcome, words: str, fact: SignalGenerated | SignalDelivered, *, final: bool = True
) -> InferredOutcome:
    seen = f"{fact.signal} {words}"
    return InferredOutcome(outcome, seen, Evidence.KERNEL, fact.at_ns, final=final)


def _unknown(
    words: str, fact: SignalGenerated | SignalDelivered, *, final: bool = False
) -> InferredOutcome:
    seen = f"{fact.signal} {words}"
    return InferredOutcome(None, seen, Evidence.KERNEL, fact.at_ns, final=final)


def _discarded(predicted: PredictedSignal, generated: SignalGenerated) -> InferredOutcome:
    if predicted.resumes:
        return _known(Outcome.CONTINUED, "resumed it, and was then discarded", generated)
    harmless = predicted.signal.default_action in {DefaultAction.IGN, DefaultAction.CONT}
    if predicted.ignored or (not predicted.is_init and harmless):
        return _known(Outcome.IGNORED, "discarded when it was sent: it is ignored", generated)
    if not predicted.is_init:
        words = "discarded when it was sent: its target is ending"
        return _known(Outcome.IGNORED, words, generated)
    words = "discarded when it was sent: kill(2) succeeds, and init never receives it"
    return _known(Outcome.DROPPED_INIT, words, generated)


def _queued(
    predicted: PredictedSignal,
    generated: SignalGenerated,
    later: tuple[KernelFact, ...],
    after: EvidenceAfter,
) -> InferredOutcome:
    if predicted.resumes:
        return _known(Outcome.CONTINUED, "resumed it", generated)
    delivered = next((one for one in later if _delivers(one, generated)), None)
    if delivered is None or delivered.signal == SIGKILL:
        return _not_delivered(predicted, generated, later, after)
    job_control = predicted.signal.default_action is DefaultAction.STOP
    if job_control and predicted.signal not in KERNEL_ONLY and not predicted.is_init:
        return _stopped(predicted, delivered, later, after)
    return _taken(predicted, delivered)


def _not_delivered(
    predicted: PredictedSignal,
    generated: SignalGenerated,
    later: tuple[KernelFact, ...],
    after: EvidenceAfter,
) -> InferredOutcome:
    """No delivery under its own name: taken without a handler, its target's end, or pending."""
    life = after.life_of(generated.target)
    found = _consumed(generated, life) or _end(predicted, generated, life)
    if found is not None:
        return found
    deleted = next((one for one in later if _deletes(one, generated)), None)
    if deleted is not None:
        return _known(Outcome.PENDING, f"queued, and deleted by {deleted.signal}", generated)
    if life.end is None:
        return _not_taken(predicted, generated, after)
    if life.end.ending is Ending.UNKNOWN and after.history.trace_ns <= life.end.at_ns:
        return _unknown("queued; its target has ended, and how is not in the trace yet", generated)
    return _never_taken(predicted, generated, later, after)


def _consumed(generated: SignalGenerated, life: ProcessLife) -> InferredOutcome | None:
    """Taken without a handler: by sigwait(3) or the like, or read from a signalfd."""
    receipt = next((one for one in life.receipts if one.cause == generated), None)
    if receipt is None or receipt.taking is Taking.DELIVERED:
        return None
    how = (
        "accepted by sigwait(3) or the like"
        if receipt.taking is Taking.ACCEPTED
        else "read from a signalfd"
    )
    after_ms = (receipt.at_ns - generated.at_ns) / 1e6
    seen = f"{generated.signal} {how}, {after_ms:.3f} ms after it was sent"
    return InferredOutcome(Outcome.CONSUMED, seen, Evidence.KERNEL, receipt.at_ns, final=True)


def _never_taken(
    predicted: PredictedSignal,
    generated: SignalGenerated,
    later: tuple[KernelFact, ...],
    after: EvidenceAfter,
) -> InferredOutcome:
    """Its target has ended, and nothing on record has taken it."""
    target = predicted.target
    let_go_on = any(
        isinstance(fact, SignalGenerated)
        and fact.signal == SIGCONT
        and fact.target.host_pid == generated.target.host_pid
        for fact in later
    )
    stopped = target is not None and target.state is ProcessState.STOPPED and not let_go_on
    last = after.alive(predicted.pid, generated.at_ns)
    seen_pending = last is not None and holds(last.pending_anywhere, predicted.signal)
    life = after.life_of(generated.target)
    unseen = not after.history.system_calls or life.perhaps_read
    if seen_pending or stopped or not (predicted.may_be_waited_for and unseen):
        return _known(Outcome.PENDING, "queued, and still pending when its target ended", generated)
    missing = (
        "what it read from descriptors that no snapshot has shown"
        if life.perhaps_read
        else "system calls, for want of CONFIG_FTRACE_SYSCALLS in this kernel"
    )
    seen = (
        f"{predicted.signal} queued; its target may have waited for it before it ended, and the "
        f"kernel trace does not have {missing}"
    )
    return InferredOutcome(None, seen, Evidence.KERNEL, generated.at_ns, final=True)


def _deletes(fact: KernelFact, queued: SignalGenerated) -> TypeGuard[SignalGenerated]:
    """Return whether it is a SIGCONT that takes a stop signal out of the queue, or reverse."""
    if not isinstance(fact, SignalGenerated) or fact.target.host_pid != queued.target.host_pid:
        return False
    actions = {fact.signal.default_action, queued.signal.default_action}
    return actions == {DefaultAction.STOP, DefaultAction.CONT}


def _delivers(fact: KernelFact, queued: SignalGenerated) -> TypeGuard[SignalDelivered]:
    if not isinstance(fact, SignalDelivered) or fact.task.host_pid != queued.target.host_pid:
        return False
    return fact.signal == queued.signal


def _stopped(
    predicted: PredictedSignal,
    delivered: SignalDelivered,
    later: tuple[KernelFact, ...],
    after: EvidenceAfter,
) -> InferredOutcome:
    """SIGTSTP, SIGTTIN and SIGTTOU do not stop the members of an orphaned process group."""
    if delivered.delivery is not Delivery.DEFAULT:
        return _taken(predicted, delivered)
    told = any(
        isinstance(fact, ParentNotified)
        and fact.status is ChildStatus.STOPPED
        and fact.child.host_pid == delivered.task.host_pid
        for fact in later
    )
    now = after.alive(predicted.pid, delivered.at_ns + _SETTLED_NS)
    if told or (now is not None and now.state is ProcessState.STOPPED):
        return _taken(predicted, delivered)
    if now is None:
        return _unknown("dequeued", delivered)
    words = "delivered without effect: its process group is orphaned"
    return _known(Outcome.IGNORED, words, delivered)


def _taken(predicted: PredictedSignal, delivered: SignalDelivered) -> InferredOutcome:
    signal = predicted.signal
    if delivered.delivery is Delivery.HANDLER:
        return _known(Outcome.HANDLER_RUNS, "delivered to its handler", delivered)
    if delivered.delivery is Delivery.IGNORED:
        return _known(Outcome.IGNORED, "delivered, and ignored", delivered)
    if signal.default_action in {DefaultAction.IGN, DefaultAction.CONT}:
        return _known(Outcome.IGNORED, "delivered, and ignored by default", delivered)
    if predicted.is_init and signal not in KERNEL_ONLY:
        words = "delivered and discarded: init has no handler"
        return _known(Outcome.DROPPED_INIT, words, delivered)
    if signal.default_action is DefaultAction.STOP:
        return _known(Outcome.STOPPED, "delivered: it stops", delivered)
    return _known(end_by(signal), "delivered: it ends", delivered)


def _end(
    predicted: PredictedSignal, generated: SignalGenerated, life: ProcessLife
) -> InferredOutcome | None:
    """A signal that ends its target is not delivered under its own name."""
    end = life.end
    ended = end is not None and end.ending is Ending.KILLED and end.cause == generated
    if end is None or not ended or not predicted.signal.default_action.ends:
        return None
    seen = f"{generated.signal} delivered: it ends"
    return InferredOutcome(end_by(predicted.signal), seen, Evidence.KERNEL, end.at_ns, final=True)


def _not_taken(
    predicted: PredictedSignal, generated: SignalGenerated, after: EvidenceAfter
) -> InferredOutcome:
    at_ns = generated.at_ns
    now = after.alive(predicted.pid, at_ns + _SETTLED_NS)
    # What nothing holds back may still be on its way, on a machine that is busy.
    patience_ns = _SETTLED_NS if predicted.held_back else _BUSY_NS
    settled = after.now_ns >= at_ns + patience_ns or (after.complete and predicted.held_back)
    surely = settled and now is None and after.ended is None and not predicted.may_be_waited_for
    if surely or (now is not None and holds(now.pending_anywhere, generated.signal)):
        return _known(Outcome.PENDING, "queued, and still pending", generated, final=False)
    if now is None and predicted.held_back and after.complete and not predicted.may_be_waited_for:
        words = "queued, and never delivered: its target has ended"
        return _known(Outcome.PENDING, words, generated, final=False)
    if now is None:
        return _unknown("queued", generated)
    if now.traced or (predicted.target is not None and predicted.target.traced):
        words = "was reported to its tracer, which may have replaced it"
        return _unknown(words, generated, final=True)
    if not predicted.may_be_waited_for and not may_wait_for(now, generated.signal):
        return _unknown("is not pending any more, and no thread was seen to wait for it", generated)
    words = "was accepted without a handler (sigwait(3), signalfd(2))"
    return _known(Outcome.CONSUMED, words, generated, final=False)
