"""
Who is who in the kernel's record: processes and threads, from their birth until nothing is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from runner.engine.trace.lines import Identity
from runner.kernel.signals import SIGKILL, Signal
from runner.model.kernel_facts import Place, Task
from runner.observe.kernel_trace import (
    Delivered,
    Execed,
    Exited,
    Forked,
    Freed,
    Generated,
    TraceEvent,
)

_QUEUED: Final = (0, 4)
"""The tracepoint's `res`: queued, and queued without saying who sent it."""


@dataclass(slots=True)
class _Known:
    """
    A task. `ended`: it is past its end, and does nothing of its own any more.

    `fatal` is the last signal for this process that was queued, may end it, and is not taken yet.
    """

    identity: Identity
    comm: str
    ended: bool = False
    fatal: Signal | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """
    What an event means by what was before it.

    `after_end`: the task that acts has ended, so that the kernel does this for it. `cause`: the
    signal by which a process ends that now takes SIGKILL.
    """

    after_end: bool = False
    cause: Signal | None = None


class TaskTable:
    """Keeps who every task is; all numbers are TIDs of the machine."""

    def __init__(self) -> None:
        self._tasks: dict[int, _Known] = {}
        self._born: Forked | None = None

    def identity(self, tid: int) -> Identity | None:
        """Say who a task is; None where its PID in its own PID namespace is not known."""
        known = self._tasks.get(tid)
        return known.identity if known is not None and known.identity.pid else None

    def namespace(self, tid: int) -> int | None:
        """Give the PID namespace of a task."""
        known = self._tasks.get(tid)
        return known.identity.namespace if known is not None else None

    def process(self, tid: int) -> int:
        """Give the process that a task belongs to."""
        known = self._tasks.get(tid)
        return known.identity.process if known is not None else tid

    def identify(self, identity: Identity) -> None:
        """Take what /proc says of a task."""
        born = self._born
        comm = born.comm if born is not None and born.child == identity.task else ""
        self._tasks.setdefault(identity.task, _Known(identity, comm)).identity = identity

    def comm(self, tid: int) -> str:
        """Give the name of a task; "" where it is not known."""
        known = self._tasks.get(tid)
        return known.comm if known is not None else ""

    def note(self, event: TraceEvent) -> Noted:
        """Take an event, before it is told."""
        match event:
            case Forked():
                self._inherit(event)
            case Execed(task=task, comm=comm):
                self._rename(task, comm)
            case Exited(task=task, comm=comm):
                self._rename(task, comm)
                if task in self._tasks:
                    self._tasks[task].ended = True
            case Generated(actor=actor, target=target, target_comm=comm):
                self._learn_target(event)
                self._rename(target, comm)
                self._note_signal(event)
                known = self._tasks.get(actor)
                return Noted(after_end=known is not None and known.ended)
            case Delivered():
                return Noted(cause=self._taken(event))
            case _:
                pass
        return Noted()

    def _learn_target(self, event: Generated) -> None:
        """
        Take a target that was gone before /proc was asked for one of the sender's own namespace.

        A process can send to no other; what the kernel sends for it may go anywhere.
        """
        actor = self._tasks.get(event.actor)
        if actor is None or actor.ended or actor.identity.depth == 1 or event.code > 0:
            return
        who = replace(actor.identity, task=event.target, process=event.target, pid=0)
        self._tasks.setdefault(event.target, _Known(who, event.target_comm))

    def _rename(self, task: int, comm: str) -> None:
        known = self._tasks.get(task)
        if known is not None and comm:
            known.comm = comm

    def forget(self, event: Freed) -> Identity | None:
        """Nothing is left of a task; give who it was."""
        known = self._tasks.pop(event.task, None)
        return known.identity if known is not None else None

    def _inherit(self, birth: Forked) -> None:
        self._born = birth
        parent = self._tasks.get(birth.parent)
        if parent is None or birth.new_namespace:
            self._tasks.pop(birth.child, None)
            return
        who = parent.identity
        process = who.process if birth.thread else birth.child
        pid = birth.child if who.depth == 1 else 0
        identity = replace(who, task=birth.child, process=process, pid=pid)
        self._tasks[birth.child] = _Known(identity, birth.comm)

    def _note_signal(self, event: Generated) -> None:
        target = self._tasks.get(self.process(event.target))
        if target is None or event.result not in _QUEUED or target.fatal == SIGKILL:
            return
        if event.signal.default_action.ends:
            target.fatal = event.signal

    def _taken(self, event: Delivered) -> Signal | None:
        """
        Give the signal by which a process ends; None if it does not, or not by a signal.

        A signal that ends a process is SIGKILL when it is delivered, to each of its threads; so
        is nothing at all, for the other threads when one ends the process or becomes another
        program.
        """
        process = self._tasks.get(self.process(event.actor))
        if process is None or event.signal not in {SIGKILL, process.fatal}:
            return None
        cause, process.fatal = process.fatal, None
        return cause if event.signal == SIGKILL else None

    def task(self, tid: int, comm: str, *, space: Identity) -> Task:
        """
        Describe a task as its process, as seen from the container with this init.

        `comm` is what the kernel remembers of its name. In the machine's own PID namespace, those
        are inside that descend from init.
        """
        known = self._tasks.get(tid)
        of_machine = space.depth == 1
        if known is None:
            return Task(Place.HOST, tid if of_machine else None, tid, comm)
        process = known.identity.process
        leader = self._tasks.get(process, known)
        name = leader.comm or known.comm or comm
        pid = leader.identity.pid or None
        if process == space.task:
            return Task(Place.INIT, pid, process, name)
        if known.identity.namespace != space.namespace:
            return Task(Place.HOST, None, process, name)
        return Task(Place.INSIDE, pid, process, name)


def tasks_of(event: TraceEvent) -> tuple[int, ...]:
    """Give the tasks that an event is about."""
    match event:
        case Generated(actor=actor, target=target):
            return (target, actor)
        case Delivered(actor=actor):
            return (actor,)
        case Forked(parent=parent, child=child):
            return (parent, child)
        case Execed(task=task) | Exited(task=task) | Freed(task=task):
            return (task,)
