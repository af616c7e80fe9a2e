"""
One reader of the kernel trace for all cases of a run.
"""

from __future__ import annotations

import dataclasses
import itertools
import threading
import time
from collections.abc import Callable

from runner.engine.contract import EventQueue
from runner.engine.trace.contract import KernelTrace
from runner.engine.trace.lines import Identity, Scope, Until, read_clock
from runner.model.kernel_facts import KernelFact, TraceLost
from runner.model.observation import TraceReached
from runner.observe.kernel_events import Mark
from runner.observe.kernel_order import TraceOrder
from runner.observe.kernel_router import KernelRouter
from runner.observe.kernel_trace import Item

_SAME_CLOCK_NS = 1_000_000_000
_END_PATIENCE_S = 5.0


class KernelWatch:
    """
    Reads a trace in a thread of its own and puts facts into the queues of containers.

    The trace's clock is the runner's own when both are on one machine; else its times are moved by
    the difference that is seen when the trace says its own.
    """

    def __init__(self, trace: KernelTrace) -> None:
        self._trace = trace
        self._router = KernelRouter(trace.leave_out)
        self._offset_ns = 0
        self._marks = itertools.count(1)
        self._waiting: dict[int, Callable[[], None]] = {}
        self._closing = False
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="kernel trace", daemon=True)
        self._thread.start()

    def follow(self, host_pid: int, queue: EventQueue, *, alone: bool) -> None:
        """
        Let the facts of a container arrive in its queue, from its birth on where that was seen.

        `host_pid` is its first process; `alone` says that it has no PID namespace of its own.
        """

        def tell(fact: KernelFact) -> None:
            if self._offset_ns:
                fact = _moved(fact, self._offset_ns)
            queue.put(fact)

        if self._ended:
            tell(TraceLost(self._now_ns(), 0, self._now_ns()))
        elif not self._router.register(host_pid, tell, now_ns=self._now_ns(), alone=alone):
            self._trace.identify(host_pid)

    def catch_up(self, queue: EventQueue) -> None:
        """Let `TraceReached` arrive in the queue when all that has happened until now is told."""
        now_ns = queue.now_ns()
        self._after_what_was(lambda: queue.put(TraceReached(now_ns)))

    def leave(self, host_pid: int) -> None:
        """The container's init is gone: what happened until now is still told."""
        self._after_what_was(lambda: self._router.unregister(host_pid))

    def _after_what_was(self, act: Callable[[], None]) -> None:
        number = next(self._marks)
        self._waiting[number] = act
        self._trace.mark(number)
        if self._ended:
            self._nothing_more_comes()

    def _nothing_more_comes(self) -> None:
        for number in tuple(self._waiting):
            act = self._waiting.pop(number, None)
            if act is not None:
                act()

    def close(self) -> None:
        """Stop reading, and leave nothing behind on the engine's machine."""
        self._closing = True
        self._trace.close()
        self._thread.join(_END_PATIENCE_S)
        self._trace.remove()

    def _read(self) -> None:
        order = TraceOrder(self._router.too_noisy)
        for line in self._trace.lines():
            clock_ns = read_clock(line)
            if clock_ns is not None:
                difference_ns = time.monotonic_ns() - clock_ns
                self._offset_ns = difference_ns if abs(difference_ns) > _SAME_CLOCK_NS else 0
            for item in order.take(line):
                self._take(item)
        for item in order.rest():
            self._take(item)
        self._ended = True
        if not self._closing:
            self._router.end()
        self._nothing_more_comes()

    def _take(self, item: Item | Identity | Scope | Until) -> None:
        self._router.feed(item)
        act = self._waiting.pop(item.number, None) if isinstance(item, Mark) else None
        if act is not None:
            act()

    def _now_ns(self) -> int:
        return time.monotonic_ns() - self._offset_ns


def _moved(fact: KernelFact, by_ns: int) -> KernelFact:
    if isinstance(fact, TraceLost):
        fact = dataclasses.replace(fact, since_ns=fact.since_ns + by_ns)
    return dataclasses.replace(fact, at_ns=fact.at_ns + by_ns)
