"""
The kernel's events, told apart by PID namespace and turned into facts about containers.

One router for a whole run. Who a task is, it learns when the task is born; a container is its PID
namespace, known by its init. What happens in a new namespace before its container is registered
is kept for a while and told then.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from runner.engine.trace.lines import Identity
from runner.kernel.processes import RUNTIME_COMM
from runner.kernel.signals import SIGKILL, Signal
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    KernelFact,
    ParentTold,
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
from runner.observe.kernel_tasks import Noted, TaskTable, tasks_of
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

_SIGCHLD: Final = Signal.parse("SIGCHLD")
_SIGURG: Final = Signal.parse("SIGURG")
_SI_TKILL: Final = -6
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
class _Watched:
    """
    A container: who is told of it, and its first process with its PID namespace.

    `begun`: its first process has become its program; what was before is the runtime's doing.
    `claimed`: it is registered; until then its facts are `history`, from `since_ns` on.
    """

    tell: Tell
    init: Identity
    history: deque[KernelFact]
    since_ns: int
    begun: bool = False
    claimed: bool = False


class KernelRouter:
    """
    Feed it events, and it tells facts; register a container as soon as its init is known.

    May be fed from one thread and asked from others.
    """

    def __init__(self) -> None:
        self._tasks = TaskTable()
        self._spaces: dict[int, _Watched] = {}
        self._alone: dict[int, _Watched] = {}
        self._waiting: dict[int, Callable[[Identity], None]] = {}
        self._born: Forked | None = None
        self._now_ns = 0
        self._lock = threading.RLock()

    def register(self, host_pid: int, tell: Tell, *, now_ns: int, alone: bool) -> bool:
        """
        Tell of the container whose first process this is; of its own PID namespace, from its birth.

        With `alone`, the PID namespace is not the container's own: only what concerns the first
        process is its business. Says whether it is known who that process is; if not, an
        `Identity` has to come.
        """
        with self._lock:
            identity = self._tasks.identity(host_pid)
            if identity is None:
                self._waiting[host_pid] = partial(self._open, tell, now_ns=now_ns, alone=alone)
                return False
            self._open(tell, identity, now_ns=now_ns, alone=alone)
            return True

    def unregister(self, host_pid: int) -> None:
        """The container is gone."""
        with self._lock:
            self._waiting.pop(host_pid, None)
            self._alone.pop(host_pid, None)
            for namespace, watched in tuple(self._spaces.items()):
                if watched.init.task == host_pid:
                    del self._spaces[namespace]

    def feed(self, event: TraceEvent | Identity | Lost) -> None:
        """Take an event."""
        with self._lock:
            if isinstance(event, Identity):
                self._identify(event)
                return
            if isinstance(event, Lost):
                for one in (*self._spaces.values(), *self._alone.values()):
                    one.tell(TraceLost(self._now_ns, event.events))
                return
            self._settle_birth()
            self._now_ns = event.at_ns
            noted = self._tasks.note(event)
            match event:
                case Forked(thread=False):
                    self._born = event
                case Freed():
                    self._pass_on(event, noted)
                    self._forget(event)
                case _:
                    self._pass_on(event, noted)

    def _open(self, tell: Tell, init: Identity, *, now_ns: int, alone: bool) -> None:
        begun = not self._tasks.comm(init.task).startswith(RUNTIME_COMM)
        watched = None if alone else self._spaces.get(init.namespace)
        if watched is None or watched.init.task != init.task:
            watched = _Watched(tell, init, deque(), now_ns, begun)
        if alone:
            self._alone[init.task] = watched
        else:
            self._spaces[init.namespace] = watched
        watched.claimed, watched.tell = True, tell
        cut = len(watched.history) == _HISTORY
        since_ns = watched.history[0].at_ns if cut else watched.since_ns
        tell(TraceOpened(since_ns, init.task))
        while watched.history:
            tell(watched.history.popleft())

    def _identify(self, identity: Identity) -> None:
        self._tasks.identify(identity)
        if identity.pid == 1 and identity.depth > 1 and identity.process == identity.task:
            self._found(identity)
        waiting = self._waiting.pop(identity.task, None)
        if waiting is not None:
            waiting(identity)

    def _found(self, init: Identity) -> None:
        """Keep what happens in a new PID namespace; an old one that is asked for is no news."""
        if self._born is None or self._born.child != init.task:
            return
        history: deque[KernelFact] = deque(maxlen=_HISTORY)
        self._spaces[init.namespace] = _Watched(history.append, init, history, self._born.at_ns)

    def _settle_birth(self) -> None:
        """Who was born is said by the line after the birth; now it is known, if ever."""
        born, self._born = self._born, None
        if born is not None:
            self._pass_on(born, Noted())

    def _pass_on(self, event: TraceEvent, noted: Noted) -> None:
        tids = tasks_of(event)
        for namespace in {self._tasks.namespace(tid) for tid in tids}:
            watched = self._spaces.get(namespace) if namespace is not None else None
            if watched is not None:
                self._tell_one(watched, event, noted)
        for tid in tids if self._alone else ():
            watched = self._alone.get(self._tasks.process(tid))
            if watched is not None:
                self._tell_one(watched, event, noted)

    def _forget(self, event: Freed) -> None:
        gone = self._tasks.forget(event)
        watched = self._spaces.get(gone.namespace) if gone is not None else None
        if watched is not None and watched.init.task == event.task and not watched.claimed:
            del self._spaces[watched.init.namespace]

    def _tell_one(self, watched: _Watched, event: TraceEvent, noted: Noted) -> None:
        if not watched.begun:
            watched.begun = (
                isinstance(event, Execed)
                and event.task == watched.init.task
                and not event.comm.startswith(RUNTIME_COMM)
            )
        fact = self._fact(watched, event, noted) if watched.begun else None
        if fact is not None:
            watched.tell(fact)

    def _fact(self, watched: _Watched, event: TraceEvent, noted: Noted) -> KernelFact | None:
        match event:
            case Generated():
                return self._signal_fact(watched, event, noted)
            case Delivered():
                return self._delivery_fact(watched, event, noted)
            case Forked(at_ns=at_ns, parent=parent, parent_comm=comm, child=child, thread=False):
                born = self._task(watched, child, event.comm)
                return ProcessForked(at_ns, self._task(watched, parent, comm), born)
            case Execed(at_ns=at_ns, task=task):
                return ProgramExeced(at_ns, self._task(watched, task))
            case Exited(at_ns=at_ns, task=task, comm=comm, last=True):
                return ProcessExited(at_ns, self._task(watched, task, comm))
            case Freed(at_ns=at_ns, task=task) if self._tasks.process(task) == task:
                return ProcessReaped(at_ns, self._task(watched, task))
            case _:
                return None

    def _signal_fact(
        self, watched: _Watched, event: Generated, noted: Noted
    ) -> SignalGenerated | ParentTold | None:
        sender = self._task(watched, event.actor, event.actor_comm)
        target = self._task(watched, event.target, event.target_comm)
        if event.signal == _SIGCHLD and event.code > 0:
            told = _TOLD.get(event.code)
            return ParentTold(event.at_ns, sender, target, told) if told else None
        to_itself = sender.host_pid == target.host_pid
        if to_itself and (noted.after_end or _is_preemption(event)):
            return None
        return SignalGenerated(
            event.at_ns,
            event.signal,
            _GENERATIONS[min(event.result, len(_GENERATIONS) - 1)],
            sender,
            target,
            event.code,
            event.to_process,
            after_end=noted.after_end,
        )

    def _delivery_fact(
        self, watched: _Watched, event: Delivered, noted: Noted
    ) -> SignalDelivered | None:
        if (event.signal == _SIGCHLD and event.code > 0) or _is_preemption(event):
            return None
        if event.signal == SIGKILL and noted.cause is None:
            return None  # one of several threads, ended by another one of them
        delivery, handler = Delivery.HANDLER, event.handler
        if event.handler <= _IGNORED_HANDLER:
            delivery = Delivery.IGNORED if event.handler else Delivery.DEFAULT
            handler = 0
        task = self._task(watched, event.actor, event.actor_comm)
        return SignalDelivered(event.at_ns, event.signal, task, delivery, handler, noted.cause)

    def _task(self, watched: _Watched, tid: int, comm: str = "") -> Task:
        return self._tasks.task(tid, comm, space=watched.init)


def _is_preemption(event: Generated | Delivered) -> bool:
    """Say whether this is what a program in Go sends its own threads to take turns."""
    return event.signal == _SIGURG and event.code == _SI_TKILL
