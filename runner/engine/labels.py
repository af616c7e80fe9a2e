"""
The labels by which our containers are known, and by which those of a dead run are found.

A container is left over when the process that owned it is provably gone: same machine since the
same boot and same PID namespace, but no process with that PID and start time. Anything less
sure is left alone, since it may belong to a living run elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

RUN: Final = "scenario-run.run"
CASE: Final = "scenario-run.case"
PID: Final = "scenario-run.pid"
STARTED: Final = "scenario-run.started"
HOST: Final = "scenario-run.host"
IMAGE: Final = "scenario-run.image"

KEPT: Final = "scenario-run-kept-"
"""How the names of containers begin that are left for people: labels cannot be changed any more."""


@dataclass(frozen=True, slots=True)
class Owner:
    """
    A process that runs scenarios: its PID, start time (clock ticks since boot), and machine.
    """

    pid: int
    started: str
    host: str

    @classmethod
    def this_process(cls) -> Owner:
        """Describe the process we are."""
        pid = os.getpid()
        return cls(pid=pid, started=start_time_of(pid), host=_host())

    def labels(self, run_id: str, case: str) -> dict[str, str]:
        """Return the labels for one container."""
        return {
            RUN: run_id,
            CASE: case,
            PID: str(self.pid),
            STARTED: self.started,
            HOST: self.host,
        }


def is_left_over(labels: Mapping[str, str]) -> bool:
    """Return whether the owner of a container with these labels is provably gone."""
    if labels.get(HOST) != _host() or not labels.get(PID, "").isdigit():
        return False
    return start_time_of(int(labels[PID])) != labels.get(STARTED)


def start_time_of(pid: int) -> str:
    """Return the start time of a process in clock ticks since boot, "" if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _host() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return "unknown"
