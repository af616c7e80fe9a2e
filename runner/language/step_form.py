"""
What all kinds of step have in common.
"""

from __future__ import annotations

from abc import abstractmethod

from runner.language.base import Strict
from runner.model.step import Action


class StepForm(Strict):
    """What a step says that it does, in the long form of its kind."""

    @abstractmethod
    def to_domain(self) -> Action:
        """Return the record of the model."""

    @abstractmethod
    def title(self) -> str:
        """Say in a few words what is done: what reports call a step without a name."""
