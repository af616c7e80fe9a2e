"""
A container whose kernel trace is watched, and where others are as seen from it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from runner.engine.trace.lines import Identity
from runner.model.kernel_facts import KernelFact, Role, Task
from runner.observe.kernel_tasks import Known, TaskTable

Tell = Callable[[KernelFact], None]


@dataclass(slots=True)
class Watched:
    """
    A container: who is told of it, and its `first` process with its PID namespace.

    What was before `since_ns` is somebody else's, and so is all after `until_ns`, when nothing was
    left of its first process; None: that is there. `begun`: it has become its program; what was
    before is the runtime's doing. `claimed`: it is registered; until then its facts are `history`.
    `shared`: others have the same PID namespace; family and cgroups say who is its own.
    `signalfd`: one of its processes has called signalfd(2). `births` counts the processes that it
    has started while it was not registered. `left_out`: it is recorded no more.
    """

    tell: Tell
    first: Known
    history: deque[KernelFact]
    since_ns: int
    shared: bool = False
    until_ns: int | None = None
    begun: bool = False
    claimed: bool = False
    signalfd: bool = False
    births: int = 0
    left_out: bool = False

    @property
    def init(self) -> Identity:
        """Who its first process is."""
        return self.first.identity

    def lived(self, since_ns: int, until_ns: int) -> bool:
        """Return whether it was there at any time between these."""
        return self.since_ns <= until_ns and (self.until_ns is None or self.until_ns >= since_ns)

    def owns(self, known: Known) -> bool:
        """
        Return whether a task is of the container.

        With a PID namespace of its own that is enough. In a shared one it is what descends from the
        first process, and what the runtime has put into the container's cgroups.
        """
        who = known.identity
        if who.namespace != self.init.namespace:
            return False
        if not self.shared or who.process == self.init.task:
            return True
        return known.family == self.first.family or known.is_where(self.first)

    def task(self, tasks: TaskTable, tid: int, comm: str = "") -> Task:
        """
        Describe a task as its process, as seen from the container.

        `comm` is what the kernel remembers of its name. In the machine's own PID namespace, those
        are inside that are the container's own.
        """
        known = tasks.get(tid)
        of_machine = self.init.depth == 1
        if known is None:
            # The kernel remembers only so many names.
            return Task(Role.HOST, tid if of_machine else None, tid, comm or tasks.comm(tid))
        process = known.identity.process
        leader = tasks.get(process) or known
        name = leader.comm or known.comm or comm
        pid = leader.identity.pid or None
        if process == self.init.task:
            return Task(Role.INIT, pid, process, name)
        if known.identity.namespace != self.init.namespace:
            return Task(Role.HOST, None, process, name)
        inside = not of_machine or self.owns(known)
        return Task(Role.INSIDE if inside else Role.HOST, pid, process, name)
