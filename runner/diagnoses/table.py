"""
The diagnoses, D1 and up, each with its text. Numbers are never used again: people search for them.
"""

from __future__ import annotations

import enum

from runner.diagnoses import kernel, programs, shells
from runner.diagnoses import starts_and_limits as limits
from runner.diagnoses.diagnosis_text import DiagnosisText


class Diagnosis(enum.Enum):
    """
    What has gone wrong, by its number; `value` is its text.

    >>> str(Diagnosis.D1)
    'D1'
    """

    D1 = shells.NO_EXEC
    D2 = shells.BELOW_INIT
    D3 = shells.SHELL_FORM
    D4 = shells.TRAP_WAITS
    D5 = shells.WAITS_ONCE
    D6 = shells.SU
    D7 = shells.PIPELINE
    D8 = shells.BACKGROUND
    D9 = programs.NPM
    D10 = programs.NO_HANDLER
    D11 = programs.RAISES_AGAIN
    D12 = programs.SMART_SHUTDOWN
    D13 = programs.ENDS_AT_ONCE
    D14 = programs.RELOADS
    D15 = kernel.LATE_HANDLER
    D16 = programs.CONVENTION
    D17 = programs.SAFE_IGNORES
    D18 = kernel.IGNORED_BY_DEFAULT
    D19 = programs.RUNSVDIR
    D20 = programs.WRAPPER
    D22 = kernel.NEVER_REAPS
    D24 = kernel.BLOCKED
    D25 = kernel.STOPPED
    D26 = kernel.FROM_INSIDE
    D27 = limits.NOT_FOUND
    D28 = limits.NOT_EXECUTABLE
    D29 = limits.COMMAND_NOT_FOUND
    D30 = limits.OUT_OF_MEMORY
    D31 = programs.BY_DEFAULT
    D32 = limits.NEEDS_TIME
    D34 = kernel.OTHER_SIGNAL
    D35 = programs.NOT_FORWARDED
    D36 = kernel.IGNORED
    D37 = programs.CHILD_IGNORES
    D38 = programs.HANDLER_STAYS

    @property
    def text(self) -> DiagnosisText:
        """All that is said of it."""
        return self.value

    def __str__(self) -> str:
        return self.name
