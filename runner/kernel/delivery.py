"""
What becomes of a signal that was queued: who takes it, and what it then does.

The half of the oracle that follows get_signal() and complete_signal() of kernel/signal.c. This
module must not ask whether a signal is dropped when it is sent: that is `oracle`.
"""

from __future__ import annotations

from typing import Final

from runner.kernel.masks import holds
from runner.kernel.pending import Pending
from runner.kernel.prediction import Confidence, Outcome, Prediction, SideEffect
from runner.kernel.processes import ProcessState
from runner.kernel.rules import Rule
from runner.kernel.signals import SIGKILL, DefaultAction, Signal
from runner.kernel.target import (
    KERNEL_ONLY,
    SIGSTOP,
    Disposition,
    Freezer,
    TargetView,
    ThreadView,
)

_WAITS: Final = Prediction(Outcome.PENDING, Rule.R19)
_KILLED: Final = Prediction(Outcome.TERMINATED, Rule.R19)


_SYNCHRONOUS: Final = frozenset(
    Signal.parse(name) for name in ("SEGV", "BUS", "ILL", "TRAP", "FPE", "SYS")
)
"""What faults are reported by: taken before all others, whoever sent them (SYNCHRONOUS_MASK)."""


def deliver(target: TargetView, signal: Signal, *, to_thread: int | None) -> Prediction:
    """
    Return what becomes of a signal that is in the queue of the process, or of one thread.

    `to_thread` is that thread's number. The process must be alive.
    """
    takers = _takers(target, signal, to_thread)
    held = _held(target, signal)
    if not takers:
        return _nobody_takes(target, signal, held, to_thread)
    if held:
        return held
    consumed = _consumed(target, signal, takers)
    if consumed:
        return consumed
    taken = act(target, signal)
    ends = signal.default_action is DefaultAction.TERM and not target.debugged
    if taken.rule is Rule.R9 and ends and target.leader.blocks(signal):
        # Whether init is spared is asked of the main thread when the signal is sent: R3 lets it
        # pass there, and complete_signal() then ends the process for the thread that takes it.
        # So since Linux 4.15; measured on 6.18.
        return Prediction(Outcome.TERMINATED, Rule.R11).unsure()
    if any(thread.may_wait(signal) for thread in takers):
        taken = taken.unsure()
    if target.debugged and signal != SIGKILL:
        return taken.unsure().also(SideEffect.TRACER_SEES)
    return taken


def act(target: TargetView, signal: Signal) -> Prediction:
    """Return what a signal does that a running thread takes: R8, R6, R9, R10, R11 in this order."""
    if target.disposition(signal) is Disposition.CAUGHT:
        return Prediction(Outcome.HANDLER_RUNS, Rule.R8, Confidence.UP_TO_HANDLER)
    if target.does_nothing_with(signal):
        return Prediction(Outcome.IGNORED, Rule.R6)
    if target.is_init and signal not in KERNEL_ONLY:
        return Prediction(Outcome.DROPPED_INIT, Rule.R9)
    if signal.default_action is DefaultAction.STOP:
        return _stops(target, signal)
    core = signal.default_action is DefaultAction.CORE
    return Prediction(Outcome.CORE_DUMPED if core else Outcome.TERMINATED, Rule.R11)


def ready(target: TargetView) -> tuple[tuple[Signal, int | None], ...]:
    """
    List the pending signals that some thread can take, in the order it would.

    With each stands the thread in whose own queue it is, None for the queue of the process. A
    thread's own signals come first, then those of faults, then lower numbers (next_signal()).
    Whether the process is stopped or frozen is not asked.
    """
    own = [
        (signal, thread.tid)
        for thread in target.taking
        for signal in _in_order(thread.pending)
        if not thread.blocks(signal)
    ]
    shared = [
        (signal, None)
        for signal in _in_order(target.pending)
        if any(not thread.blocks(signal) for thread in target.taking)
    ]
    return (*own, *shared)


def _in_order(pending: Pending) -> list[Signal]:
    return sorted(pending.signals(), key=lambda signal: (signal not in _SYNCHRONOUS, signal))


def _takers(target: TargetView, signal: Signal, to_thread: int | None) -> tuple[ThreadView, ...]:
    """Of the threads that do not block the signal, the main thread is asked first."""
    takers = tuple(
        thread
        for thread in target.taking
        if to_thread in {None, thread.tid} and not thread.blocks(signal)
    )
    return (target.leader,) if target.leader in takers else takers


def _nobody_takes(
    target: TargetView, signal: Signal, held: Prediction | None, to_thread: int | None
) -> Prediction:
    """Leave it pending, or to a signalfd: /proc does not say whether anyone reads that (R3)."""
    if not holds(target.signalfd, signal):
        return Prediction(Outcome.PENDING, Rule.R3)
    if held:
        return held
    read = Prediction(Outcome.CONSUMED, Rule.R3, Confidence.UP_TO_HANDLER)
    # A signalfd gives the reading thread's own signals: it need not be this thread that reads.
    return read if to_thread is None else read.unsure()


def _consumed(
    target: TargetView, signal: Signal, takers: tuple[ThreadView, ...]
) -> Prediction | None:
    """
    Return it to sigwait(3), whose callers block a signal before they wait for it (R3).

    Where the set is not known, a default disposition makes waiting likelier than not: whoever
    waits for a signal has no handler for it.
    """
    read = Prediction(Outcome.CONSUMED, Rule.R3, Confidence.UP_TO_HANDLER)
    if all(thread.waits(signal) for thread in takers):
        return read
    guess = target.disposition(signal) is Disposition.DEFAULT
    if any(thread.waits(signal) or (guess and thread.may_wait(signal)) for thread in takers):
        return read.unsure()
    return None


def _held(target: TargetView, signal: Signal) -> Prediction | None:
    """Return what keeps the process from taking signals: the freezer, a stop, a debugger (R19)."""
    stopped = target.state is ProcessState.STOPPED
    at_tracer = target.state is ProcessState.TRACED
    # The end by a default action is decided when the signal is sent, if a thread may be woken.
    ends = signal == SIGKILL or (not stopped and _ends_at_once(target, signal))
    if target.freezer is Freezer.V2 and ends:
        return _KILLED
    if target.freezer is not Freezer.OFF:
        return _WAITS.also(SideEffect.DOOMS) if ends else _WAITS
    if at_tracer and signal != SIGKILL:
        return Prediction(Outcome.PENDING, Rule.R4)
    if stopped:
        return _KILLED if signal == SIGKILL else _WAITS
    return None


def _ends_at_once(target: TargetView, signal: Signal) -> bool:
    """Return whether complete_signal() begins the end of the process; core dumps come later."""
    return (
        signal.default_action is DefaultAction.TERM
        and target.disposition(signal) is Disposition.DEFAULT
        and not target.is_init
        and not target.debugged
        and not any(thread.may_wait(signal) for thread in target.taking)
    )


def _stops(target: TargetView, signal: Signal) -> Prediction:
    if signal != SIGSTOP and target.orphaned_group:
        return Prediction(Outcome.IGNORED, Rule.R10)
    stopped = Prediction(Outcome.STOPPED, Rule.R10)
    certain = signal == SIGSTOP or target.orphaned_group is False
    return stopped if certain else stopped.unsure()
