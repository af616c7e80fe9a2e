"""
The fake engine's time, which passes only while somebody waits.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence

from runner.engine.contract import EngineEvent
from runner.engine.inbox import NamedQueue


class FakeClock:
    """Virtual time: it passes only while somebody waits."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000_000
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, after_s: float, act: Callable[[], None]) -> None:
        """Let something happen after so many seconds."""
        due_ns = self.now_ns + round(after_s * 1e9)
        heapq.heappush(self._due, (due_ns, next(self._order), act))

    def run(self, until_ns: int, enough: Callable[[], bool]) -> None:
        """Let time pass until then, or until there is enough."""
        while not enough() and self._due and self._due[0][0] <= until_ns:
            due_ns, _, act = heapq.heappop(self._due)
            self.now_ns = max(self.now_ns, due_ns)
            act()
        if not enough():
            self.now_ns = max(self.now_ns, until_ns)


class FakeInbox:
    """An `Inbox` on virtual time."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._posted: list[EngineEvent] = []

    def now_ns(self) -> int:
        """As `Inbox.now_ns`."""
        return self._clock.now_ns

    def queue(self, name: str) -> NamedQueue:
        """As `Inbox.queue`."""
        return NamedQueue(name, self.now_ns, self._posted.append)

    def take(self, until_ns: int) -> Sequence[EngineEvent]:
        """As `Inbox.take`."""
        self._clock.run(until_ns, lambda: bool(self._posted))
        taken = list(self._posted)
        self._posted.clear()
        return taken
