"""
What the exit codes of scenario-run mean, for its help, its manual page and scenario-doc.
"""

from __future__ import annotations

from typing import Final

EXIT_CODES: Final = (
    ("0", "everything passed"),
    ("1", "an internal error, or a report could not be written"),
    ("2", "a case failed or errored"),
    ("3", "a scenario file is wrong"),
    ("4", "the container engine failed"),
    ("5", "a usage error, or no case selected"),
    ("130", "interrupted (Ctrl-C)"),
)
