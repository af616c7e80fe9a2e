"""
Who is told what happens during a run.
"""

from __future__ import annotations

from typing import Protocol

from runner.model.case import Case
from runner.model.result import CaseResult


class Listener(Protocol):
    """Told what happens during a run. All but `result` may be called from any thread."""

    def note(self, line: str) -> None:
        """Something worth a line: an image is built, leftovers were removed."""
        ...

    def progress(self, line: str) -> None:
        """Something that only matters until the next one comes."""
        ...

    def started(self, case: Case) -> None:
        """A case has begun."""
        ...

    def finished(self, result: CaseResult) -> None:
        """A case has ended, or is not run: this came of it."""
        ...

    def result(self, result: CaseResult) -> None:
        """The next result in the order of the cases."""
        ...
