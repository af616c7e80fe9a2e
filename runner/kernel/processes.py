"""
Process states, as proc_pid_stat(5) spells them.
"""

from __future__ import annotations

import enum
from typing import Final

RUNTIME_COMM: Final = "runc:["
"""How runc calls itself inside a container until it has exec'd the program asked for."""


MAX_COMM_BYTES: Final = 15
"""The kernel cuts the name of a process at this length (TASK_COMM_LEN, proc_pid_comm(5))."""


class ProcessState(enum.Enum):
    """One letter of /proc/PID/stat, field 3."""

    RUNNING = "R"
    SLEEPING = "S"
    DISK_SLEEP = "D"
    IDLE = "I"
    STOPPED = "T"
    TRACED = "t"
    ZOMBIE = "Z"
    DEAD = "X"
    OTHER = "?"

    @classmethod
    def of(cls, letter: str) -> ProcessState:
        """Read the letter; states that newer kernels may add are `OTHER`."""
        try:
            return cls(letter)
        except ValueError:
            return cls.OTHER

    @property
    def alive(self) -> bool:
        """A zombie has ended already: only its exit status is left."""
        return self not in {ProcessState.ZOMBIE, ProcessState.DEAD}
