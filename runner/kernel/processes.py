"""
Process states, as proc_pid_stat(5) spells them.
"""

from __future__ import annotations

import enum
from typing import Final

_RUNC_BEGIN: Final = "runc:["
_CRUN: Final = "crun"


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

    @property
    def stopped(self) -> bool:
        """Whether by a signal or by a tracer."""
        return self in {ProcessState.STOPPED, ProcessState.TRACED}


def is_runtime(comm: str) -> bool:
    """
    Return whether that is the name of a runtime's process on its way into a container: one that has
    not exec'd the program asked for yet.

    runc goes by `runc:[0:PARENT]`, `runc:[1:CHILD]` and `runc:[2:INIT]` there (nsexec.c); crun has
    no other name there than its own. A crun that had to copy itself before may go by the number of
    a file descriptor (`3`; https://github.com/containers/podman/pull/23557): a program may have
    that name as well, so it is taken for one.
    """
    return comm.startswith(_RUNC_BEGIN) or comm == _CRUN
