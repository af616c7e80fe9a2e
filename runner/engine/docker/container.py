"""
One Docker container, and the processes exec'd in it.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from docker.api.client import APIClient
from docker.errors import APIError, NotFound
from docker.utils import version_lt

from runner.engine.contract import ContainerState, EventQueue, NotStarted
from runner.engine.docker.events import EventRouter
from runner.engine.docker.failures import engine_words, translated
from runner.engine.docker.init_output import InitOutput
from runner.engine.docker.streams import HijackedStream, follow
from runner.engine.labels import KEPT
from runner.errors import EngineCallFailed, EngineError
from runner.kernel.signals import Signal
from runner.model.container import ContainerPlan
from runner.model.engine_facts import EngineLost, StopAnswered

_API_WITH_STOP_SIGNAL: Final = "1.42"
_EXIT_CODE_PATIENCE_S: Final = 2.0
_STOP_MARGIN_S: Final = 60.0
_NOT_EXECUTABLE, _NOT_FOUND = 126, 127
_SHORT_ID: Final = 12


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

    def has_started(self) -> bool:
        """As `ExecStream.has_started`."""
        state = self._inspect()
        return state is None or bool(state["Pid"]) or state["ExitCode"] is not None

    def exit_code(self) -> int | None:
        """
        As `ExecStream.exit_code`.

        The output may end a moment before the engine knows the exit code.
        """
        give_up = time.monotonic() + _EXIT_CODE_PATIENCE_S
        while time.monotonic() < give_up:
            state = self._inspect()
            if state is None:
                return None
            if not state["Running"] and state["ExitCode"] is not None:
                return int(state["ExitCode"])
            time.sleep(0.005)
        return None

    def _inspect(self) -> Mapping[str, Any] | None:
        """Return what the engine knows of it; None where it has forgotten it."""
        with translated("cannot inspect the exec'd process"):
            try:
                return self._client.exec_inspect(self.source)
            except NotFound:
                return None


class DockerContainer:
    """A `Container`."""

    def __init__(
        self,
        client: APIClient,
        events: EventRouter,
        *,
        container_id: str,
        plan: ContainerPlan,
        queue: EventQueue,
    ) -> None:
        self._client = client
        self._events = events
        self._queue = queue
        self._init = InitOutput(client, container_id, plan, queue)
        self.container_id = container_id
        events.register(container_id, queue)

    def follow_output(self) -> None:
        """As `Container.follow_output`."""
        self._init.attach()

    def follow_output_again(self) -> str:
        """As `Container.follow_output_again`."""
        return self._init.follow_log()

    def write_input(self, data: bytes, *, end: bool = False) -> None:
        """As `Container.write_input`."""
        self._init.write(data, end=end)

    def start(self) -> NotStarted | None:
        """As `Container.start`."""
        with translated("cannot start the container"):
            try:
                self._client.start(self.container_id)
            except APIError as error:
                return self._why_not_started(error)
        return None

    def _why_not_started(self, error: APIError) -> NotStarted:
        # The runtime's refusal to exec init is a fact about the image; anything else (a port, a
        # mount, a cgroup) is trouble with the engine.
        code = self._client.inspect_container(self.container_id)["State"]["ExitCode"]
        if code not in {_NOT_EXECUTABLE, _NOT_FOUND}:
            raise EngineCallFailed(f"cannot start the container: {engine_words(error)}") from error
        return NotStarted(reason=engine_words(error), exit_code=int(code))

    def host_pid(self) -> int | None:
        """As `Container.host_pid`."""
        with translated("cannot inspect the container"):
            state = self._client.inspect_container(self.container_id)["State"]
        return int(state["Pid"]) or None

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
        self._in_background("stop", lambda: self._call_stop(round(grace_s), signal))

    def request_restart(self, grace_s: float) -> None:
        """As `Container.request_restart`."""
        whole_s = round(grace_s)
        self._in_background(
            "restart", lambda: self._client.restart(self.container_id, timeout=whole_s)
        )

    def _in_background(self, what: str, call: Callable[[], None]) -> None:
        def run() -> None:
            try:
                with translated(f"cannot {what} the container"):
                    call()
            except EngineError as error:
                self._queue.put(EngineLost.by(error, self._queue.now_ns()))
            else:
                self._queue.put(StopAnswered(self._queue.now_ns()))

        threading.Thread(target=run, name=what, daemon=True).start()

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
        follow(stream.frames(), exec_id, self._queue, stream.close)
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

    def keep(self) -> str:
        """As `Container.keep`."""
        name = f"{KEPT}{self.container_id[:_SHORT_ID]}"
        with translated("cannot rename the container"):
            self._client.rename(self.container_id, name)
        self._events.unregister(self.container_id)
        return name

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
