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
    "sched/sched_process_fork",
    "sched/sched_process_exec",
    "sched/sched_process_exit",
    "sched/sched_process_free",
)
"""The tracepoints that have to be enabled."""

_GO: Final = ("dockerd", "containerd", "containerd-shim", "runc", "docker", "podman", "conmon")
_IDENTITY: Final = re.compile(r"identity: (\d+) (\d+) (\d+) (\d+) (\d+)")
_CLOCK: Final = re.compile(r"clock: (\d+)")
_MARK: Final = re.compile(r": scenario-run mark (\d+)\s*\Z")
_CHILD: Final = re.compile(r"child_pid=(\d+)\s*\Z")


def filters() -> dict[str, str]:
    """
    Give a filter for each event that would bring too much.

    Programs written in Go send themselves SIGURG to preempt threads, hundreds of times a second.
    """

    def but_for_go(field: str) -> str:
        return "sig != 23 || (" + " && ".join(f'{field} != "{name}"' for name in _GO) + ")"

    return {
        "signal/signal_generate": but_for_go("comm"),
        "signal/signal_deliver": but_for_go("COMM"),
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


def forked_child(line: str) -> int | None:
    """Give the TID that a line on a fork names, and None for any other line."""
    if " sched_process_fork: " not in line:
        return None
    found = _CHILD.search(line)
    return int(found[1]) if found else None
