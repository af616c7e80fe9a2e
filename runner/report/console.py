"""
Results on a terminal, in Ansible's shape: SCENARIO, ok and failed, and a RECAP.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from runner.model.case import Case, scenario_name
from runner.model.result import CaseResult, RunResult
from runner.report.console_case import CaseLines
from runner.report.console_recap import Recap, file_line
from runner.report.console_rows import Rows, rows_together, values_of
from runner.report.console_style import Style
from runner.report.console_words import (
    WORDS,
    interrupted_words,
    is_wrong,
    kind_of,
    took,
)
from runner.words import count

_MOST_FILES_IN_DETAIL: Final = 20
"""Of more files than these, those that passed have one line each, as with pytest."""

_MOST_LINES_OF_VALUES: Final = 6
_MOST_LINES_OF_WORDS: Final = 2


class Verbosity(enum.IntEnum):
    """How much is shown: -q, nothing, -v and -vv."""

    WRONG = -1
    SHORT = 0
    ROWS = 1
    TIMELINES = 2


class Console:
    """
    Turns results into lines, a scenario at a time: its rows that say the same have one.

    `cases` are all that will have results, in this order.
    """

    def __init__(self, cases: Sequence[Case], *, style: Style, verbosity: int) -> None:
        self._style = style
        self._verbosity = max(Verbosity.WRONG, min(Verbosity.TIMELINES, verbosity))
        self._case = CaseLines(style)
        by_file = [list(of_file) for _, of_file in groupby(cases, lambda one: one.where.path)]
        by_file_line = self._verbosity == Verbosity.SHORT and len(by_file) > _MOST_FILES_IN_DETAIL
        self._recap = Recap(style, by_file=not by_file_line, brief=self._verbosity < 0)
        self._missing_of_file = deque(map(len, by_file if by_file_line else ()))
        self._missing_of_scenario = deque(
            len(list(rows)) for _, rows in groupby(cases, _scenario_of)
        )
        self._of_file: list[CaseResult] = []
        self._of_scenario: list[CaseResult] = []
        self._folder: str | None = None

    def lines_for(self, result: CaseResult) -> Iterator[str]:
        """Yield the lines that the next result makes complete."""
        self._of_scenario.append(result)
        self._of_file.append(result)
        if len(self._of_scenario) == self._missing_of_scenario[0]:
            self._missing_of_scenario.popleft()
            rows, self._of_scenario = self._of_scenario, []
            yield from self._scenario(rows)
        if self._missing_of_file and len(self._of_file) == self._missing_of_file[0]:
            self._missing_of_file.popleft()
            results, self._of_file = self._of_file, []
            lines, self._folder = file_line(self._style, results, self._folder)
            yield from lines

    def recap(self, result: RunResult) -> Iterator[str]:
        """Yield the lines that sum up a run."""
        yield from self._recap.lines(result)

    def _scenario(self, rows: Sequence[CaseResult]) -> Iterator[str]:
        shown = [row for row in rows if self._is_shown(row)]
        if shown:
            case = shown[0].case
            self._folder = None
            yield ""
            yield from self._style.heading("SCENARIO", scenario_name(case))
            yield from (
                self._of_matrix(rows, shown)
                if case.row
                else self._case.lines(shown[0], self._verbosity)
            )
        for row in rows:
            if kind_of(row) == "interrupted":
                yield self._style.verdict("interrupted", "interrupted", interrupted_words(row))

    def _is_shown(self, result: CaseResult) -> bool:
        if kind_of(result) in {"interrupted", "not begun"}:
            return False
        if self._verbosity < Verbosity.SHORT:
            return is_wrong(result)
        worth_a_look = is_wrong(result) or result.flaky or bool(result.mispredictions)
        return worth_a_look or not self._missing_of_file

    def _of_matrix(self, rows: Sequence[CaseResult], shown: Sequence[CaseResult]) -> Iterator[str]:
        told: dict[tuple[str, ...], str] = {}
        if self._verbosity >= Verbosity.TIMELINES:
            for row in shown:
                yield from self._case.row_in_full(row)
            return
        wrong = [row for row in shown if is_wrong(row)]
        others = [row for row in shown if not is_wrong(row)]
        for same in rows_together(wrong):
            yield from self._rows(same, len(rows), told)
        if self._verbosity >= Verbosity.ROWS:
            yield from map(self._case.row_line, others)
            return
        for same in rows_together(others):
            yield from self._rows(same, len(rows), told)

    def _rows(self, same: Rows, number: int, told: dict[tuple[str, ...], str]) -> Iterator[str]:
        """Yield rows that say the same; a reason that `told` has was given before, for those."""
        kind, after = kind_of(same.results[0]), took(*same.results)
        several = len(same.results) > 1
        of_all = f"{len(same.results)} of {number}"
        brief = same.values
        listed = several and len(brief) > self._style.width // 2
        name = " ".join(filter(None, (of_all if several else "", "" if listed else brief)))
        whole = "  ".join(filter(None, (name, same.first)))
        wrong = is_wrong(same.results[0])
        if wrong or several:
            # Which rows went wrong is said whole.
            most = None if wrong else _MOST_LINES_OF_WORDS
            yield from self._style.verdict_wrapped(kind, WORDS[kind], whole, after=after, most=most)
        else:
            yield self._style.verdict(kind, WORDS[kind], whole, after)
        yield from self._below(same, brief if not listed else of_all, told)
        yield from self._values(same.results) if listed else ()
        for row in same.results[:1] if wrong else ():
            yield from self._case.output(row)
        for row in same.results:
            yield from self._case.kept(row)

    def _below(self, same: Rows, name: str, told: dict[tuple[str, ...], str]) -> Iterator[str]:
        whys = [number for number, line in enumerate(same.below) if line.startswith("why: ")]
        at = whys[0] if whys else len(same.below)
        yield from self._case.below(same.below[:at])
        keys = [alike[at:] for alike in same.alike] if whys else []
        before = next((told[key] for key in keys if key in told), None)
        if before is None:
            told.update(dict.fromkeys(keys, name))
            yield from self._case.below(same.below[at:])
        else:
            yield from self._case.below([f"why: the same as for {before}"])

    def _values(self, rows: Sequence[CaseResult]) -> Iterator[str]:
        for axis, values in values_of(rows):
            lead = f"    {axis}: "
            lines = list(self._style.wrapped(values, lead=lead, indent=" " * len(lead)))
            yield from lines[:_MOST_LINES_OF_VALUES]
            if len(lines) > _MOST_LINES_OF_VALUES:
                yield f"{' ' * len(lead)}and more ({count(len(rows), 'row')}; -v has them all)"


def _scenario_of(case: Case) -> tuple[str, str]:
    return case.where.path, scenario_name(case)
