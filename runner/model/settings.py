"""
What the user sets for a whole run and the executor and the judge need to know.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    `quiet_s` is how long a condition that says that nothing happened must have held. `keep` leaves
    the containers of cases that failed or errored on the engine. `retries` is how often such a case
    is run again.
    """

    run_id: str
    quiet_s: float = 0.1
    keep: bool = False
    retries: int = 0
