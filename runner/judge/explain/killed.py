"""
Processes that the end of init has killed, for explanations.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Killed:
    """
    A process that was killed when init ended.

    `words` is as in `7 redis-server`, `program` its name alone. `parent_pid` is its parent before
    the signal came, None where that is not known. `received`: it had received the signal.
    """

    words: str
    program: str
    parent_pid: int | None
    received: bool
