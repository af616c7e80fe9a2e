"""
A trace instance of our own in this machine's tracefs.

An instance has its own buffer, clock and events, so that nobody else's tracing is touched. It is
named after the process that made it; what a dead process has left is removed by the next.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runner.engine.labels import Owner, start_time_of
from runner.engine.trace.identity import MACHINES_OWN, identity_in_container, identity_of
from runner.engine.trace.lines import PREFIX, Births, identity_line, instance_settings, mark_line
from runner.errors import TraceUnavailable

TRACEFS: Final = Path("/sys/kernel/tracing")

_PIECE: Final = 1 << 16
_WAKE_EVERY_MS: Final = 200


class LocalTrace:
    """A `KernelTrace` of this machine; needs root."""

    def __init__(self) -> None:
        self._instance = _make_instance()
        self._closing = False
        try:
            self._configure()
            pipe = self._instance / "trace_pipe"
            self._pipe = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            _remove(self._instance)
            raise TraceUnavailable(
                f"{error.filename or self._instance}: {error.strerror}"
            ) from error
        # Asked from one thread, told in another: a pipe wakes the reader at once.
        self._asked_read, self._asked_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def lines(self) -> Iterator[str]:
        """As `KernelTrace.lines`."""
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        poll.register(self._asked_read, select.POLLIN)
        rest, births = b"", Births()
        while not self._closing:
            ready = {number for number, _ in poll.poll(_WAKE_EVERY_MS)}
            if self._asked_read in ready:
                yield from self._answers()
            if self._pipe in ready:
                *lines, rest = (rest + self._read()).split(b"\n")
                for line in lines:
                    yield from _with_identity(line.decode("utf-8", "backslashreplace"), births)

    def identify(self, host_pid: int) -> None:
        """As `KernelTrace.identify`."""
        os.write(self._asked_write, b"%d\n" % host_pid)

    def mark(self, number: int) -> None:
        """As `KernelTrace.mark`."""
        with contextlib.suppress(OSError):
            (self._instance / "trace_marker").write_text(mark_line(number), encoding="ascii")

    def close(self) -> None:
        """As `KernelTrace.close`."""
        self._closing = True
        with contextlib.suppress(OSError):
            os.write(self._asked_write, b"\n")

    def remove(self) -> None:
        """As `KernelTrace.remove`."""
        for number in (self._pipe, self._asked_read, self._asked_write):
            with contextlib.suppress(OSError):
                os.close(number)
        _remove(self._instance)

    def _configure(self) -> None:
        for name, text in instance_settings():
            with contextlib.suppress(*(FileNotFoundError,) if name.startswith("?") else ()):
                (self._instance / name.removeprefix("?")).write_text(text, encoding="ascii")

    def _read(self) -> bytes:
        try:
            return os.read(self._pipe, _PIECE)
        except BlockingIOError:
            return b""

    def _answers(self) -> Iterator[str]:
        for word in os.read(self._asked_read, _PIECE).split():
            identity = identity_of(int(word))
            if identity is not None:
                yield identity_line(identity)


def _with_identity(line: str, births: Births) -> Iterator[str]:
    yield line
    child = births.told_by(line)
    identity = identity_in_container(child) if child is not None else None
    if identity is not None:
        yield identity_line(identity)


def _make_instance() -> Path:
    own = identity_of(os.getpid())
    if own is None or own.namespace != MACHINES_OWN:
        raise TraceUnavailable("this process has a PID namespace of its own, unlike the kernel")
    _mount()
    instances = TRACEFS / "instances"
    _reap(instances)
    owner = Owner.this_process()
    instance = instances / f"{PREFIX}{owner.pid}-{owner.started}"
    try:
        instance.mkdir(exist_ok=True)
    except OSError as error:
        raise TraceUnavailable(f"cannot make {instance}: {error.strerror}") from error
    return instance


def _mount() -> None:
    """Mount tracefs where systems with an init program have it; elsewhere nobody has done that."""
    not_root = "only root may read the kernel's trace"
    try:
        if (TRACEFS / "instances").is_dir():
            return
    except PermissionError as error:
        raise TraceUnavailable(not_root) from error
    if os.geteuid() != 0:
        raise TraceUnavailable(not_root)
    command = ["mount", "-t", "tracefs", "nodev", str(TRACEFS)]
    try:
        subprocess.run(  # noqa: S603 - fixed words
            command, check=True, capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError) as error:
        words = getattr(error, "stderr", "") or str(error)
        raise TraceUnavailable(f"tracefs cannot be mounted: {words.strip()}") from error


def _reap(instances: Path) -> None:
    try:
        found = list(instances.iterdir())
    except OSError as error:
        raise TraceUnavailable(f"cannot read {instances}: {error.strerror}") from error
    for one in found:
        pid, _, started = one.name.removeprefix(PREFIX).partition("-")
        if one.name.startswith(PREFIX) and pid.isdigit() and start_time_of(int(pid)) != started:
            _remove(one)


def _remove(instance: Path) -> None:
    with contextlib.suppress(OSError):
        (instance / "events" / "enable").write_text("0", encoding="ascii")
    with contextlib.suppress(OSError):
        instance.rmdir()
