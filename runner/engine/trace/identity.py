"""
Who a task of this machine is, read from /proc.

Asked at the birth of processes, so that this must be quick: the process may be gone in less than a
millisecond.
"""

from __future__ import annotations

import os
import re
import time
from typing import Final

from runner.engine.trace.lines import NO_CGROUP, Birth, Identity

MACHINES_OWN: Final = 0xEFFFFFFC
"""The inode of the machine's own PID namespace (PROC_PID_INIT_INO in the kernel's proc_ns.h)."""

_STATUS: Final = re.compile(rb"^Tgid:\s+(\d+)$.*^NSpid:\s+([\d\s]+?)$", re.MULTILINE | re.DOTALL)
_ENDED: Final = re.compile(rb"^State:\s+[ZX]", re.MULTILINE)
_READ_BYTES: Final = 4096
_LINK_HEAD, _LINK_TAIL = len("pid:["), -len("]")
_TICK_NS: Final = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
_STARTED: Final = 22 - 3
"""The field of proc_pid_stat(5), counted from the state, which is the first after the name."""


def identity_of(task: int, *, with_cgroup: bool = True) -> Identity | None:
    """Read who a task is; None when it is gone."""
    try:
        namespace = namespace_of(task)
        cgroup = _one_word(_read(task, "cgroup")) if with_cgroup else NO_CGROUP
        started_ns = _started_ns(_read(task, "stat"))
        status = _read(task, "status")
    except (OSError, ValueError, IndexError):
        return None
    found = _STATUS.search(status)
    if found is None:
        return None
    if _ENDED.search(status):
        cgroup = NO_CGROUP  # a zombie is in the root of all hierarchies
    pids = found[2].split()
    return Identity(task, int(found[1]), int(pids[-1]), len(pids), namespace, started_ns, cgroup)


def identity_at_birth(birth: Birth) -> Identity | None:
    """
    Read who was just born; None when it is gone, or is just another process of the machine.

    What a runtime of containers starts may be in the machine's own PID namespace (`pid: host`). In
    which cgroup it belongs is known when it becomes its program.
    """
    try:
        if not birth.runtime and namespace_of(birth.task) == MACHINES_OWN:
            return None
    except (OSError, ValueError):
        return None
    return identity_of(birth.task, with_cgroup=False)


def namespace_of(task: int) -> int:
    """
    Return the inode of a task's PID namespace.

    Raises:
        OSError: it is gone.
    """
    return int(os.readlink(f"/proc/{task}/ns/pid")[_LINK_HEAD:_LINK_TAIL])  # noqa: PTH115 - quicker


def _started_ns(stat: bytes) -> int:
    ticks = int(stat.rpartition(b")")[2].split()[_STARTED])
    # Whoever is interrupted between the two finds it older than it is, which does no harm.
    now_ns = time.monotonic_ns()
    asleep_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - now_ns
    return max(ticks * _TICK_NS - asleep_ns, 0)


def _one_word(cgroups: bytes) -> str:
    """Each hierarchy has a line; all of them together say which container it is."""
    text = cgroups.rstrip(b"\n").replace(b"\n", b",")
    return "".join(chr(one) if ord("!") <= one <= ord("~") else "?" for one in text) or NO_CGROUP


def _read(task: int, name: str) -> bytes:
    number = os.open(f"/proc/{task}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(number, _READ_BYTES)
    finally:
        os.close(number)
