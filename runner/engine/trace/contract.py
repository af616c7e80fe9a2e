"""
What a source of the kernel's trace must be able to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol


class KernelTrace(Protocol):
    """The kernel trace of signals and processes on the engine's machine."""

    def lines(self) -> Iterator[str]:
        """Return lines as they come (see runner.engine.trace.lines), until `close`."""
        ...

    def identify(self, host_pid: int) -> None:
        """
        Let a line come that says who this task of the machine is, after those of all that has
        happened until now.
        """
        ...

    def mark(self, number: int) -> None:
        """Let a line with this number come, after those of all that has happened until now."""
        ...

    def leave_out(self, host_pid: int) -> bool:
        """
        Record no more of the container in which this task of the machine is; say whether that is
        asked for.
        """
        ...

    def close(self) -> None:
        """Let `lines` end soon; may be called from any thread."""
        ...

    def remove(self) -> None:
        """Leave nothing behind on the machine; once `lines` has ended."""
        ...
