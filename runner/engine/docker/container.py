"""
One Docker container, and the processes exec'd in it.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from docker.api.client import APIClient
from docker.errors import APIError, NotFound
from docker.utils import version_lt

from runner.engine.contract import (
    ContainerState,
    NotStarted,
    Slot,
    Started,
    StopReturned,
)
from runner.engine.docker.events import EventRouter
from runner.engine.docker.failures import engine_words, translated
from runner.engine.docker.streams import HijackedStream, follow
from runner.errors import EngineCallFailed, EngineError
from runner.kernel.signals import Signal

_API_WITH_STOP_SIGNAL: Final = "1.42"
_EXIT_CODE_PATIENCE_S: Final = 2.0
_STOP_MARGIN_S: Final = 60.0
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127


class DockerExec:
    """An `ExecStream`."""

    def __init__(self, client: APIClient, exec_id: str, stream: HijackedStream) -> None:
        self._client = client
        self._stream = stream
        self.source = exec_id

    def write(self, data: bytes) -> None:
        """As `ExecStream.write`."""
        self._stream.write(data)

    def end_input(self) -> None:
        """As `ExecStream.end_input`."""
        self._stream.end_input()

    def exit_code(self) -> int | None:
        """
        As `ExecStream.exit_code`.

        The output may end a moment before the engine knows the exit code.
        """
        give_up = time.monotonic() + _EXIT_CODE_PATIENCE_S
        while time.monotonic() < give_up:
            with translated("cannot inspect the exec'd process"):
                try:
                    state = self._client.exec_inspect(self.source)
                except NotFound:
                    return None
            if not state["Running"] and state["ExitCode"] is not None:
                return int(state["ExitCode"])
            time.sleep(0.005)
        return None


class DockerContainer:
    """A `Container`."""

    def __init__(
        self, client: APIClient, events: EventRouter, container_id: str, slot: Slot
    ) -> None:
        self._client = client
        self._events = events
        self._slot = slot
        self.container_id = container_id
        events.register(container_id, slot)

    def follow_output(self) -> None:
        """As `Container.follow_output`."""
        with translated("cannot attach to the container's output"):
            stream = HijackedStream(
                self._client.attach_socket(
                    self.container_id, params={"stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
                )
            )
        follow(stream, "init", self._slot)

    def start(self) -> Started | NotStarted:
        """As `Container.start`."""
        with translated("cannot start the container"):
            try:
                self._client.start(self.container_id)
            except APIError as error:
                return self._why_not_started(error)
        return Started()

    def _why_not_started(self, error: APIError) -> NotStarted:
        # The runtime's refusal to exec init is a fact about the image; anything else (a port, a
        # mount, a cgroup) is trouble with the engine.
        code = self._client.inspect_container(self.container_id)["State"]["ExitCode"]
        if code not in {_NOT_EXECUTABLE, _NOT_FOUND}:
            raise EngineCallFailed(f"cannot start the container: {engine_words(error)}") from error
        return NotStarted(reason=engine_words(error), exit_code=int(code))

    def kill(self, signal: Signal) -> None:
        """As `Container.kill`."""
        with translated(f"cannot send {signal}"):
            self._client.kill(self.container_id, int(signal))

    def pause(self) -> None:
        """As `Container.pause`."""
        with translated("cannot pause the container"):
            self._client.pause(self.container_id)

    def unpause(self) -> None:
        """As `Container.unpause`."""
        with translated("cannot unpause the container"):
            self._client.unpause(self.container_id)

    def request_stop(self, grace_s: float, signal: Signal | None) -> None:
        """As `Container.request_stop`. Docker counts the grace period in whole seconds."""
        if signal is not None and version_lt(self._client.api_version, _API_WITH_STOP_SIGNAL):
            raise EngineCallFailed(
                f"an engine of API {self._client.api_version} cannot choose the signal of a stop "
                f"(that needs {_API_WITH_STOP_SIGNAL})",
                advice="say `stop_signal:` in the container instead",
            )
        threading.Thread(
            target=self._stop, args=(round(grace_s), signal), name="stop", daemon=True
        ).start()

    def _stop(self, grace_s: int, signal: Signal | None) -> None:
        failure: EngineError | None = None
        try:
            with translated("cannot stop the container"):
                self._call_stop(grace_s, signal)
        except EngineError as error:
            failure = error
        self._slot.put(StopReturned(self._slot.now_ns(), failure))

    def _call_stop(self, grace_s: int, signal: Signal | None) -> None:
        if signal is None:
            self._client.stop(self.container_id, timeout=grace_s)
            return
        # docker-py's stop() cannot name the signal yet, so its parts are put together here.
        client: Any = self._client
        url = client._url("/containers/{0}/stop", self.container_id)  # noqa: SLF001
        params = {"t": grace_s, "signal": str(signal)}
        answer = client._post(url, params=params, timeout=grace_s + _STOP_MARGIN_S)  # noqa: SLF001
        client._raise_for_status(answer)  # noqa: SLF001

    def exec(
        self,
        argv: Sequence[str],
        *,
        user: str = "",
        env: Mapping[str, str] | None = None,
        stdin: bool = False,
    ) -> DockerExec:
        """As `Container.exec`."""
        with translated(f"cannot exec {argv[0]}"):
            exec_id = self._client.exec_create(
                self.container_id, list(argv), stdin=stdin, user=user, environment=dict(env or {})
            )["Id"]
            stream = HijackedStream(self._client.exec_start(exec_id, socket=True))
        follow(stream, exec_id, self._slot)
        return DockerExec(self._client, exec_id, stream)

    def inspect(self) -> ContainerState:
        """As `Container.inspect`."""
        with translated("cannot inspect the container"):
            found = self._client.inspect_container(self.container_id)
        state = found["State"]
        running = bool(state["Running"])
        return ContainerState(
            running=running,
            exit_code=None if running else int(state["ExitCode"]),
            oom_killed=bool(state["OOMKilled"]),
            restart_count=int(found.get("RestartCount") or 0),
        )

    def remove(self) -> None:
        """As `Container.remove`."""
        remove_container(self._client, self.container_id)
        self._events.unregister(self.container_id)


def remove_container(client: APIClient, container_id: str) -> None:
    """
    Remove a container and its anonymous volumes, killing it first; gone already is no error.
    """
    with translated("cannot remove the container"):
        try:
            client.remove_container(container_id, v=True, force=True)
        except NotFound:
            return
        except APIError as error:
            # Another removal of the same container is under way.
            if "already in progress" not in engine_words(error):
                raise
