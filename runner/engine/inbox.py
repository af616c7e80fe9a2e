"""
The inbox of real time: a thread-safe queue and the monotonic clock.
"""

from __future__ import annotations

import queue
import time
from typing import Final

from runner.engine.contract import Arrival, Posted

_MOST_AT_ONCE: Final = 1_000
"""Whoever takes must come to see the time, however much arrives."""


class RealSlot:
    """A `Slot` of a `RealInbox`."""

    def __init__(self, name: str, posted: queue.SimpleQueue[Posted]) -> None:
        self._name = name
        self._posted = posted

    def now_ns(self) -> int:
        """As `Slot.now_ns`."""
        return time.monotonic_ns()

    def put(self, arrival: Arrival) -> None:
        """As `Slot.put`."""
        self._posted.put(Posted(self._name, arrival))


class RealInbox:
    """An `Inbox` on CLOCK_MONOTONIC."""

    def __init__(self) -> None:
        self._posted: queue.SimpleQueue[Posted] = queue.SimpleQueue()

    def now_ns(self) -> int:
        """As `Inbox.now_ns`."""
        return time.monotonic_ns()

    def slot(self, name: str) -> RealSlot:
        """As `Inbox.slot`."""
        return RealSlot(name, self._posted)

    def take(self, until_ns: int) -> list[Posted]:
        """As `Inbox.take`."""
        patience_s = max(0.0, (until_ns - self.now_ns()) / 1e9)
        try:
            found = [self._posted.get(timeout=patience_s)]
        except queue.Empty:
            return []
        while len(found) < _MOST_AT_ONCE and not self._posted.empty():
            found.append(self._posted.get_nowait())
        return found
