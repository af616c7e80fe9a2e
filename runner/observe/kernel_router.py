"""
The kernel's events, told apart by PID namespace and turned into facts about containers.

One router for a whole run. Who a task is, it learns when the task is born; a container is its PID
namespace, known by its init. What happens in a new namespace before its container is registered
is kept for a while and told then.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from runner.engine.trace.lines import Identity, Scope, Until
from runner.kernel.processes import is_runtime
from runner.model.kernel_facts import KernelFact, TraceLost, TraceOpened
from runner.observe.kernel_events import (
    Execed,
    Forked,
    Freed,
    Lost,
    Mark,
    SignalfdCall,
    TraceEvent,
    tasks_of,
)
from runner.observe.kernel_space import Tell, Watched
from runner.observe.kernel_tasks import Noted, TaskTable
from runner.observe.kernel_to_facts import facts_of
from runner.observe.kernel_trace import Item

_HISTORY: Final = 2000
_MOST_BIRTHS: Final = 1000
"""
So many processes a container starts before it is left out, if nobody has registered it by then.
Ours are registered when the engine has answered: a shell that loops has made some hundred.
"""


class KernelRouter:
    """
    Feed it events, and it tells facts; register a container as soon as its init is known.

    May be fed from one thread and asked from others. `leave_out` is asked to let the kernel record
    no more of a task's PID namespace; says whether it does.
    """

    def __init__(self, leave_out: Callable[[int], bool] = lambda _: False) -> None:
        self._leave_out = leave_out
        self._tasks = TaskTable()
        self._noisy: set[int] = set()
        self._spaces: dict[int, Watched] = {}
        self._shared: dict[int, Watched] = {}
        self._waiting: dict[int, Callable[[], None]] = {}
        self._held: Forked | Execed | None = None
        self._scope = Scope(engine_only=False, syscalls=True)
        self._now_ns = 0
        self._lock = threading.RLock()

    def register(self, host_pid: int, tell: Tell, *, now_ns: int, alone: bool) -> bool:
        """
        Tell of the container whose first process this is; of its own PID namespace, from its birth.

        With `alone`, the PID namespace is not the container's own: what descends from its first
        process is its business, and what the runtime starts in it.

        Says whether it is known who that process is; if not, its `Identity` has to come when all
        that was before is fed. Where only the engine's descendants are recorded and its birth was
        not, it is no descendant: nothing is told of it.
        """
        with self._lock:
            opened = partial(self._open, host_pid, tell, now_ns=now_ns, alone=alone)
            if self._tasks.identity(host_pid) is None:
                self._waiting[host_pid] = opened
                return False
            opened()
            return True

    def unregister(self, host_pid: int) -> None:
        """The container is gone."""
        with self._lock:
            self._waiting.pop(host_pid, None)
            self._shared.pop(host_pid, None)
            for namespace, watched in tuple(self._spaces.items()):
                if watched.init.task == host_pid:
                    del self._spaces[namespace]

    def feed(self, event: Item | Identity | Scope | Until) -> None:
        """Take an event, or that nothing more belongs to the last one."""
        with self._lock:
            match event:
                case Identity():
                    self._identify(event)
                case Scope():
                    self._scope = event
                case Until() | Mark():
                    self._settle()
                case Lost():
                    self._lose(event)
                case _:
                    self._take(event)

    def too_noisy(self, task: int) -> bool:
        """
        Leave out a task that makes too many events, and its container, unless that is registered.

        What is fed may be late: if it turns out to be of a container of this run, that is told that
        its record is not whole. Says whether it is left out.
        """
        with self._lock:
            namespace = self._tasks.namespace(task)
            watched = self._spaces.get(namespace) if namespace is not None else None
            if watched is not None and watched.claimed:
                return False
            if not self._leave_out(task):
                return False
            self._noisy.add(task)
            if watched is not None:
                self._drop(watched)
            return True

    def end(self) -> None:
        """The record has come to its end: what happens from now on is not on it."""
        with self._lock:
            self._lose(Lost(self._now_ns, 0, self._now_ns))

    def _take(self, event: TraceEvent) -> None:
        self._settle()
        self._now_ns = event.at_ns
        noted = self._tasks.note(event)
        match event:
            case Forked(thread=False):
                self._held = event
                self._count_birth(event)
            case Execed():
                self._held = event
            case Freed():
                self._pass_on(event, noted)
                self._forget(event)
            case _:
                self._pass_on(event, noted)

    def _count_birth(self, birth: Forked) -> None:
        """What is of another run may be too much to be read beside what is ours."""
        namespace = self._tasks.namespace(birth.parent)
        watched = self._spaces.get(namespace) if namespace is not None else None
        if watched is None or watched.claimed:
            return
        watched.births += 1
        if watched.births % _MOST_BIRTHS == 0:
            self.too_noisy(birth.parent)

    def _lose(self, lost: Lost) -> None:
        for one in (*self._spaces.values(), *self._shared.values()):
            if one.lived(lost.since_ns, lost.at_ns):
                one.tell(TraceLost(lost.at_ns, lost.events, lost.since_ns))

    def _open(self, host_pid: int, tell: Tell, *, now_ns: int, alone: bool) -> None:
        known = self._tasks.get(host_pid)
        if known is None or (self._scope.engine_only and not known.born_ns):
            return
        init = known.identity
        begun = not is_runtime(known.comm)
        watched = self._shared.get(host_pid) if alone else self._spaces.get(init.namespace)
        if watched is None or watched.init.task != init.task:
            watched = Watched(tell, known, deque(), now_ns, alone, begun=begun)
        if alone:
            self._shared[init.task] = watched
        else:
            self._spaces[init.namespace] = watched
        watched.claimed, watched.tell = True, tell
        if watched.left_out:
            tell(TraceLost(self._now_ns, 0, watched.since_ns))
            return
        cut = len(watched.history) == _HISTORY
        since_ns = watched.history[0].at_ns if cut else watched.since_ns
        tell(TraceOpened(since_ns, init.task, syscalls=self._scope.syscalls))
        while watched.history:
            tell(watched.history.popleft())

    def _identify(self, identity: Identity) -> None:
        if not self._tasks.identify(identity):
            return
        self._found(identity)
        waiting = self._waiting.pop(identity.task, None)
        if waiting is not None:
            waiting()

    def _found(self, who: Identity) -> None:
        """
        Keep what happens in a new PID namespace; an old one that is asked for is no news.

        What the runtime starts in one that is there may be the first process of a container, too.
        """
        born, known = self._held, self._tasks.get(who.task)
        if not isinstance(born, Forked) or born.child != who.task or known is None:
            return
        history: deque[KernelFact] = deque(maxlen=_HISTORY)
        watched = Watched(history.append, known, history, born.at_ns)
        if who.pid == 1 and who.depth > 1 and who.process == who.task:
            self._tasks.forget_namespace(who)
            self._spaces[who.namespace] = watched
            if who.task in self._noisy:
                self._drop(watched)
        elif is_runtime(known.comm):
            watched.shared = True
            self._shared[who.task] = watched
        elif who.task in self._noisy and who.namespace in self._spaces:
            self._drop(self._spaces[who.namespace])

    def _drop(self, watched: Watched) -> None:
        """It is recorded no more; if that is known so late that it is registered, it is told."""
        watched.left_out = True
        watched.history.clear()
        if watched.claimed:
            watched.tell(TraceLost(self._now_ns, 0, watched.since_ns))

    def _is_of_another(self, task: int) -> bool:
        """Return whether what seemed to be the first of a container was exec'd into one."""
        own = self._shared.get(task)
        if own is None or own.claimed:
            return False
        others = (*self._spaces.values(), *self._shared.values())
        return any(one is not own and own.first.is_where(one.first) for one in others)

    def _settle(self) -> None:
        """Who was born, and what is in a container now, is said by the line after: now or never."""
        held, self._held = self._held, None
        if held is None:
            return
        if isinstance(held, Execed):
            self._settle_exec(held)
        self._pass_on(held, Noted())

    def _settle_exec(self, execed: Execed) -> None:
        if self._is_of_another(execed.task):
            del self._shared[execed.task]
        if self._tasks.get(execed.task) is not None:
            return
        for one in (*self._spaces.values(), *self._shared.values()):
            if self._tasks.adopt(execed, one.first):
                return

    def _pass_on(self, event: TraceEvent, noted: Noted) -> None:
        for watched in self._concerned(tasks_of(event)):
            if event.at_ns >= watched.since_ns and not watched.left_out:
                self._tell_one(watched, event, noted)

    def _concerned(self, tids: tuple[int, ...]) -> Iterator[Watched]:
        found = [known for tid in tids if (known := self._tasks.get(tid)) is not None]
        for namespace in {known.identity.namespace for known in found}:
            if (watched := self._spaces.get(namespace)) is not None:
                yield watched
        for watched in tuple(self._shared.values()) if found else ():
            if any(watched.owns(known) for known in found):
                yield watched

    def _forget(self, event: Freed) -> None:
        gone = self._tasks.forget(event)
        self._noisy.discard(event.task)
        shared = self._shared.get(event.task)
        if gone is not None and shared is not None and not shared.claimed:
            del self._shared[event.task]
        watched = self._spaces.get(gone.namespace) if gone is not None else None
        if watched is None or watched.init.task != event.task:
            return
        watched.until_ns = event.at_ns
        if not watched.claimed:
            del self._spaces[watched.init.namespace]

    def _tell_one(self, watched: Watched, event: TraceEvent, noted: Noted) -> None:
        if not watched.begun:
            watched.begun = (
                isinstance(event, Execed)
                and event.task == watched.init.task
                and not is_runtime(event.comm)
            )
        watched.signalfd |= isinstance(event, SignalfdCall)
        for fact in facts_of(event, noted, watched, self._tasks) if watched.begun else ():
            watched.tell(fact)
