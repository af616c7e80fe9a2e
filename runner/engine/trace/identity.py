"""
Who a task of this machine is, read from /proc.

Asked at the birth of every process of the machine, so that this must be quick: the process may be
gone in less than a millisecond.
"""

from __future__ import annotations

import os
import re
from typing import Final

from runner.engine.trace.lines import Identity

MACHINES_OWN: Final = 0xEFFFFFFC
"""The inode of the machine's own PID namespace (PROC_PID_INIT_INO in the kernel's proc_ns.h)."""

_STATUS: Final = re.compile(rb"^Tgid:\s+(\d+)$.*^NSpid:\s+([\d\s]+?)$", re.MULTILINE | re.DOTALL)
_STATUS_BYTES: Final = 4096
_LINK_HEAD, _LINK_TAIL = len("pid:["), -len("]")


def identity_of(task: int) -> Identity | None:
    """Read who a task is; None when it is gone."""
    try:
        namespace = _namespace_of(task)
        status = _status_of(task)
    except (OSError, ValueError):
        return None
    found = _STATUS.search(status)
    if found is None:
        return None
    pids = found[2].split()
    return Identity(task, int(found[1]), int(pids[-1]), len(pids), namespace)


def identity_in_container(task: int) -> Identity | None:
    """Read who a task is; None when it is gone, or in the machine's own PID namespace."""
    try:
        if _namespace_of(task) == MACHINES_OWN:
            return None
    except (OSError, ValueError):
        return None
    return identity_of(task)


def _namespace_of(task: int) -> int:
    return int(os.readlink(f"/proc/{task}/ns/pid")[_LINK_HEAD:_LINK_TAIL])  # noqa: PTH115 - quicker


def _status_of(task: int) -> bytes:
    number = os.open(f"/proc/{task}/status", os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(number, _STATUS_BYTES)
    finally:
        os.close(number)
