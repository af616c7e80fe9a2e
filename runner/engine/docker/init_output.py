"""
The output of a container's init, and its standard input, over all lives of the init.

The first life is attached to before it begins. A later one is only known of when it has begun, so
it is read from the engine's log, which has all lives: the lines of those before are left out.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

from docker.api.client import APIClient

from runner.engine.contract import EventQueue
from runner.engine.docker.failures import translated
from runner.engine.docker.streams import Frames, HijackedStream, follow, frames_of
from runner.errors import EngineCallFailed
from runner.model.container import ContainerPlan
from runner.model.expectation import Stream

_LAST_WORDS_PATIENCE_S = 2.0


class InitOutput:
    """Follows one container's init."""

    def __init__(
        self, client: APIClient, container_id: str, plan: ContainerPlan, queue: EventQueue
    ) -> None:
        self._client = client
        self._container_id = container_id
        self._plan = plan
        self._queue = queue
        self._attached: HijackedStream | None = None
        self._follower: threading.Thread | None = None
        self._lives = 1
        self._lines = Counter[Stream]()
        self._open_lines: set[Stream] = set()

    def attach(self) -> None:
        """Follow the first life; before it begins."""
        streams = {"stdout": 1, "stderr": 1, "stdin": int(self._plan.stdin_open)}
        with translated("cannot attach to the container's output"):
            reader = self._client.attach_socket(
                self._container_id, params={**streams, "stream": 1, "logs": 0}
            )
        self._attached = HijackedStream(reader, raw=self._plan.tty)
        frames = self._counted(self._attached.frames())
        self._follower = follow(frames, "init", self._queue, self._attached.close)

    def follow_log(self) -> str:
        """Follow a later life, from its first line; give the `source` of its output."""
        if self._follower is not None:
            self._follower.join(_LAST_WORDS_PATIENCE_S)
        client: Any = self._client
        with translated("cannot follow the container's log"):
            answer = client._get(  # noqa: SLF001 - docker-py's logs() merges the two streams
                client._url("/containers/{0}/logs", self._container_id),  # noqa: SLF001
                params={"stdout": 1, "stderr": 1, "follow": 1},
                stream=True,
                timeout=None,
            )
            client._raise_for_status(answer)  # noqa: SLF001
        # The log ends every line, also the last one of a life.
        self._lines.update(self._open_lines)
        self._open_lines.clear()
        self._attached = None
        self._lives += 1
        source = f"init-{self._lives}"
        frames = _after(frames_of(answer.raw, raw=self._plan.tty), self._lines)
        self._follower = follow(self._counted(frames), source, self._queue, answer.close)
        return source

    def write(self, data: bytes, *, end: bool) -> None:
        """Write to the standard input of the first life."""
        if self._attached is None:
            raise EngineCallFailed(
                "init was restarted, and its new standard input is not connected",
                advice="write before the restart, or make another scenario",
            )
        self._attached.write(data)
        if end:
            self._attached.end_input()

    def _counted(self, frames: Frames) -> Frames:
        """Count the lines that go by, and note which stream is in the middle of one."""
        for stream, data in frames:
            self._lines[stream] += data.count(b"\n")
            if data.endswith(b"\n"):
                self._open_lines.discard(stream)
            else:
                self._open_lines.add(stream)
            yield stream, data


def _after(frames: Frames, lines: Counter[Stream]) -> Iterator[tuple[Stream, bytes]]:
    """Leave out so many lines of each stream."""
    left = lines.copy()
    for stream, data in frames:
        rest = data
        while left[stream] and (cut := rest.find(b"\n")) >= 0:
            rest = rest[cut + 1 :]
            left[stream] -= 1
        if rest and not left[stream]:
            yield stream, rest
