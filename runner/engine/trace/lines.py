"""
What a source of the kernel's trace brings: the kernel's lines, and lines of its own on new tasks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

EVENTS: Final = (
    "signal/signal_generate",
    "signal/signal_deliver",
    "task/task_newtask",
    "sched/sched_process_exec",
    "sched/sched_process_exit",
    "sched/sched_process_free",
)
"""The tracepoints that have to be enabled."""

_GO: Final = (
    "dockerd",
    "containerd",
    "containerd-shim",
    "runc",
    "exe",
    "docker",
    "podman",
    "conmon",
)
_IDENTITY: Final = re.compile(
    r"identity: (\d{1,19}) (\d{1,19}) (\d{1,19}) (\d{1,19}) (\d{1,19})", re.ASCII
)
_CLOCK: Final = re.compile(r"clock: (\d{1,19})", re.ASCII)
_MARK: Final = re.compile(r": scenario-run mark (\d{1,19})\s*\Z", re.ASCII)
_BIRTH: Final = re.compile(r" task_newtask: pid=(\d{1,19}) comm=", re.ASCII)
_BIRTH_END: Final = re.compile(r" clone_flags=([0-9a-f]{1,16}) oom_score_adj=-?\d+\Z")

CLONE_THREAD: Final = 0x10000
CLONE_NEWPID: Final = 0x20000000


PREFIX: Final = "scenario-run-"
"""How the names of our instances begin; the PID and start time of who made it follow."""

_BUFFER_KB: Final = 4096


def instance_settings() -> list[tuple[str, str]]:
    """
    Give what to write to which files of an instance, in order; those after a `?` may be missing.
    """
    return [
        ("trace_clock", "mono"),
        ("buffer_size_kb", str(_BUFFER_KB)),
        # Wake the reader for a single event, not when half of the buffer is full.
        ("?buffer_percent", "0"),
        *((f"events/{event}/filter", text) for event, text in filters().items()),
        *((f"events/{event}/enable", "1") for event in EVENTS),
    ]


def filters() -> dict[str, str]:
    """
    Give a filter for each event that would bring too much.

    Programs written in Go send themselves SIGURG to preempt threads, hundreds of times a second.
    The name of a file may hold newlines, and so could look like a line of the kernel's.
    """

    def but_for_go(field: str) -> str:
        return "sig != 23 || (" + " && ".join(f'{field} != "{name}"' for name in _GO) + ")"

    return {
        "signal/signal_generate": but_for_go("comm"),
        "signal/signal_deliver": but_for_go("COMM"),
        "sched/sched_process_exec": '!(filename ~ "*\n*")',
    }


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who a task is: its process, its PID in its own PID namespace, and which namespace that is.

    `depth` is how many PID namespaces it has a PID in, `namespace` the inode of /proc/PID/ns/pid.
    """

    task: int
    process: int
    pid: int
    depth: int
    namespace: int


def identity_line(identity: Identity) -> str:
    """Write who a task is."""
    one = identity
    return f"identity: {one.task} {one.process} {one.pid} {one.depth} {one.namespace}"


def read_identity(line: str) -> Identity | None:
    """Read who a task is; None for any other line."""
    found = _IDENTITY.fullmatch(line)
    return Identity(*map(int, found.groups())) if found else None


def mark_line(number: int) -> str:
    """Write what is put into the trace so that it comes back in its turn."""
    return f"scenario-run mark {number}"


def read_mark(line: str) -> int | None:
    """Read the number of a mark; None for any other line."""
    found = _MARK.search(line)
    return int(found[1]) if found else None


def read_clock(line: str) -> int | None:
    """Read what the trace's clock says at its beginning; None for any other line."""
    found = _CLOCK.fullmatch(line)
    return int(found[1]) if found else None


class Births:
    """
    Finds the births of processes in a trace, line by line; those of threads are none.

    A name with a newline in it makes two lines of one event.
    """

    def __init__(self) -> None:
        self._task = ""

    def told_by(self, line: str) -> int | None:
        """Give the PID of the process whose birth this line says, or says the rest of."""
        if "clone_flags=" not in line and "task_newtask" not in line:
            return None
        found = _BIRTH.search(line)
        if found is not None:
            self._task = found[1]
        end = _BIRTH_END.search(line)
        if end is None or not self._task:
            return None
        task, self._task = int(self._task), ""
        return None if int(end[1], 16) & CLONE_THREAD else task
