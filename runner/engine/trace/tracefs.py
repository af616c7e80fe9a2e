"""
Trace instances of our own in this machine's tracefs.

An instance has its own buffer, clock and events, so that nobody else's tracing is touched. It is
named after the process that made it; what a dead process has left is removed by the next.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from runner.engine.labels import Owner, start_time_of
from runner.engine.trace.identity import MACHINES_OWN, identity_at_birth, identity_of
from runner.engine.trace.lines import (
    BirthParser,
    Scope,
    Until,
    identity_line,
    mark_line,
    read_who,
    scope_line,
    until_line,
    who_line,
)
from runner.engine.trace.settings import (
    PREFIX,
    SECOND_PREFIX,
    instance_settings,
    second_settings,
)
from runner.engine.trace.tasks import LEFT_OUT, append, leave_out, record_engine
from runner.errors import TraceUnavailable

TRACEFS: Final = Path("/sys/kernel/tracing")

_PIECE: Final = 1 << 16
_MOST_PIECES: Final = 64
"""So much of one instance is read before the other; the kernel gives some 100 lines a time."""

_WAKE_EVERY_MS: Final = 200
_NICE: Final = -20


class LocalTrace:
    """A `KernelTrace` of this machine; needs root."""

    def __init__(self) -> None:
        self._instances = _make_instances()
        self._closing = False
        self._pipes: tuple[_Pipe, ...] = ()
        first, second = self._instances
        try:
            engine_only = record_engine(first)
            syscalls = _configure(first, instance_settings())
            _configure(second, second_settings())
            self._pipes = (_Pipe(first, "1 "), _Pipe(second, "2 "))
        except OSError as error:
            self._discard()
            raise TraceUnavailable(f"{error.filename or first}: {error.strerror}") from error
        self._scope = Scope(engine_only, syscalls)
        # Asked from one thread, told in another: a pipe wakes the reader at once.
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def lines(self) -> Iterator[str]:
        """As `KernelTrace.lines`."""
        poll = select.poll()
        for number in (self._wake_read, *(pipe.number for pipe in self._pipes)):
            poll.register(number, select.POLLIN)
        births = BirthParser()
        first, second = self._pipes
        _hurry()
        self._leave_out_reader()
        yield f"clock: {time.monotonic_ns()}"
        yield scope_line(self._scope)
        while not self._closing:
            # Whatever is older than now is found in the first or, if it came meanwhile by what was
            # found there, in the second.
            now_ns = time.monotonic_ns()
            for line in first.read():
                yield line
                yield from self._added(line, births)
            yield from second.read()
            yield until_line(Until(now_ns, (first.drained, second.drained)))
            if not (first.busy or second.busy):
                poll.poll(_WAKE_EVERY_MS)

    def identify(self, host_pid: int) -> None:
        """As `KernelTrace.identify`."""
        self._write_mark(who_line(host_pid))

    def mark(self, number: int) -> None:
        """As `KernelTrace.mark`."""
        self._write_mark(mark_line(number))

    def leave_out(self, host_pid: int) -> bool:
        """As `KernelTrace.leave_out`."""
        with contextlib.suppress(OSError):
            return leave_out(host_pid, *self._instances)
        return False

    def close(self) -> None:
        """As `KernelTrace.close`."""
        self._closing = True
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"\n")

    def remove(self) -> None:
        """As `KernelTrace.remove`."""
        for number in (self._wake_read, self._wake_write):
            with contextlib.suppress(OSError):
                os.close(number)
        self._discard()

    def _added(self, line: str, births: BirthParser) -> Iterator[str]:
        """Yield what /proc says on somebody whose birth, or a question for whom, a line is."""
        identity = None
        if (task := read_who(line)) is not None:
            identity = identity_of(task)
            if self._scope.engine_only and not births.saw(task):
                # It may be from a process of the engine's that has begun since. To look for that
                # takes too long to do it each time: some 50 ms.
                with contextlib.suppress(OSError):
                    record_engine(self._instances[0])
        elif (birth := births.told_by(line)) is not None:
            identity = identity_at_birth(birth)
        elif (entered := births.entered_by(line)) is not None:
            identity = identity_of(entered)
        if identity is not None:
            yield identity_line(identity)

    def _leave_out_reader(self) -> None:
        """A read that finds nothing is recorded as of a signalfd is, and would be found next."""
        with contextlib.suppress(OSError):
            append(self._instances[0] / LEFT_OUT, str(threading.get_native_id()))

    def _write_mark(self, text: str) -> None:
        with contextlib.suppress(OSError):
            (self._instances[0] / "trace_marker").write_text(text, encoding="ascii")

    def _discard(self) -> None:
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                os.close(pipe.number)
        for instance in self._instances:
            _remove(instance)


class _Pipe:
    """
    The `trace_pipe` of an instance. `busy`: the last `read` has found something. `drained`: and
    then there was nothing more.
    """

    def __init__(self, instance: Path, tag: str) -> None:
        self.number = os.open(instance / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self.busy = self.drained = False
        self._tag = tag
        self._rest = b""

    def read(self) -> Iterator[str]:
        """Yield the lines that are there, each with the tag before it; not more than some."""
        self.busy = self.drained = False
        for _ in range(_MOST_PIECES):
            try:
                piece = os.read(self.number, _PIECE)
            except BlockingIOError:
                piece = b""
            if not piece:
                self.drained = True
                return
            self.busy = True
            *lines, self._rest = (self._rest + piece).split(b"\n")
            for line in lines:
                yield self._tag + line.decode("utf-8", "backslashreplace")


def _hurry() -> None:
    """What is not read in time is lost: this thread goes before others, however busy they are."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def _configure(instance: Path, settings: list[tuple[str, str]]) -> bool:
    """Write all settings; say whether none of those for system calls is missing."""
    complete = True
    for name, text in settings:
        try:
            append(instance / name.lstrip("?!"), text)
        except FileNotFoundError:
            if name[0] not in "?!":
                raise
            complete &= name[0] == "?"
    return complete


def _make_instances() -> tuple[Path, Path]:
    own = identity_of(os.getpid())
    if own is None or own.namespace != MACHINES_OWN:
        raise TraceUnavailable("this process has a PID namespace of its own, unlike the kernel")
    _mount()
    instances = TRACEFS / "instances"
    _reap(instances)
    owner = Owner.this_process()
    name = f"{owner.pid}-{owner.started}"
    first, second = instances / f"{PREFIX}{name}", instances / f"{SECOND_PREFIX}{name}"
    for instance in (first, second):
        try:
            instance.mkdir(exist_ok=True)
        except OSError as error:
            _remove(first)
            raise TraceUnavailable(f"cannot make {instance}: {error.strerror}") from error
    return first, second


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
        name = one.name.removeprefix(SECOND_PREFIX).removeprefix(PREFIX)
        pid, _, started = name.partition("-")
        if one.name.startswith(PREFIX) and pid.isdigit() and start_time_of(int(pid)) != started:
            _remove(one)


def _remove(instance: Path) -> None:
    with contextlib.suppress(OSError):
        (instance / "events" / "enable").write_text("0", encoding="ascii")
    with contextlib.suppress(OSError):
        instance.rmdir()
