"""
What the executor needs of whoever judges: told every fact, asked when to stop waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from runner.history.case_history import CaseHistory
from runner.model.case import Case
from runner.model.observation import Observation
from runner.model.settings import Settings
from runner.model.verdict import Decision


class Evaluator(Protocol):
    """Follows one case."""

    history: CaseHistory
    """What is known of the case by the facts so far."""

    @property
    def went_wrong(self) -> bool:
        """Whether the case has failed or errored, as far as the facts go."""
        ...

    def see(self, fact: Observation) -> None:
        """Take one fact into account."""
        ...

    def decide(self, now_ns: int) -> Decision:
        """Return how the step that has begun last stands at this time."""
        ...


OpenEvaluator = Callable[[Case, Settings], Evaluator]
