"""
What one check looks like from one point of a timeline.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.history.container_history import ContainerHistory
from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True)
class CheckContext:
    """
    From where a check is looked at.

    `began_ns` is when the step began, `since_ns` when it took effect, `now_ns` the present.
    `of_step` says that the expectation hangs on a step that acts, so that what it asks for must
    have come of that step. `quiet_s` is the quiet period.
    """

    history: ContainerHistory
    began_ns: int
    since_ns: int
    now_ns: int
    of_step: bool
    quiet_s: float = 0.1


@dataclass(frozen=True, slots=True)
class CheckResult:
    """
    Whether a check holds at this moment, and what is seen.

    `final`: no later fact can change that. `known` False: what was seen cannot tell; if that is
    final too, the check can never be decided. `at_ns`: when the fact was seen that it rests on.
    """

    holds: bool
    seen: str
    evidence: Evidence
    at_ns: int
    final: bool = False
    known: bool = True
