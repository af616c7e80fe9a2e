"""
Who is who in the kernel trace: processes and threads, from their birth until nothing is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from runner.engine.trace.lines import NO_CGROUP, Identity
from runner.kernel.signals import SIGKILL, Signal
from runner.model.kernel_facts import ChildStatus
from runner.observe.kernel_events import (
    Attached,
    Delivered,
    Execed,
    ExitCall,
    Exited,
    Forked,
    Freed,
    Generated,
    ReadBegun,
    ReadEnded,
    TraceEvent,
)

SIGCHLD: Final = Signal.parse("SIGCHLD")
_QUEUED: Final = (0, 4)
"""The tracepoint's `res`: queued, and queued without saying who sent it."""

_CLD_EXITED, _CLD_KILLED, _CLD_DUMPED = 1, 2, 3
_STATUS: Final = dict(enumerate(ChildStatus, start=_CLD_EXITED))
_TICK_NS: Final = 10_000_000
"""To which /proc cuts when a task was born."""


@dataclass(slots=True)
class Known:
    """
    A task. `born_ns` is 0 where its birth is not on record, and `family` the first of those it
    descends from that was seen to be born. `cgroups` are those that it was put into, or one that it
    descends from, by hierarchy.

    `ended`: it is past its end, and does nothing of its own any more. `fatal` is the last signal
    for this process that was queued, may end it, and is not taken yet. `reading`: descriptor and
    size of the read(2) that a thread has begun. `exit_call` is how a process has begun to end
    itself. `killed` is a delivery of SIGKILL whose cause is not certain; `caused`: there was one
    whose cause is.
    """

    identity: Identity
    comm: str
    born_ns: int
    family: int
    ended: bool = False
    fatal: Signal | None = None
    reading: tuple[int, int] | None = None
    exit_call: ExitCall | None = None
    killed: Delivered | None = None
    caused: bool = False
    cgroups: Mapping[int, int] = field(default_factory=dict[int, int])

    def is_where(self, other: Known) -> bool:
        """Return whether both are known to be in the same cgroups: those of a container."""
        if self.cgroups and self.cgroups == other.cgroups:
            return True
        return self.identity.cgroup == other.identity.cgroup != NO_CGROUP


@dataclass(frozen=True, slots=True)
class Noted:
    """
    What an event means by what was before it.

    `after_end`: the task that acts has ended, so that the kernel does this for it. `cause`: the
    signal by which a process ends that now takes SIGKILL, or took it: `killed` is then when. `fd`
    is that of a read. `exit_call` has ended a process without exit_group(2). `status` is what a
    parent is told.
    """

    after_end: bool = False
    cause: Signal | None = None
    killed: Delivered | None = None
    fd: int | None = None
    exit_call: ExitCall | None = None
    status: ChildStatus | None = None


class TaskTable:
    """Keeps who every task is; all numbers are TIDs of the machine."""

    def __init__(self) -> None:
        self._tasks: dict[int, Known] = {}
        self._born: Forked | None = None
        # Of tasks that are not known: the runtime's own, until one of a container is born.
        self._cgroups: dict[int, Mapping[int, int]] = {}
        self._names: dict[int, str] = {}

    def identity(self, tid: int) -> Identity | None:
        """Return who a task is; None where its PID in its own PID namespace is not known."""
        known = self._tasks.get(tid)
        return known.identity if known is not None and known.identity.pid else None

    def get(self, tid: int) -> Known | None:
        """Return a task; None where nothing is known of it."""
        return self._tasks.get(tid)

    def namespace(self, tid: int) -> int | None:
        """Return the PID namespace of a task."""
        known = self._tasks.get(tid)
        return known.identity.namespace if known is not None else None

    def process(self, tid: int) -> int:
        """Return the process that a task belongs to."""
        known = self._tasks.get(tid)
        return known.identity.process if known is not None else tid

    def leader(self, tid: int) -> Known | None:
        """Return the first thread of a task's process."""
        return self._tasks.get(self.process(tid))

    def identify(self, identity: Identity) -> bool:
        """
        Take what /proc says of a task; say whether it is the one that the trace has come to.

        A reader that is late may find another one by that number: it was born later.
        """
        task, born = identity.task, self._born
        new = Known(identity, "", 0, task, cgroups=self._cgroups.pop(task, {}))
        if born is not None and born.child == task:
            if identity.started_ns > born.at_ns + _TICK_NS:
                return False
            new.comm, new.born_ns = born.comm, born.at_ns
        known = self._tasks.setdefault(task, new)
        if identity.cgroup == NO_CGROUP:
            identity = replace(identity, cgroup=known.identity.cgroup)
        known.identity = identity
        return True

    def adopt(self, execed: Execed, first: Known) -> bool:
        """
        Take one who is not known, as /proc said nothing of it before it was gone, for a process of
        the container whose cgroups it was put into when it executes a program; say whether it is.

        Its PID is known in the machine's own PID namespace only.
        """
        cgroups = self._cgroups.get(execed.task)
        if not cgroups or cgroups != first.cgroups:
            return False
        task, own = execed.task, first.identity
        pid = task if own.depth == 1 else 0
        who = replace(own, task=task, process=task, pid=pid, cgroup=NO_CGROUP)
        self._tasks[task] = Known(who, execed.comm, 0, task, cgroups=self._cgroups.pop(execed.task))
        return True

    def forget_namespace(self, init: Identity) -> None:
        """
        All who were in a PID namespace of that inode before this init are gone.

        The kernel gives an inode again when nothing is left of the namespace that had it.
        """
        for tid, known in tuple(self._tasks.items()):
            if known.identity.namespace == init.namespace and tid != init.task:
                del self._tasks[tid]

    def comm(self, tid: int) -> str:
        """Return the name of a task; "" where it is not known."""
        known = self._tasks.get(tid)
        return known.comm if known is not None else self._names.get(tid, "")

    def note(self, event: TraceEvent) -> Noted:
        """Take an event, before it is told."""
        match event:
            case Forked():
                self._inherit(event)
            case Execed(task=task, comm=comm):
                self._rename(task, comm)
                self._live_on(task)
            case Exited(task=task, comm=comm):
                self._rename(task, comm)
                return self._end(event)
            case Attached(task=task):
                self._attach(task, {event.hierarchy: event.cgroup})
            case Generated():
                return self._note_generated(event)
            case Delivered():
                return Noted(cause=self._taken(event))
            case _:
                return self._note_syscall(event)
        return Noted()

    def _note_syscall(self, event: TraceEvent) -> Noted:
        match event:
            case ExitCall(actor=actor):
                self._note_exit_call(actor, event)
            case ReadBegun(actor=actor, fd=fd, count=count):
                if (known := self._tasks.get(actor)) is not None:
                    known.reading = (fd, count)
            case ReadEnded():
                return Noted(fd=self._read_from(event))
            case _:
                pass
        return Noted()

    def forget(self, event: Freed) -> Identity | None:
        """Nothing is left of a task; give who it was. One born later by its number is another."""
        self._cgroups.pop(event.task, None)
        self._names.pop(event.task, None)
        known = self._tasks.get(event.task)
        if known is None or known.born_ns > event.at_ns:
            return None
        del self._tasks[event.task]
        return known.identity

    def _note_generated(self, event: Generated) -> Noted:
        self._learn_target(event)
        self._rename(event.target, event.target_comm)
        self._note_signal(event)
        known = self._tasks.get(event.actor)
        noted = Noted(after_end=known is not None and known.ended)
        if event.signal != SIGCHLD or event.code <= 0:
            return noted
        noted = replace(noted, status=_STATUS.get(event.code))
        leader = self.leader(event.actor)
        if leader is None or event.code not in {_CLD_KILLED, _CLD_DUMPED}:
            return noted
        killed, leader.killed = leader.killed, None
        return replace(noted, killed=killed, cause=leader.fatal)

    def _learn_target(self, event: Generated) -> None:
        """
        Take a target that was gone before /proc was asked for one of the sender's own namespace.

        A process can send to no other; what the kernel sends for it may go anywhere.
        """
        actor = self._tasks.get(event.actor)
        if actor is None or actor.ended or actor.identity.depth == 1 or event.code > 0:
            return
        who = replace(actor.identity, task=event.target, process=event.target, pid=0)
        known = Known(who, event.target_comm, 0, event.target)
        self._tasks.setdefault(event.target, known)

    def _rename(self, task: int, comm: str) -> None:
        known = self._tasks.get(task)
        if known is not None and comm:
            known.comm = comm
        elif comm and task in self._names:
            self._names[task] = comm

    def _inherit(self, birth: Forked) -> None:
        self._born = birth
        parent = self._tasks.get(birth.parent)
        cgroups = parent.cgroups if parent is not None else self._cgroups.get(birth.parent, {})
        if parent is None or birth.new_namespace:
            self._tasks.pop(birth.child, None)
            self._names[birth.child] = birth.comm
            self._attach(birth.child, cgroups)
            return
        who = parent.identity
        process = who.process if birth.thread else birth.child
        pid = birth.child if who.depth == 1 else 0
        identity = replace(who, task=birth.child, process=process, pid=pid)
        self._tasks[birth.child] = Known(
            identity, birth.comm, birth.at_ns, parent.family, cgroups=cgroups
        )

    def _attach(self, task: int, cgroups: Mapping[int, int]) -> None:
        known = self._tasks.get(task)
        if known is not None:
            known.cgroups = {**known.cgroups, **cgroups}
        elif cgroups:
            self._cgroups[task] = {**self._cgroups.get(task, {}), **cgroups}

    def _note_signal(self, event: Generated) -> None:
        target = self.leader(event.target)
        if target is None or event.result not in _QUEUED or target.fatal == SIGKILL:
            return
        if event.signal.default_action.ends:
            target.fatal = event.signal

    def _taken(self, event: Delivered) -> Signal | None:
        """
        Return the signal by which a process ends; None if it does not, or that is not known.

        A signal that ends a process is SIGKILL when it is delivered, to each of its threads; so
        is nothing at all, for the other threads when one ends the process or becomes another
        program. What is uncertain is decided by what the parent is told.
        """
        process = self.leader(event.actor)
        if process is None or event.signal not in {SIGKILL, process.fatal}:
            return None
        if event.signal != SIGKILL:
            process.fatal = None
            return None
        by_itself = process.exit_call is not None and process.exit_call.group
        if process.fatal is None or by_itself:
            if not process.caused:
                process.killed = process.killed or event
            return None
        cause, process.fatal, process.caused = process.fatal, None, True
        return cause

    def _live_on(self, task: int) -> None:
        """A process that becomes another program has ended its other threads; nothing killed it."""
        process = self.leader(task)
        if process is not None:
            process.killed, process.caused, process.reading = None, False, None

    def _note_exit_call(self, actor: int, event: ExitCall) -> None:
        process = self.leader(actor)
        if process is not None and (event.group or actor == process.identity.task):
            process.exit_call = event

    def _end(self, event: Exited) -> Noted:
        known, process = self._tasks.get(event.task), self.leader(event.task)
        if known is not None:
            known.ended = True
        if process is None or not event.last or process.killed or process.caused:
            return Noted()
        call = process.exit_call
        return Noted(exit_call=call if call is not None and not call.group else None)

    def _read_from(self, event: ReadEnded) -> int | None:
        known = self._tasks.get(event.actor)
        if known is None:
            return None
        reading, known.reading = known.reading, None
        return reading[0] if reading is not None and event.result <= reading[1] else None
