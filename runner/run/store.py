"""
Where the results of a run go as soon as they are there.
"""

from __future__ import annotations

from typing import Protocol

from runner.model.result import CaseResult, RunResult


class Store(Protocol):
    """Takes the results of a run. `add` may be called from any thread."""

    def begin(self, head: RunResult, cases: int) -> None:
        """Take what is known of the run before its first case, and how many cases it has."""
        ...

    def add(self, number: int, result: CaseResult) -> CaseResult:
        """Take the result of the case of that number; return what is kept of it in memory."""
        ...

    def end(self, result: RunResult) -> None:
        """Take the end of the run."""
        ...


class KeepAll:
    """A `Store` that keeps everything in memory."""

    def begin(self, head: RunResult, cases: int) -> None:
        """Nothing is written."""

    def add(self, number: int, result: CaseResult) -> CaseResult:  # noqa: ARG002 - as in `Store`
        """Keep all of it."""
        return result

    def end(self, result: RunResult) -> None:
        """Nothing is written."""
