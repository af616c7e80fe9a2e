"""
The oracle: what Linux does with a signal, predicted from what /proc shows of its target.

It asks in the order of send_signal_locked() in kernel/signal.c, version 6: may the sender send,
what does job control do, is it dropped, is it pending already; the rest is `delivery`. A process
in uninterruptible sleep (state D) acts only when it wakes. Pure: nothing is sent, nothing is read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from runner.kernel.delivery import deliver, ready
from runner.kernel.pending import bit
from runner.kernel.prediction import Outcome, Prediction, SideEffect
from runner.kernel.processes import ProcessState
from runner.kernel.rules import Rule
from runner.kernel.signals import ALL_SIGNALS, SIGKILL, SIGRTMIN, DefaultAction
from runner.kernel.target import (
    KERNEL_ONLY,
    SIGCONT,
    Disposition,
    Freezer,
    Sending,
    TargetView,
    ThreadView,
)

STOPS: Final = sum(
    bit(signal) for signal in ALL_SIGNALS if signal.default_action is DefaultAction.STOP
)
"""SIGSTOP, SIGTSTP, SIGTTIN and SIGTTOU as a mask."""


def predict(target: TargetView, sending: Sending) -> Prediction:
    """
    Return what becomes of a signal, by which rule, and how sure that is.

    Where it is not known whether the sender may send, the answer is that for one who may.
    """
    if sending.permitted is False:
        refused = Prediction(Outcome.REJECTED, Rule.R0)
        # SIGCONT is allowed within one session, whoever the sender is (kill(2)).
        return refused.unsure() if sending.signal == SIGCONT else refused
    thread = target.leader if sending.to_thread is None else target.thread(sending.to_thread)
    if thread is None:
        return Prediction(Outcome.REJECTED, Rule.R0)
    prediction = _accepted(target, sending, thread)
    return prediction.unsure() if sending.permitted is None else prediction


def _accepted(target: TargetView, sending: Sending, thread: ThreadView) -> Prediction:
    addressed = target.taking if sending.to_thread is None else (thread,)
    ended = not any(one in target.taking for one in addressed)
    if ended or (target.doomed and sending.signal != SIGKILL):
        return Prediction(Outcome.IGNORED, Rule.R11)
    effects = _job_control(target, sending)
    if SideEffect.RESUMES in effects:
        return _continues(target, sending, thread).also(*effects)
    return _queued(target, sending, thread).also(*effects)


def _job_control(target: TargetView, sending: Sending) -> tuple[SideEffect, ...]:
    """R2: these happen before the kernel asks whether the signal is blocked or ignored."""
    effects: list[SideEffect] = []
    if sending.signal == SIGCONT:
        if target.state is ProcessState.STOPPED:
            effects.append(SideEffect.RESUMES)
        if any(queue.mask & STOPS for queue in target.queues):
            effects.append(SideEffect.DELETES_STOPS)
    if sending.signal.default_action is DefaultAction.STOP and any(
        queue.holds(SIGCONT) for queue in target.queues
    ):
        effects.append(SideEffect.DELETES_CONT)
    return tuple(effects)


def _continues(target: TargetView, sending: Sending, thread: ThreadView) -> Prediction:
    """
    Resume a stopped process; SIGCONT itself goes the way of every signal after that.

    A frozen process is seen to run only after the thaw.
    """
    running = replace(target, state=ProcessState.SLEEPING)
    itself = _queued(running, sending, thread)
    effects: list[SideEffect] = []
    released = ready(running) if target.freezer is Freezer.OFF else ()
    if any(not bit(signal) & STOPS for signal, _ in released):
        effects.append(SideEffect.RELEASES_PENDING)
    if itself.outcome is Outcome.HANDLER_RUNS:
        effects.append(SideEffect.RUNS_HANDLER)
    if itself.outcome is Outcome.CONSUMED:
        effects.append(SideEffect.IS_CONSUMED)
    if itself.outcome is Outcome.PENDING:
        effects.append(SideEffect.STAYS_PENDING)
    continued = Prediction(Outcome.CONTINUED, Rule.R2, itself.confidence, tuple(effects))
    return continued.unsure() if target.debugged else continued


def _queued(target: TargetView, sending: Sending, thread: ThreadView) -> Prediction:
    dropped = _dropped(target, sending, thread)
    if dropped:
        return dropped
    signal = sending.signal
    queue = target.pending if sending.to_thread is None else thread.pending
    if queue.holds(signal) and signal < SIGRTMIN and signal != SIGKILL:
        return Prediction(Outcome.PENDING, Rule.R7, side_effects=(SideEffect.COALESCED,))
    return deliver(target, signal, to_thread=sending.to_thread)


def _dropped(target: TargetView, sending: Sending, thread: ThreadView) -> Prediction | None:
    """
    Return whether it is dropped when sent: sig_ignored() asks one thread, R3, R4, R5, R6 in turn.

    A thread in sigwait(3) blocks what it waits for: the kernel keeps its real mask aside.
    """
    signal, chosen = sending.signal, target.disposition(sending.signal)
    by_default = chosen is Disposition.DEFAULT
    if thread.blocks(signal) or thread.waits(signal):
        return None
    if by_default and thread.may_wait(signal):
        return None
    if target.debugged and signal != SIGKILL:
        return None
    forced = sending.from_ancestor and signal in KERNEL_ONLY
    if target.is_init and by_default and not forced:
        return Prediction(Outcome.DROPPED_INIT, Rule.R5)
    if not target.does_nothing_with(signal):
        return None
    ignored = Prediction(Outcome.IGNORED, Rule.R6)
    return ignored.unsure() if thread.may_wait(signal) else ignored
