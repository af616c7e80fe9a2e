"""
The kernel's events, told apart by PID namespace and turned into facts about containers.

One router for a whole run. Who a task is, it learns when the task is born; a container is its PID
namespace, known by its init. What happens in a namespace before its container is registered is
kept for a while and told then.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from runner.engine.trace.lines import Identity
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    KernelFact,
    ParentTold,
    Place,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    ProgramExeced,
    SignalDelivered,
    SignalGenerated,
    Task,
    Told,
    TraceLost,
    TraceOpened,
)
from runner.observe.kernel_trace import (
    Delivered,
    Execed,
    Exited,
    Forked,
    Freed,
    Generated,
    Lost,
    TraceEvent,
)

Tell = Callable[[KernelFact], None]

_SIGCHLD: Final = 17
_HISTORY: Final = 2000
_GENERATIONS: Final = (
    Generation.QUEUED,
    Generation.IGNORED,
    Generation.ALREADY_PENDING,
    Generation.OVERFLOW,
    Generation.INFO_LOST,
)
_TOLD: Final = dict(enumerate(Told, start=1))
_IGNORED_HANDLER: Final = 1


@dataclass(slots=True)
class _Known:
    """What is known of a task."""

    identity: Identity
    comm: str


@dataclass(slots=True)
class _Watched:
    """
    A container: who is told of it, its PID namespace and its first process.

    `alone` says that only what concerns the first process is its business: the namespace is
    another's, or the machine's own. `begun`: its first process has become its program; what was
    before is the runtime's doing.
    """

    tell: Tell
    namespace: int
    init: int
    alone: bool
    begun: bool


class KernelRouter:
    """
    Feed it events, and it tells facts; register a container as soon as its init is known.

    May be fed from one thread and asked from others.
    """

    def __init__(self) -> None:
        self._tasks: dict[int, _Known] = {}
        self._watched: dict[int, _Watched] = {}
        self._waiting: dict[int, Callable[[Identity], None]] = {}
        self._history: dict[int, deque[TraceEvent]] = {}
        self._born: Forked | None = None
        self._lock = threading.RLock()

    def register(self, host_pid: int, tell: Tell, *, now_ns: int, alone: bool) -> bool:
        """
        Tell of the container whose first process this is; of its own PID namespace, from its birth.

        With `alone`, the PID namespace is not the container's own. Says whether it is known who
        that process is; if not, an `Identity` has to come.
        """
        with self._lock:
            known = self._tasks.get(host_pid)
            if known is None or not known.identity.pid:
                self._waiting[host_pid] = partial(self._open, tell, now_ns=now_ns, alone=alone)
                return False
            self._open(tell, known.identity, now_ns=now_ns, alone=alone)
            return True

    def _open(self, tell: Tell, init: Identity, *, now_ns: int, alone: bool) -> None:
        history = () if alone else self._history.pop(init.namespace, ())
        begun = len(history) in {0, _HISTORY}
        watched = _Watched(tell, init.namespace, init.task, alone, begun)
        self._watched[init.task] = watched
        tell(TraceOpened(history[0].at_ns if history else now_ns, init.task))
        for event in history:
            self._tell_one(watched, event)

    def unregister(self, host_pid: int) -> None:
        """The container is gone."""
        with self._lock:
            self._waiting.pop(host_pid, None)
            gone = self._watched.pop(host_pid, None)
            if gone is not None:
                self._history.pop(gone.namespace, None)

    def feed(self, event: TraceEvent | Identity | Lost) -> None:
        """Take an event."""
        with self._lock:
            if isinstance(event, Identity):
                self._identify(event)
                return
            self._settle_birth()
            match event:
                case Lost(events=events):
                    for one in self._watched.values():
                        one.tell(TraceLost(0, events))
                case Forked(parent=parent, child=child, comm=comm):
                    self._inherit(parent, child, comm)
                    self._born = event
                case Execed(task=task, comm=comm):
                    self._rename(task, comm)
                    self._pass_on(event)
                case _:
                    self._pass_on(event)

    def _identify(self, identity: Identity) -> None:
        known = self._tasks.setdefault(identity.task, _Known(identity, ""))
        known.identity = identity
        waiting = self._waiting.pop(identity.task, None)
        if waiting is not None:
            waiting(identity)

    def _settle_birth(self) -> None:
        """Who was born is said by the line after the birth; now it is known, if ever."""
        born, self._born = self._born, None
        if born is not None:
            self._pass_on(born)

    def _inherit(self, parent: int, child: int, comm: str) -> None:
        known = self._tasks.get(parent)
        if known is None:
            self._tasks.pop(child, None)
            return
        identity = replace(known.identity, task=child, process=child, pid=0)
        self._tasks[child] = _Known(identity, comm)

    def _rename(self, task: int, comm: str) -> None:
        known = self._tasks.get(task)
        if known is not None and comm:
            known.comm = comm

    def _pass_on(self, event: TraceEvent) -> None:
        spaces = {
            known.identity.namespace: known.identity.depth
            for task in _tasks_of(event)
            if (known := self._tasks.get(task)) is not None
        }
        told = False
        for watched in tuple(self._watched.values()):
            if watched.namespace in spaces:
                self._tell_one(watched, event)
                told |= not watched.alone
        if not told:
            for namespace, depth in spaces.items():
                if depth > 1:
                    self._history.setdefault(namespace, deque(maxlen=_HISTORY)).append(event)
        if isinstance(event, Freed):
            self._forget(event.task)

    def _forget(self, task: int) -> None:
        known = self._tasks.pop(task, None)
        if known is not None and known.identity.pid == 1 and known.identity.depth > 1:
            self._history.pop(known.identity.namespace, None)

    def _tell_one(self, watched: _Watched, event: TraceEvent) -> None:
        tasks = {self._process(task) for task in _tasks_of(event)}
        if watched.alone and watched.init not in tasks:
            return
        if not watched.begun:
            watched.begun = isinstance(event, Execed) and event.task == watched.init
        fact = self._fact(watched, event) if watched.begun else None
        if fact is not None:
            watched.tell(fact)

    def _process(self, task: int) -> int:
        known = self._tasks.get(task)
        return known.identity.process if known is not None else task

    def _fact(self, watched: _Watched, event: TraceEvent) -> KernelFact | None:
        match event:
            case Generated():
                return self._signal_fact(watched, event)
            case Delivered():
                return self._delivery_fact(watched, event)
            case Forked(at_ns=at_ns, parent=parent, child=child):
                if self._process(child) != child:
                    return None  # a thread
                return ProcessForked(at_ns, self._task(watched, parent), self._task(watched, child))
            case Execed(at_ns=at_ns, task=task):
                return ProgramExeced(at_ns, self._task(watched, task))
            case Exited(at_ns=at_ns, task=task, comm=comm, last=last):
                return ProcessExited(at_ns, self._task(watched, task, comm)) if last else None
            case Freed(at_ns=at_ns, task=task):
                own = self._process(task) == task
                return ProcessReaped(at_ns, self._task(watched, task)) if own else None
            case _:
                return None

    def _signal_fact(
        self, watched: _Watched, event: Generated
    ) -> SignalGenerated | ParentTold | None:
        self._rename(event.target, event.target_comm)
        sender = self._task(watched, event.actor, event.actor_comm)
        target = self._task(watched, event.target, event.target_comm)
        if event.signal == _SIGCHLD and event.code > 0:
            told = _TOLD.get(event.code)
            return ParentTold(event.at_ns, sender, target, told) if told else None
        return SignalGenerated(
            event.at_ns,
            event.signal,
            _GENERATIONS[min(event.result, len(_GENERATIONS) - 1)],
            sender,
            target,
            event.code,
            event.to_process,
        )

    def _delivery_fact(self, watched: _Watched, event: Delivered) -> SignalDelivered | None:
        if event.signal == _SIGCHLD and event.code > 0:
            return None
        delivery, handler = Delivery.HANDLER, event.handler
        if event.handler <= _IGNORED_HANDLER:
            delivery = Delivery.IGNORED if event.handler else Delivery.DEFAULT
            handler = 0
        task = self._task(watched, event.actor, event.actor_comm)
        return SignalDelivered(event.at_ns, event.signal, task, delivery, handler)

    def _task(self, watched: _Watched, tid: int, comm: str = "") -> Task:
        known = self._tasks.get(tid)
        if known is None:
            return Task(Place.HOST, None, tid, comm)
        process = known.identity.process
        leader = self._tasks.get(process, known)
        name = leader.comm or comm
        if process == watched.init:
            return Task(Place.INIT, leader.identity.pid or None, process, name)
        if known.identity.namespace != watched.namespace or known.identity.depth == 1:
            return Task(Place.HOST, None, process, name)
        return Task(Place.INSIDE, leader.identity.pid or None, process, name)


def _tasks_of(event: TraceEvent) -> tuple[int, ...]:
    match event:
        case Generated(actor=actor, target=target):
            return (target, actor)
        case Delivered(actor=actor):
            return (actor,)
        case Forked(parent=parent, child=child):
            return (parent, child)
        case Execed(task=task) | Exited(task=task) | Freed(task=task):
            return (task,)
