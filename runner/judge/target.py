"""
From a snapshot of the processes to what the oracle needs to know of a signal's target.
"""

from __future__ import annotations

from runner.kernel.oracle import predict
from runner.kernel.pending import Pending
from runner.kernel.prediction import Prediction
from runner.kernel.target import Sending, TargetView, ThreadView
from runner.model.observation import ProcessSnapshot, SignalSent
from runner.model.process import Process
from runner.model.step import Sender

_INIT = 1


def prediction_of(
    sent: SignalSent, snapshot: ProcessSnapshot | None, *, shares_host: bool
) -> Prediction | None:
    """
    Say what must become of a signal, from what was seen right before it was sent.

    None where its target was not seen. `shares_host`: the container has no PID namespace but the
    machine's, so that it has no init and no ancestor.
    """
    process = target_of(sent, snapshot)
    if process is None or snapshot is None:
        return None
    sending = Sending(
        sent.signal,
        from_ancestor=sent.sender is Sender.HOST and not shares_host,
        permitted=sent.errno != "EPERM",
    )
    return predict(target_view(process, snapshot, shares_host=shares_host), sending)


def target_of(sent: SignalSent, snapshot: ProcessSnapshot | None) -> Process | None:
    """Find the one process that a signal was sent to."""
    if snapshot is None:
        return None
    if sent.sender is Sender.HOST:
        return snapshot.init
    return next((one for one in snapshot.processes if one.pid == sent.pid), None)


def target_view(process: Process, snapshot: ProcessSnapshot, *, shares_host: bool) -> TargetView:
    """Give what the oracle needs to know of a process."""
    leader, *others = _threads(process)
    return TargetView(
        leader,
        is_init=process.pid == _INIT and not shares_host,
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
    Say whether no member of a process group has a parent in the same session and another group.

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
