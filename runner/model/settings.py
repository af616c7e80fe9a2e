"""
What the user sets for a whole run and the executor and the judge need to know.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    `quiet_s` is how long a condition that says that nothing happened must have held. `keep` leaves
    the containers of cases that failed or errored on the engine. `retries` is how often such a case
    is run again; with `fail_fast`, no case is begun after one. `evidence` is the strongest kind to
    be used; None means the strongest there is. With
    `strict_oracle`, a step fails when a signal did what the kernel's rules do not say; with
    `strict_shutdown`, a stop or restart when it leaves a process that is killed with init.
    """

    run_id: str
    quiet_s: float = 0.1
    keep: bool = False
    retries: int = 0
    fail_fast: bool = False
    evidence: Evidence | None = None
    strict_oracle: bool = False
    strict_shutdown: bool = False
