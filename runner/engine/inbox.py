"""
The inbox of real time: a thread-safe queue and the monotonic clock; and the queues of any inbox.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from runner.engine.contract import EngineEvent
from runner.model.fact import InContainer

_MOST_AT_ONCE: Final = 1_000
"""Whoever takes must come to see the time, however much arrives."""


class NamedQueue:
    """An `EventQueue` of the container of that name: `post` is where its inbox takes events."""

    def __init__(
        self, container: str, now_ns: Callable[[], int], post: Callable[[EngineEvent], None]
    ) -> None:
        self._container = container
        self._post = post
        self.now_ns = now_ns

    def put(self, event: EngineEvent) -> None:
        """As `EventQueue.put`."""
        if isinstance(event, InContainer):
            event = dataclasses.replace(event, container=self._container)
        self._post(event)


class RealInbox:
    """
    An `Inbox` on CLOCK_MONOTONIC.

    It is no `queue.SimpleQueue`: in Python 3.11, `get` of that waits for ever where its timeout
    is over before it has begun to wait, as happens to a thread that is kept from running.
    """

    def __init__(self) -> None:
        self._posted: deque[EngineEvent] = deque()
        self._arrived = threading.Condition()

    def now_ns(self) -> int:
        """As `Inbox.now_ns`."""
        return time.monotonic_ns()

    def queue(self, name: str) -> NamedQueue:
        """As `Inbox.queue`."""
        return NamedQueue(name, self.now_ns, self._post)

    def _post(self, event: EngineEvent) -> None:
        with self._arrived:
            self._posted.append(event)
            self._arrived.notify()

    def take(self, until_ns: int) -> list[EngineEvent]:
        """As `Inbox.take`."""
        patience_s = max(0.0, (until_ns - self.now_ns()) / 1e9)
        with self._arrived:
            self._arrived.wait_for(lambda: self._posted, patience_s)
            number = min(_MOST_AT_ONCE, len(self._posted))
            return [self._posted.popleft() for _ in range(number)]
