"""
A signal, its target as it was right before, and what the kernel's rules predict for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.history.sent_signals import SentSignal
from runner.kernel.masks import holds
from runner.kernel.oracle import predict
from runner.kernel.pending import Pending
from runner.kernel.prediction import Prediction
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.kernel.target import KERNEL_ONLY, SIGCONT, Sending, TargetView, ThreadView
from runner.model.observation import ProcessSnapshot, SignalSent
from runner.model.process import INIT_PID, Process
from runner.model.step import Sender


@dataclass(frozen=True, slots=True)
class PredictedSignal:
    """One signal that was accepted, its target as it was, and what was predicted."""

    sent: SignalSent
    target: Process | None
    prediction: Prediction | None

    @property
    def signal(self) -> Signal:
        """The signal."""
        return self.sent.signal

    @property
    def pid(self) -> int:
        """The PID of the target."""
        return self.target.pid if self.target is not None else self.sent.pid

    @property
    def resumes(self) -> bool:
        """Whether it lets a stopped target go on."""
        stopped = self.target is not None and self.target.state is ProcessState.STOPPED
        return stopped and self.signal == SIGCONT

    @property
    def is_init(self) -> bool:
        """Whether it was sent to the first process of a PID namespace."""
        return self.target is not None and self.target.pid == 1

    @property
    def held_back(self) -> bool:
        """
        Whether the target could not take it: it is stopped, or every thread blocks it, and
        none is in sigwait(3) for it.
        """
        target = self.target
        if target is None or self.signal in KERNEL_ONLY:
            return False
        if target.state is ProcessState.STOPPED:
            return True
        return holds(target.blocked_by_all, self.signal) and not target.may_wait_for(self.signal)

    @property
    def may_be_waited_for(self) -> bool:
        """Whether the target may take it without a handler: by sigwait(3) or a signalfd."""
        return self.target is None or may_wait_for(self.target, self.signal)

    @property
    def ignored(self) -> bool:
        """Whether the target ignored it (SIG_IGN)."""
        masks = self.target.masks if self.target else None
        return masks is not None and holds(masks.ignored, self.signal)


def predicted_signal(sent: SentSignal, *, shares_host: bool) -> PredictedSignal:
    """
    Say what must become of a signal, from what was seen right before it was sent.

    Nothing where its target was not seen. `shares_host`: the container has no PID namespace but the
    machine's, so that it has no init and no ancestor.
    """
    fact, snapshot = sent.fact, sent.before
    if snapshot is None:
        return PredictedSignal(fact, None, None)
    from_host = fact.sender is Sender.HOST
    target = snapshot.init if from_host else snapshot.process(fact.pid)
    if target is None:
        return PredictedSignal(fact, None, None)
    sending = Sending(
        fact.signal,
        from_ancestor=from_host and not shares_host,
        permitted=fact.errno != "EPERM",
    )
    view = _target_view(target, snapshot, shares_host=shares_host)
    return PredictedSignal(fact, target, predict(view, sending))


def _target_view(process: Process, snapshot: ProcessSnapshot, *, shares_host: bool) -> TargetView:
    """Return what the oracle needs to know of a process."""
    leader, *others = _threads(process)
    return TargetView(
        leader,
        is_init=process.pid == INIT_PID and not shares_host,
        others=tuple(others),
        state=process.state,
        ignored=process.masks.ignored,
        caught=process.masks.caught,
        pending=Pending(process.masks.pending),
        signalfd=process.signalfd,
        traced=process.traced,
        orphaned_group=_is_orphaned(process.pgid, snapshot),
    )


def _threads(process: Process) -> list[ThreadView]:
    views = [
        ThreadView(
            one.tid,
            one.blocked,
            Pending(one.pending),
            waits_for=one.waits_for,
            waits_unknown=one.waits and one.waits_for is None,
        )
        for one in process.every_thread
    ]
    return sorted(views, key=lambda one: one.tid != process.pid)


def _is_orphaned(group: int, snapshot: ProcessSnapshot) -> bool:
    """
    Return whether no member of a process group has a parent in the same session and another group.

    Such a group does not stop for SIGTSTP, SIGTTIN and SIGTTOU: nobody would let it go on.
    """
    by_pid = {one.pid: one for one in snapshot.processes}
    for one in snapshot.processes:
        parent = by_pid.get(one.ppid)
        if one.pgid != group or parent is None or not one.state.alive:
            continue
        if parent.pgid != group and parent.sid == one.sid:
            return False
    return True


def may_wait_for(process: Process, signal: Signal) -> bool:
    """Return whether a process is seen where it may take a signal without a handler."""
    return process.may_wait_for(signal) or holds(process.signalfd, signal)
