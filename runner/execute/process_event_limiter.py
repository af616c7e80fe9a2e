"""
Which of the births and ends of processes are kept: a shell that loops makes thousands.
"""

from __future__ import annotations

from typing import Final

from runner.kernel.signals import Signal
from runner.model.kernel_facts import (
    ChildStatus,
    ExitCalled,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    ProgramExeced,
    Role,
    SignalAccepted,
    SignalDelivered,
    SignalfdRead,
    SignalGenerated,
)
from runner.model.observation import Observation

_SIGCHLD: Final = Signal.parse("SIGCHLD")

MOST_KEPT: Final = 500
"""So many are kept of one container between two steps."""


class ProcessEventLimiter:
    """
    Says what to keep of one container. Signals are always kept, and what becomes of init and of any
    process that was sent one or has sent one.
    """

    def __init__(self) -> None:
        self._room = MOST_KEPT
        self._of_note: set[int] = set()

    def start_step(self) -> None:
        """Begin to count again: a step has begun or acted."""
        self._room = MOST_KEPT

    def keeps(self, fact: Observation) -> bool:
        """Return whether to keep a fact."""
        match fact:
            case SignalGenerated(sender=sender, target=target):
                self._of_note |= {sender.host_pid, target.host_pid}
                return True
            case SignalAccepted(task=task, signal=signal) if signal == _SIGCHLD:
                pass  # as a reaper takes it for each child
            case SignalDelivered(task=task) | SignalAccepted(task=task) | SignalfdRead(task=task):
                self._of_note.add(task.host_pid)
                return True
            case ProcessForked(child=task) | ProgramExeced(task=task) | ProcessExited(task=task):
                pass
            case ExitCalled(task=task) | ProcessReaped(task=task):
                pass
            case ParentNotified(child=task, status=ChildStatus.EXITED):
                pass
            case _:
                return True
        self._room -= self._room > 0
        return self._room > 0 or task.role is Role.INIT or task.host_pid in self._of_note
