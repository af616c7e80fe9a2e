"""
Many signals in a row: the target as it is after each, by the oracle's own rules.

Nothing here changes what it is given: each function gives a new view. What a handler does is not
known, so a view stays as it is when one runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from runner.kernel.delivery import deliver, ready
from runner.kernel.masks import signals_in
from runner.kernel.oracle import STOPS, predict
from runner.kernel.pending import Pending, bit
from runner.kernel.prediction import Outcome, Prediction, SideEffect
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, DefaultAction, Signal
from runner.kernel.target import (
    KERNEL_ONLY,
    SIGCONT,
    Disposition,
    Freezer,
    Sending,
    TargetView,
    ThreadView,
)

_ENDS: Final = frozenset({Outcome.TERMINATED, Outcome.CORE_DUMPED})


def after(target: TargetView, sending: Sending, prediction: Prediction) -> TargetView:
    """
    Give the target as it is once the prediction has come true.

    Signals that were pending and can be taken now (a stopped process was resumed) still are
    pending in it: see `settle`.
    """
    if prediction.outcome is Outcome.REJECTED or not target.taking:
        return target
    if target.doomed and prediction.outcome is not Outcome.TERMINATED:
        return target
    target = _job_control(target, sending.signal)
    waits = prediction.outcome is Outcome.PENDING or (
        SideEffect.STAYS_PENDING in prediction.side_effects
    )
    if waits:
        target = _queue(target, sending.signal, sending.to_thread, Pending.add)
    if SideEffect.DOOMS in prediction.side_effects and sending.signal != SIGKILL:
        target = _queue(target, SIGKILL, target.leader.tid, Pending.add)
    return _came_to(target, prediction.outcome)


def send(target: TargetView, sending: Sending) -> tuple[Prediction, TargetView]:
    """Predict one signal and give the target after it, pending signals not settled."""
    prediction = predict(target, sending)
    return prediction, after(target, sending, prediction)


def settle(target: TargetView) -> tuple[tuple[tuple[Signal, Prediction], ...], TargetView]:
    """
    Let the target take every pending signal that it can: after it was resumed or thawed or has
    unblocked some.

    Each instance of a real-time signal counts. It ends when nothing more can be taken, or the
    process has stopped or ended. Handlers begin only when all is taken: where one of the signals
    ends the process, none runs (get_signal() is asked again before the program goes on). Of
    several threads any may be the first to take a signal: this is the order of one thread.
    """
    taken: list[tuple[Signal, Prediction]] = []
    # The kernel looks first whether the process is to end (get_signal).
    for signal, tid in sorted(ready(target), key=lambda one: one[0] != SIGKILL):
        for _ in range(_queue_of(target, tid).count(signal)):
            prediction = deliver(target, signal, to_thread=tid)
            if not target.taking or prediction.outcome is Outcome.PENDING:
                break
            taken.append((signal, prediction))
            target = _queue(target, signal, tid, Pending.take)
            target = _came_to(target, prediction.outcome)
    if taken and taken[-1][1].outcome in _ENDS:
        taken = [one for one in taken if one[1].outcome is not Outcome.HANDLER_RUNS]
    return tuple(taken), target


def block(target: TargetView, mask: int, *, tid: int | None = None) -> TargetView:
    """Add signals to the mask of one thread, or of all."""
    return _threads(target, tid, lambda thread: replace(thread, blocked=thread.blocked | mask))


def unblock(target: TargetView, mask: int, *, tid: int | None = None) -> TargetView:
    """Take signals out of the mask of one thread, or of all; what was pending: see `settle`."""
    return _threads(target, tid, lambda thread: replace(thread, blocked=thread.blocked & ~mask))


def dispose(target: TargetView, mask: int, disposition: Disposition) -> TargetView:
    """
    Set what the process does with signals; SIGKILL and SIGSTOP keep their default.

    What it then does nothing with is no longer pending, blocked or not (do_sigaction(), R6).
    """
    chosen = [one for one in signals_in(mask) if one not in KERNEL_ONLY]
    mask = sum(bit(one) for one in chosen)
    target = replace(target, ignored=target.ignored & ~mask, caught=target.caught & ~mask)
    match disposition:
        case Disposition.IGNORED:
            target = replace(target, ignored=target.ignored | mask)
        case Disposition.CAUGHT:
            target = replace(target, caught=target.caught | mask)
        case Disposition.DEFAULT:
            pass
    return _delete(target, sum(bit(one) for one in chosen if target.does_nothing_with(one)))


def thaw(target: TargetView) -> TargetView:
    """Take the process out of the freezer; what was pending: see `settle`."""
    return replace(target, freezer=Freezer.OFF)


def _job_control(target: TargetView, signal: Signal) -> TargetView:
    if signal == SIGCONT:
        stopped = target.state is ProcessState.STOPPED
        state = ProcessState.SLEEPING if stopped else target.state
        return _delete(replace(target, state=state), STOPS)
    if signal.default_action is DefaultAction.STOP:
        return _delete(target, bit(SIGCONT))
    return target


def _delete(target: TargetView, mask: int) -> TargetView:
    target = replace(target, pending=target.pending.without(mask))
    return _threads(
        target, None, lambda thread: replace(thread, pending=thread.pending.without(mask))
    )


def _came_to(target: TargetView, outcome: Outcome) -> TargetView:
    if outcome in _ENDS:
        cleared = _delete(target, -1)
        return replace(cleared, state=ProcessState.ZOMBIE, others=())
    if outcome is Outcome.STOPPED and target.state.alive:
        return replace(target, state=ProcessState.STOPPED)
    return target


def _queue_of(target: TargetView, tid: int | None) -> Pending:
    thread = None if tid is None else target.thread(tid)
    return target.pending if thread is None else thread.pending


def _queue(
    target: TargetView,
    signal: Signal,
    tid: int | None,
    change: Callable[[Pending, Signal], Pending],
) -> TargetView:
    if tid is None:
        return replace(target, pending=change(target.pending, signal))
    return _threads(
        target, tid, lambda thread: replace(thread, pending=change(thread.pending, signal))
    )


def _threads(
    target: TargetView, tid: int | None, change: Callable[[ThreadView], ThreadView]
) -> TargetView:
    leader, *others = (
        change(thread) if tid in {None, thread.tid} else thread for thread in target.threads
    )
    return replace(target, leader=leader, others=tuple(others))
