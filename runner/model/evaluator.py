"""
What the executor needs of whoever decides: told every fact, asked when to stop waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from runner.model.case import Case
from runner.model.observation import Observation
from runner.model.settings import Settings
from runner.model.verdict import Decision


class Evaluator(Protocol):
    """Follows one case."""

    def init_running(self, container: str) -> bool:
        """Say whether a container's init was started and has not ended, as far as facts go."""
        ...

    def why_init_is_gone(self, container: str) -> str:
        """Say how init ended, or that and why it never started; "" while it runs."""
        ...

    def paused(self, container: str) -> bool:
        """Say whether all processes of a container are frozen."""
        ...

    @property
    def went_wrong(self) -> bool:
        """Say whether the case has failed or errored, as far as the facts go."""
        ...

    def stop_answered(self, container: str) -> bool:
        """Say whether nothing is asked of the engine any more (a stop, a restart)."""
        ...

    def see(self, observation: Observation) -> None:
        """Take one fact into account."""
        ...

    def decide(self, now_ns: int) -> Decision:
        """Say how the step that has begun last stands at this time."""
        ...


OpenEvaluator = Callable[[Case, Settings], Evaluator]
