"""
The inbox of real time: a thread-safe queue and the monotonic clock.
"""

from __future__ import annotations

import queue
import time

from runner.engine.contract import Arrival


class RealInbox:
    """An `Inbox` on CLOCK_MONOTONIC."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Arrival] = queue.SimpleQueue()

    def now_ns(self) -> int:
        """As `Inbox.now_ns`."""
        return time.monotonic_ns()

    def put(self, arrival: Arrival) -> None:
        """As `Inbox.put`."""
        self._queue.put(arrival)

    def take(self, until_ns: int) -> list[Arrival]:
        """As `Inbox.take`."""
        patience_s = max(0.0, (until_ns - self.now_ns()) / 1e9)
        try:
            arrivals = [self._queue.get(timeout=patience_s)]
        except queue.Empty:
            return []
        while not self._queue.empty():
            arrivals.append(self._queue.get_nowait())
        return arrivals
