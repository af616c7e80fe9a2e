"""
One stream of engine events for a whole run, told apart by container and put into their queues.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from docker.api.client import APIClient

from runner.engine.contract import EngineEvent, EventQueue, StartReported
from runner.engine.docker.failures import CONNECTION_ERRORS, gone, translated
from runner.engine.labels import RUN
from runner.kernel.signals import Signal
from runner.model.engine_facts import (
    EngineLost,
    EngineSent,
    HealthReported,
    InitEnded,
    OutOfMemory,
    Paused,
    Unpaused,
)
from runner.model.observation import Interrupted

_ACTIONS: Final = ["kill", "die", "start", "health_status", "pause", "unpause", "oom"]
_HEALTH: Final = "health_status: "


class EventRouter:
    """
    Follows the events of one run's containers.

    Register a container right after its creation; the queue then gets what happens to it.
    """

    def __init__(self, client: APIClient, run_id: str) -> None:
        self._client = client
        self._filters = {"type": "container", "event": _ACTIONS, "label": f"{RUN}={run_id}"}
        self._queues: dict[str, EventQueue] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._last_event: Callable[[EventQueue], EngineEvent] | None = None
        self._stream: Any = None

    def open(self) -> None:
        """Begin to follow; events from now on are not lost."""
        with translated("cannot follow the engine's events"):
            self._stream = self._client.events(filters=self._filters, decode=True)
        threading.Thread(target=self._pump, name="engine events", daemon=True).start()

    def register(self, container_id: str, queue: EventQueue) -> None:
        """Let the container's events arrive in this queue."""
        with self._lock:
            self._queues[container_id] = queue
            if self._last_event is not None:
                queue.put(self._last_event(queue))

    def unregister(self, container_id: str) -> None:
        """The container is removed."""
        with self._lock:
            self._queues.pop(container_id, None)

    def interrupt(self) -> None:
        """Let `Interrupted` arrive in every queue."""
        self._tell_all(lambda queue: Interrupted(queue.now_ns()))

    def close(self) -> None:
        """Stop following."""
        self._closing = True
        if self._stream is not None:
            self._stream.close()

    def _pump(self) -> None:
        broke: BaseException | None = None
        try:
            for event in self._events():
                self._route(event)
        except (*CONNECTION_ERRORS, ValueError) as error:
            broke = error
        if not self._closing:
            error = gone("following the engine's events", broke)
            self._tell_all(lambda queue: EngineLost.by(error, queue.now_ns()))

    def _events(self) -> Iterator[Mapping[str, Any]]:
        yield from self._stream

    def _route(self, event: Mapping[str, Any]) -> None:
        actor = event.get("Actor") or {}
        with self._lock:
            queue = self._queues.get(str(actor.get("ID", "")))
        if queue is None:
            return
        told = _event(event, actor.get("Attributes") or {}, queue.now_ns())
        if told is not None:
            queue.put(told)

    def _tell_all(self, last_event: Callable[[EventQueue], EngineEvent]) -> None:
        """Tell every case that is running, and any that is just about to."""
        with self._lock:
            self._last_event = last_event
            for queue in self._queues.values():
                queue.put(last_event(queue))


def _event(
    event: Mapping[str, Any], attributes: Mapping[str, str], now_ns: int
) -> EngineEvent | None:
    match event.get("Action"):
        case "die":
            return InitEnded(now_ns, int(attributes.get("exitCode") or 0))
        case "kill":
            return EngineSent(now_ns, Signal.parse(attributes.get("signal") or "SIGKILL"))
        case "pause":
            return Paused(now_ns)
        case "unpause":
            return Unpaused(now_ns)
        case "oom":
            return OutOfMemory(now_ns)
        case "start":
            return StartReported(now_ns)
        case str(action) if action.startswith(_HEALTH):
            return HealthReported(now_ns, action.removeprefix(_HEALTH))
        case _:
            return None
