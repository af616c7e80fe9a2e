"""
What became of a signal by the kernel's own record: how it was generated, and how it was delivered.

A fatal signal is turned into the end of the whole process when it is generated: its delivery says
SIGKILL, whatever was sent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from runner.history.process_life import Ending, ProcessLife, Taking
from runner.history.sent_signals import generation_of
from runner.judge.aftermath import Aftermath, Answer, Question, end_by, ends, may_wait_for
from runner.kernel.masks import holds
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, DefaultAction
from runner.kernel.target import KERNEL_ONLY, SIGCONT
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    KernelFact,
    ParentTold,
    ProcessExited,
    SignalDelivered,
    SignalGenerated,
    Told,
)
from runner.model.process import Process
from runner.model.verdict import Evidence

_SETTLED_NS = 5_000_000
_BUSY_NS = 1_000_000_000


def answer_of_record(question: Question, after: Aftermath, claimed: set[int]) -> Answer:
    """
    Say what became of a signal.

    `claimed` holds the places in the record of signals that were answered for already; this one's
    is added.
    """
    record = after.record or ()
    found = generation_of(question.sent, record, claimed)
    if found is None:
        seen = f"the kernel's record does not have {question.signal} yet"
        return Answer(None, seen, Evidence.KERNEL, after.now_ns)
    place, generated = found
    claimed.add(place)
    later = record[place + 1 :]
    match generated.generation:
        case Generation.IGNORED:
            return _discarded(question, generated)
        case Generation.ALREADY_PENDING:
            return _known(Outcome.PENDING, "merged with one that is pending", generated)
        case Generation.OVERFLOW:
            return _known(Outcome.REJECTED, "refused: too many are queued", generated)
        case _:
            answer = _queued(question, generated, later, after)
            return dataclasses.replace(answer, queued=True)


def _known(outcome: Outcome, words: str, fact: SignalGenerated | SignalDelivered) -> Answer:
    seen = f"{fact.signal} {words}"
    return Answer(outcome, seen, Evidence.KERNEL, fact.at_ns, final=True)


def _discarded(question: Question, generated: SignalGenerated) -> Answer:
    target = question.target
    if question.signal == SIGCONT and target is not None and target.state is ProcessState.STOPPED:
        return _known(Outcome.CONTINUED, "let it go on, and was then discarded", generated)
    harmless = question.signal.default_action in {DefaultAction.IGN, DefaultAction.CONT}
    if question.ignored or (not question.is_init and harmless):
        return _known(Outcome.IGNORED, "discarded when it was sent: it is ignored", generated)
    if not question.is_init:
        words = "discarded when it was sent: its target is ending"
        return _known(Outcome.IGNORED, words, generated)
    words = "discarded when it was sent: kill(2) succeeds, init never sees it"
    return _known(Outcome.DROPPED_INIT, words, generated)


def _queued(
    question: Question,
    generated: SignalGenerated,
    later: tuple[KernelFact, ...],
    after: Aftermath,
) -> Answer:
    target = question.target
    if question.signal == SIGCONT and target is not None and target.state is ProcessState.STOPPED:
        return _known(Outcome.CONTINUED, "let it go on", generated)
    own = list(_about(generated.target.host_pid, later))
    delivered = next(
        (one for one in own if isinstance(one, SignalDelivered) and one.signal == generated.signal),
        None,
    )
    if delivered is not None and delivered.signal != SIGKILL:
        job_control = question.signal.default_action is DefaultAction.STOP
        if job_control and question.signal not in KERNEL_ONLY and not question.is_init:
            return _stopped(question, delivered, own, after)
        return _taken(question, delivered)
    return _not_delivered(question, generated, later, after)


def _not_delivered(
    question: Question,
    generated: SignalGenerated,
    later: tuple[KernelFact, ...],
    after: Aftermath,
) -> Answer:
    """No delivery under its own name: taken without a handler, its target's end, or pending."""
    life = after.life_of(generated.target)
    found = _consumed(generated, life) or _end(question, generated, life)
    if found is not None:
        return found
    deleted = next((one for one in later if _deletes(one, generated)), None)
    if deleted is not None:
        return _known(Outcome.PENDING, f"queued, and deleted by {deleted.signal}", generated)
    if life.end is None:
        return _not_taken(question, generated, after)
    if life.end.ending is Ending.UNKNOWN and after.record_ns <= life.end.at_ns:
        seen = f"{generated.signal} queued; its target has ended, and how is not on record yet"
        return Answer(None, seen, Evidence.KERNEL, generated.at_ns)
    return _never_taken(question, generated, later, after)


def _consumed(generated: SignalGenerated, life: ProcessLife) -> Answer | None:
    """Taken without a handler: by sigwait(3) or the like, or read from a signalfd."""
    receipt = next((one for one in life.receipts if one.cause == generated), None)
    if receipt is None or receipt.taking is Taking.DELIVERED:
        return None
    how = "by sigwait(3) or the like" if receipt.taking is Taking.ACCEPTED else "from a signalfd"
    after_ms = (receipt.at_ns - generated.at_ns) / 1e6
    seen = f"{generated.signal} taken {how}, {after_ms:.3f} ms after it was sent"
    return Answer(Outcome.CONSUMED, seen, Evidence.KERNEL, receipt.at_ns, final=True)


def _never_taken(
    question: Question,
    generated: SignalGenerated,
    later: tuple[KernelFact, ...],
    after: Aftermath,
) -> Answer:
    """Its target has ended, and nothing on record has taken it."""
    target = question.target
    let_go_on = any(
        isinstance(fact, SignalGenerated)
        and fact.signal == SIGCONT
        and fact.target.host_pid == generated.target.host_pid
        for fact in later
    )
    stopped = target is not None and target.state is ProcessState.STOPPED and not let_go_on
    last = _look_at_target(question, generated.at_ns, after, settled_ns=0)
    seen_pending = last is not None and holds(last.pending_anywhere, question.signal)
    life = after.life_of(generated.target)
    unseen = not after.system_calls or life.perhaps_read
    if seen_pending or stopped or not (question.may_be_waited_for and unseen):
        return _known(Outcome.PENDING, "queued, and still pending when its target ended", generated)
    missing = (
        "what it read from descriptors that no look has shown"
        if life.perhaps_read
        else "system calls, for want of CONFIG_FTRACE_SYSCALLS in this kernel"
    )
    seen = (
        f"{question.signal} queued; its target may have waited for it before it ended, and the "
        f"kernel's record does not have {missing}"
    )
    return Answer(None, seen, Evidence.KERNEL, generated.at_ns, final=True)


def _deletes(fact: KernelFact, queued: SignalGenerated) -> TypeGuard[SignalGenerated]:
    """Say whether it is the SIGCONT that takes a stop signal out of the queue, or the reverse."""
    if not isinstance(fact, SignalGenerated) or fact.target.host_pid != queued.target.host_pid:
        return False
    actions = {fact.signal.default_action, queued.signal.default_action}
    return actions == {DefaultAction.STOP, DefaultAction.CONT}


def _about(host_pid: int, facts: Iterable[KernelFact]) -> Iterator[KernelFact]:
    for fact in facts:
        match fact:
            case SignalDelivered(task=task) | ProcessExited(task=task) | ParentTold(child=task):
                if task.host_pid == host_pid:
                    yield fact
            case _:
                pass


def _stopped(
    question: Question, delivered: SignalDelivered, own: list[KernelFact], after: Aftermath
) -> Answer:
    """SIGTSTP, SIGTTIN and SIGTTOU do not stop the members of an orphaned process group."""
    if delivered.delivery is not Delivery.DEFAULT:
        return _taken(question, delivered)
    told = any(isinstance(fact, ParentTold) and fact.told is Told.STOPPED for fact in own)
    now = _look_at_target(question, delivered.at_ns, after)
    if told or (now is not None and now.state is ProcessState.STOPPED):
        return _taken(question, delivered)
    if now is None:
        return Answer(None, f"{question.signal} taken", Evidence.KERNEL, delivered.at_ns)
    words = "taken, and nothing came of it: nobody could let its process group go on"
    return _known(Outcome.IGNORED, words, delivered)


def _taken(question: Question, delivered: SignalDelivered) -> Answer:
    signal = question.signal
    if delivered.delivery is Delivery.HANDLER:
        return _known(Outcome.HANDLER_RUNS, "delivered to its handler", delivered)
    if delivered.delivery is Delivery.IGNORED:
        return _known(Outcome.IGNORED, "taken, and ignored", delivered)
    if signal.default_action in {DefaultAction.IGN, DefaultAction.CONT}:
        return _known(Outcome.IGNORED, "taken, and ignored by default", delivered)
    if question.is_init and signal not in KERNEL_ONLY:
        return _known(Outcome.DROPPED_INIT, "taken and discarded: init has no handler", delivered)
    if signal.default_action is DefaultAction.STOP:
        return _known(Outcome.STOPPED, "delivered: it stops", delivered)
    return _known(end_by(signal), "delivered: it ends", delivered)


def _end(question: Question, generated: SignalGenerated, life: ProcessLife) -> Answer | None:
    """A signal that ends its target is not delivered under its own name."""
    end = life.end
    ended = end is not None and end.ending is Ending.KILLED and end.cause == generated
    if end is None or not ended or not ends(question.signal):
        return None
    seen = f"{generated.signal} delivered: it ends"
    return Answer(end_by(question.signal), seen, Evidence.KERNEL, end.at_ns, final=True)


def _not_taken(question: Question, generated: SignalGenerated, after: Aftermath) -> Answer:
    at_ns = generated.at_ns
    now = _look_at_target(question, at_ns, after)
    # What nothing holds back may still be on its way, on a machine that is busy.
    patience_ns = _SETTLED_NS if question.held_back else _BUSY_NS
    settled = after.now_ns >= at_ns + patience_ns or (after.complete and question.held_back)
    surely = settled and now is None and after.ended is None and not question.may_be_waited_for
    if surely or (now is not None and holds(now.pending_anywhere, generated.signal)):
        seen = f"{generated.signal} queued, and still pending"
        return Answer(Outcome.PENDING, seen, Evidence.KERNEL, at_ns)
    if now is None and question.held_back and after.complete and not question.may_be_waited_for:
        seen = f"{generated.signal} queued, and never taken: its target has ended"
        return Answer(Outcome.PENDING, seen, Evidence.KERNEL, at_ns)
    if now is None:
        return Answer(None, f"{generated.signal} queued", Evidence.KERNEL, at_ns)
    if now.traced or (question.target is not None and question.target.traced):
        seen = f"{generated.signal} was shown to its tracer, who may have put another in its place"
        return Answer(None, seen, Evidence.KERNEL, at_ns, final=True)
    if not question.may_be_waited_for and not may_wait_for(now, generated.signal):
        seen = f"{generated.signal} is gone from the queue, and nobody was seen to wait for it"
        return Answer(None, seen, Evidence.KERNEL, at_ns)
    seen = f"{generated.signal} was waited for, and taken without a handler"
    return Answer(Outcome.CONSUMED, seen, Evidence.KERNEL, at_ns)


def _look_at_target(
    question: Question, at_ns: int, after: Aftermath, *, settled_ns: int = _SETTLED_NS
) -> Process | None:
    """Give the target as it was seen after a thing had settled; None where it was not, or ended."""
    look = after.look
    if look is None or look.until_ns < at_ns + settled_ns:
        return None
    pid = question.target.pid if question.target is not None else question.sent.pid
    now = next((one for one in look.processes if one.pid == pid), None)
    return now if now is not None and now.state.alive else None
