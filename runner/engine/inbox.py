"""
The inbox of real time: a thread-safe queue and the monotonic clock.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Final

from runner.engine.contract import EngineEvent, QueuedEvent

_MOST_AT_ONCE: Final = 1_000
"""Whoever takes must come to see the time, however much arrives."""


class RealInbox:
    """
    An `Inbox` on CLOCK_MONOTONIC.

    It is no `queue.SimpleQueue`: in Python 3.11, `get` of that waits for ever where its timeout
    is over before it has begun to wait, as happens to a thread that is kept from running.
    """

    def __init__(self) -> None:
        self._posted: deque[QueuedEvent] = deque()
        self._arrived = threading.Condition()

    def now_ns(self) -> int:
        """As `Inbox.now_ns`."""
        return time.monotonic_ns()

    def queue(self, name: str) -> RealQueue:
        """As `Inbox.queue`."""
        return RealQueue(name, self)

    def post(self, queued: QueuedEvent) -> None:
        """Let something be taken by whoever takes next."""
        with self._arrived:
            self._posted.append(queued)
            self._arrived.notify()

    def take(self, until_ns: int) -> list[QueuedEvent]:
        """As `Inbox.take`."""
        patience_s = max(0.0, (until_ns - self.now_ns()) / 1e9)
        with self._arrived:
            self._arrived.wait_for(lambda: self._posted, patience_s)
            number = min(_MOST_AT_ONCE, len(self._posted))
            return [self._posted.popleft() for _ in range(number)]


class RealQueue:
    """A `EventQueue` of a `RealInbox`."""

    def __init__(self, name: str, inbox: RealInbox) -> None:
        self._name = name
        self._inbox = inbox

    def now_ns(self) -> int:
        """As `EventQueue.now_ns`."""
        return self._inbox.now_ns()

    def put(self, event: EngineEvent) -> None:
        """As `EventQueue.put`."""
        self._inbox.post(QueuedEvent(self._name, event))
