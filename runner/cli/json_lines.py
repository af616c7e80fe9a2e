"""
`--output json-lines`: standard output for programs, and nothing else on it.
"""

from __future__ import annotations

import threading

from runner.archive import result_json
from runner.cli.running import Screen
from runner.model.result import CaseResult, RunResult
from runner.run.store import Store


class JsonLines:
    """A `Store` that prints a line for each case that has ended, and last one with the totals."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()

    def begin(self, head: RunResult, cases: int) -> None:
        """As `Store.begin`."""
        self._store.begin(head, cases)

    def add(self, number: int, result: CaseResult) -> CaseResult:
        """As `Store.add`."""
        line = result_json.line_of_case(result)
        kept = self._store.add(number, result)
        with self._lock:
            print(line, flush=True)
        return kept

    def end(self, result: RunResult) -> None:
        """As `Store.end`."""
        self._store.end(result)
        print(result_json.last_line(result), flush=True)


class ProgressOnly(Screen):
    """A `Listener` that leaves standard output alone."""

    def result(self, result: CaseResult) -> None:
        """The store has printed it."""
