"""
What of the kernel trace is about the container, and what is our own doing or the runtime's.
"""

from __future__ import annotations

import dataclasses

from runner.kernel.processes import is_runtime
from runner.model.kernel_facts import (
    ExitCalled,
    KernelFact,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    ProgramExeced,
    Role,
    SignalAccepted,
    SignalDelivered,
    SignalfdRead,
    SignalGenerated,
    SubreaperSet,
    Task,
)


def as_seen_from(fact: KernelFact, *, probe_pid: int | None) -> KernelFact | None:
    """
    Return a fact with our probe marked as what it is; None for what is no business of the case.

    The lives of the probe, of the runtime on its way in and of anybody on the host are none, nor
    what the probe is sent.
    """

    def marked(task: Task) -> Task:
        # On the machine's own PID namespace the probe is no descendant of init: HOST, with a PID.
        is_probe = task.role is not Role.INIT and task.pid is not None and task.pid == probe_pid
        return dataclasses.replace(task, role=Role.PROBE) if is_probe else task

    match fact:
        case SignalGenerated(sender=sender, target=target):
            if marked(target).role is Role.PROBE:
                return None
            return dataclasses.replace(fact, sender=marked(sender), target=target)
        case SignalDelivered(task=task) | SignalAccepted(task=task):
            return None if marked(task).role is Role.PROBE else fact
        case (
            ProgramExeced(task=task)
            | ProcessExited(task=task)
            | ProcessReaped(task=task)
            | ExitCalled(task=task)
            | SubreaperSet(task=task)
            | SignalfdRead(task=task)
        ):
            return None if _ours(marked(task)) else fact
        case ProcessForked(child=child):
            return None if _ours(marked(child)) else fact
        case ParentNotified(child=child, parent=parent):
            return fact if parent.role is Role.INIT or not _ours(marked(child)) else None
        case _:
            return fact


def _ours(task: Task) -> bool:
    runtime = task.role is not Role.INIT and is_runtime(task.comm)
    return task.role in {Role.PROBE, Role.HOST} or runtime
