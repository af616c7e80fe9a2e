"""
The kernel's trace of the engine's machine, brought by a helper container.

For an engine on another machine, and for a runner that is not root. The helper is the probe's
program in its trace mode (images/probe/trace.c): it shares the machine's PID namespace, has its
tracefs, and leaves both as they were when its input ends, as it does when the runner dies.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from docker.api.client import APIClient
from docker.errors import NotFound
from docker.types import LogConfig

from runner.engine.contract import PROBE_PATH
from runner.engine.docker.container import remove_container
from runner.engine.docker.failures import CONNECTION_ERRORS, translated
from runner.engine.docker.streams import HijackedStream
from runner.engine.trace.lines import read_clock
from runner.engine.trace.settings import (
    ENGINE_COMMS,
    PREFIX,
    SECOND_PREFIX,
    instance_settings,
    second_settings,
)
from runner.errors import EngineError, TraceUnavailable
from runner.model.expectation import Stream

CASE: Final = "the kernel's trace"
"""What our labels say instead of a case."""

_TRACEFS: Final = "/sys/kernel/tracing"
_FOLDER: Final = "/tracing"
_PATIENCE_S: Final = 10
_NOT_MOUNTED: Final = "there is no tracefs"


class TraceHelper:
    """A `KernelTrace` of the engine's machine."""

    def __init__(self, client: APIClient, image: str, labels: Mapping[str, str]) -> None:
        self._client = client
        self._container_id = ""
        self._stream: HijackedStream | None = None
        self._lines: Iterator[str] = iter(())
        self._first = ""
        try:
            self._begin(image, labels)
        except TraceUnavailable as error:
            if not error.what.startswith(_NOT_MOUNTED):
                raise
            self._begin(image, labels, mounts=True)

    def lines(self) -> Iterator[str]:
        """As `KernelTrace.lines`."""
        yield self._first
        yield from self._lines

    def identify(self, host_pid: int) -> None:
        """As `KernelTrace.identify`."""
        if self._stream is not None:
            self._stream.write(b"%d\n" % host_pid)

    def mark(self, number: int) -> None:
        """As `KernelTrace.mark`."""
        if self._stream is not None:
            self._stream.write(b"m%d\n" % number)

    def leave_out(self, host_pid: int) -> bool:
        """As `KernelTrace.leave_out`."""
        if self._stream is not None:
            self._stream.write(b"x%d\n" % host_pid)
        return self._stream is not None

    def close(self) -> None:
        """As `KernelTrace.close`: the helper removes its instance, and its output ends."""
        if self._stream is not None:
            self._stream.end_input()

    def remove(self) -> None:
        """As `KernelTrace.remove`."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.close()
        if self._container_id:
            with contextlib.suppress(EngineError):
                remove_container(self._client, self._container_id)
                self._wait_until_removed()

    def _wait_until_removed(self) -> None:
        # The engine removes it by itself, which takes a moment.
        with translated("cannot wait for the end of the helper"), contextlib.suppress(NotFound):
            self._client.wait(self._container_id, _PATIENCE_S, condition="removed")

    def _begin(self, image: str, labels: Mapping[str, str], *, mounts: bool = False) -> None:
        words: list[str] = []
        try:
            stream = self._start(image, labels, mounts=mounts)
            self._lines = _lines_of(stream.frames(), words)
            self._first = next(self._lines, "")
        except EngineError as error:
            self.remove()
            raise TraceUnavailable(error.what) from error
        if read_clock(self._first) is None:
            self.remove()
            raise TraceUnavailable("".join(words).strip() or self._first or "no answer")

    def _start(self, image: str, labels: Mapping[str, str], *, mounts: bool) -> HijackedStream:
        first = [word for pair in instance_settings() for word in pair]
        second = [word for pair in second_settings() for word in pair]
        with translated("cannot start the helper"):
            self._container_id = self._client.create_container(
                image,
                entrypoint=[PROBE_PATH, "trace", _FOLDER, PREFIX, SECOND_PREFIX],
                command=[",".join(ENGINE_COMMS), *first, "--", *second],
                labels=dict(labels),
                stdin_open=True,
                host_config=self._host_config(mounts=mounts),
            )["Id"]
            params = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1, "logs": 0}
            reader = self._client.attach_socket(self._container_id, params=params)
            self._stream = HijackedStream(reader)
            self._client.start(self._container_id)
        return self._stream

    def _host_config(self, *, mounts: bool) -> Mapping[str, Any]:
        """
        Return it what it needs and no more: CAP_SYS_PTRACE is to see the PID namespaces of others
        (namespaces(7)), CAP_SYS_ADMIN to mount what the machine has not.
        """
        return self._client.create_host_config(
            network_mode="none",
            pid_mode="host",
            userns_mode="host",
            cap_drop=["ALL"],
            cap_add=["SYS_PTRACE", *(["SYS_ADMIN"] if mounts else [])],
            security_opt=["apparmor=unconfined", "label=disable"],
            log_config=LogConfig(type=LogConfig.types.NONE),
            auto_remove=True,
            binds=None if mounts else [f"{_TRACEFS}:{_FOLDER}"],
            tmpfs={_FOLDER: ""} if mounts else None,
        )


def _lines_of(frames: Iterator[tuple[Stream, bytes]], words: list[str]) -> Iterator[str]:
    """Yield the lines of standard output; what comes on standard error are `words`."""
    rest = b""
    # A connection that breaks ends the trace, as the end of the helper does.
    with contextlib.suppress(*CONNECTION_ERRORS, ValueError):
        for stream, data in frames:
            if stream is Stream.STDERR:
                words.append(data.decode("utf-8", "replace"))
                continue
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "backslashreplace")
