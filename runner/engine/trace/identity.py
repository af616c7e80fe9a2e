"""
Who a task of this machine is, read from /proc.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from runner.engine.trace.lines import Identity

_STATUS: Final = re.compile(r"^Tgid:\s+(\d+)$.*^NSpid:\s+([\d\s]+?)$", re.MULTILINE | re.DOTALL)


def identity_of(task: int) -> Identity | None:
    """Read who a task is; None when it is gone."""
    try:
        status = Path(f"/proc/{task}/status").read_text(encoding="utf-8", errors="replace")
        namespace = Path(f"/proc/{task}/ns/pid").readlink().name
    except OSError:
        return None
    found = _STATUS.search(status)
    inode = re.search(r"\d+", namespace)
    if found is None or inode is None:
        return None
    pids = found[2].split()
    return Identity(task, int(found[1]), int(pids[-1]), len(pids), int(inode[0]))
