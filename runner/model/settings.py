"""
What the user sets for a whole run and the executor and the judge need to know.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    `quiet_s` is how long a condition that says that nothing happened must have held.
    """

    run_id: str
    quiet_s: float = 0.1
