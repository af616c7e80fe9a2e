"""
What a source of the kernel's trace brings: the kernel's lines, and lines of its own.

A line of the kernel's begins with `1 ` or `2 `: which instance it is from. Those of the source's
own say what is recorded, who a new task is, and up to when all is read.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Final

from runner.kernel.processes import is_runtime

_IDENTITY: Final = re.compile(
    r"identity: (\d{1,19}) (\d{1,19}) (\d{1,19}) (\d{1,19}) (\d{1,19}) (\d{1,19}) (\S{1,4096})",
    re.ASCII,
)
_CLOCK: Final = re.compile(r"clock: (\d{1,19})", re.ASCII)
_SCOPE: Final = re.compile(r"scope: ([01]) ([01])", re.ASCII)
_UNTIL: Final = re.compile(r"until: (\d{1,19}) ([01]) ([01])", re.ASCII)
_MARK: Final = re.compile(r": scenario-run (mark|who) (\d{1,19})\s*\Z", re.ASCII)
_BIRTH: Final = re.compile(
    r" task_newtask: pid=(\d{1,19}) comm=(.*?)(?: clone_flags=|\Z)", re.ASCII | re.DOTALL
)
_EXEC: Final = re.compile(r" sched_process_exec: .* pid=(\d{1,19}) old_pid=\d+\Z", re.ASCII)
_BIRTH_END: Final = re.compile(r" clone_flags=([0-9a-f]{1,16}) oom_score_adj=-?\d+\Z")

CLONE_THREAD: Final = 0x10000
CLONE_NEWPID: Final = 0x20000000

NO_CGROUP: Final = "-"

_MOST_STARTING: Final = 256
"""So many processes of a runtime's may be on their way to their program, or have ended on it."""

_MOST_RECENT: Final = 4096


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who a task is: its process, its PID in its own PID namespace, and which namespace that is.

    `depth` is how many PID namespaces it has a PID in, `namespace` the inode of /proc/PID/ns/pid.
    `started_ns` is when it was born, cut to clock ticks (10 ms), by CLOCK_MONOTONIC. `cgroup` is
    /proc/PID/cgroup with commas for newlines, where that was read: `-` elsewhere.
    """

    task: int
    process: int
    pid: int
    depth: int
    namespace: int
    started_ns: int = 0
    cgroup: str = NO_CGROUP


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What is recorded: with `engine_only`, nothing but what descends from the engine's processes.

    `syscalls` says that the kernel has tracepoints for system calls.
    """

    engine_only: bool
    syscalls: bool


@dataclass(frozen=True, slots=True)
class Until:
    """
    All lines of before this time by the trace's clock are read, but for instances where more waits.
    """

    at_ns: int
    drained: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Birth:
    """A process is born; `runtime` says that it has the name of a runtime of containers."""

    task: int
    runtime: bool


def identity_line(identity: Identity) -> str:
    """Write who a task is."""
    one = identity
    return (
        f"identity: {one.task} {one.process} {one.pid} {one.depth} {one.namespace} "
        f"{one.started_ns} {one.cgroup}"
    )


def read_identity(line: str) -> Identity | None:
    """Read who a task is; None for any other line."""
    found = _IDENTITY.fullmatch(line)
    if found is None:
        return None
    task, process, pid, depth, namespace, started_ns = map(int, found.groups()[:-1])
    return Identity(task, process, pid, depth, namespace, started_ns, found[7])


def mark_line(number: int) -> str:
    """Write what is put into the trace so that it comes back in its turn."""
    return f"scenario-run mark {number}"


def read_mark(line: str) -> int | None:
    """Read the number of a mark; None for any other line."""
    found = _MARK.search(line) if "scenario-run" in line else None
    return int(found[2]) if found and found[1] == "mark" else None


def who_line(task: int) -> str:
    """Write the question who a task is, to be answered when the trace has come to it."""
    return f"scenario-run who {task}"


def read_who(line: str) -> int | None:
    """Read the task that is asked for; None for any other line."""
    found = _MARK.search(line) if "scenario-run" in line else None
    return int(found[2]) if found and found[1] == "who" else None


def read_clock(line: str) -> int | None:
    """Read what the trace's clock says at its beginning; None for any other line."""
    found = _CLOCK.fullmatch(line)
    return int(found[1]) if found else None


def scope_line(scope: Scope) -> str:
    """Write what is recorded."""
    return f"scope: {scope.engine_only:d} {scope.syscalls:d}"


def read_scope(line: str) -> Scope | None:
    """Read what is recorded; None for any other line."""
    found = _SCOPE.fullmatch(line)
    return Scope(found[1] == "1", found[2] == "1") if found else None


def until_line(until: Until) -> str:
    """Write up to when all is read."""
    first, second = until.drained
    return f"until: {until.at_ns} {first:d} {second:d}"


def read_until(line: str) -> Until | None:
    """Read up to when all is read; None for any other line."""
    found = _UNTIL.fullmatch(line)
    return Until(int(found[1]), (found[2] == "1", found[3] == "1")) if found else None


class BirthParser:
    """
    Finds the births of processes in a trace, line by line; those of threads are none.

    A name with a newline in it makes two lines of one event.
    """

    def __init__(self) -> None:
        self._born: Birth | None = None
        self._of_runtime: deque[int] = deque(maxlen=_MOST_STARTING)
        self._latest: deque[int] = deque(maxlen=_MOST_RECENT)

    def saw(self, task: int) -> bool:
        """Return whether this process was born not long ago."""
        return task in self._latest

    def told_by(self, line: str) -> Birth | None:
        """Return the process whose birth this line says, or says the rest of."""
        if "clone_flags=" not in line and "task_newtask" not in line:
            return None
        found = _BIRTH.search(line)
        if found is not None:
            self._born = Birth(int(found[1]), is_runtime(found[2]))
        end = _BIRTH_END.search(line)
        if end is None or self._born is None:
            return None
        born, self._born = self._born, None
        if int(end[1], 16) & CLONE_THREAD:
            return None
        self._latest.append(born.task)
        if born.runtime:
            self._of_runtime.append(born.task)
        return born

    def entered_by(self, line: str) -> int | None:
        """Return the process of a runtime's that this line says is another program now."""
        found = _EXEC.search(line) if self._of_runtime and "process_exec:" in line else None
        task = int(found[1]) if found is not None else None
        if task is None or task not in self._of_runtime:
            return None
        self._of_runtime.remove(task)
        return task
