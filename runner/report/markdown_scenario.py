"""
A scenario in a Markdown report: one line, a table of its rows, and the details of what passed.

What the budget leaves out is simply not there: the line always says how many cases ended how.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from runner.model.result import CaseResult
from runner.model.verdict import Passed, Skipped
from runner.report.budget import Budget, size_of
from runner.report.markdown_case import ICONS, case_body, case_details, row
from runner.report.sentences import headline
from runner.report.source_links import SourceLinks
from runner.report.text import (
    cell,
    code_cell,
    escape,
    html,
    one_line,
    prose,
    scenario_title,
    seconds,
    shortened,
    unbroken,
)

MOST_IN_CELL: Final = 400

_WORST_FIRST: Final = ("failed", "errored", "skipped", "passed")
_END: Final = "</details>\n\n"


@dataclass(slots=True)
class ScenarioBlock:
    """
    The cases of a scenario, with as much of them as was taken up.

    `heading` is that of the file, before the first scenario of it.
    """

    cases: Sequence[CaseResult]
    heading: str
    table: str = ""
    details: list[str] = field(default_factory=list[str])
    details_size: int = 0

    @property
    def is_matrix(self) -> bool:
        """Whether the cases are rows."""
        return bool(self.cases[0].case.row)

    @property
    def all_passed(self) -> bool:
        """Whether nothing in it needs a look, so that it can be folded."""
        return all(isinstance(one.verdict, Passed) for one in self.cases)

    @property
    def size(self) -> int:
        """How many bytes the text has."""
        return sum(map(size_of, (*self._before(), *self._after()))) + self.details_size

    def text(self) -> str:
        """Return what was taken up of it."""
        return "".join((*self._before(), *self.details, *self._after()))

    def take_table(self, budget: Budget) -> bool:
        """Take up the table of the rows, if there are rows, and it fits."""
        if not self.is_matrix:
            return True
        before = self.size
        self.table = _matrix_table(self.cases)
        if budget.takes(self.size - before):
            return True
        self.table = ""
        return False

    def take_details(
        self, case: CaseResult, links: SourceLinks, *, drawn: bool, budget: Budget
    ) -> bool:
        """Take up the details of a case that passed, if they fit."""
        before = self.size
        if self.is_matrix:
            text = case_details(case, links, drawn=drawn)
        else:
            text = "\n".join(case_body(case, links, drawn=drawn)) + "\n"
        self.details.append(text)
        self.details_size += size_of(text)
        if budget.takes(self.size - before):
            return True
        self.details.pop()
        self.details_size -= size_of(text)
        return False

    def _before(self) -> Iterator[str]:
        yield self.heading
        if not self.all_passed:
            yield f"{self._line()}\n\n{self.table}"
            if self.details:
                passed = sum(isinstance(one.verdict, Passed) for one in self.cases)
                yield f"<details><summary>{ICONS['passed']} {passed} passed</summary>\n\n"
        elif self.table or self.details:
            name = f"{worst_icon(self.cases)} {html(self._name())} ({self._counts()})"
            yield f"<details><summary>{name}</summary>\n\n{self.table}"
        else:
            yield f"{self._line()}\n\n"

    def _after(self) -> Iterator[str]:
        if self.details or (self.all_passed and self.table):
            yield _END

    def _line(self) -> str:
        lines = [f"- {worst_icon(self.cases)} **{escape(self._name())}** ({self._counts()})"]
        case = self.cases[0]
        if case.case.why:
            lines.append(f"  <br>{prose(case.case.why)}")
        if isinstance(case.verdict, Skipped) and not self.is_matrix:
            lines.append(f"  <br>Skipped: {escape(one_line(case.verdict.reason))}")
        return "\n".join(lines)

    def _name(self) -> str:
        case = self.cases[0].case
        return scenario_title(case.scenario) if self.is_matrix else one_line(case.name)

    def _counts(self) -> str:
        if not self.is_matrix:
            return f"{self.cases[0].verdict.kind}, {seconds(self.cases[0].took_s)}"
        passed = sum(isinstance(one.verdict, Passed) for one in self.cases)
        return f"{passed} of {len(self.cases)} passed, {_range(self.cases)}"


def worst_icon(cases: Iterable[CaseResult]) -> str:
    """Return the mark of what matters most among these."""
    kinds = {one.verdict.kind for one in cases}
    return next(ICONS[kind] for kind in _WORST_FIRST if kind in kinds)


def _range(cases: Sequence[CaseResult]) -> str:
    """Return how long the quickest and the slowest took."""
    quickest, slowest = (seconds(one(case.took_s for case in cases)) for one in (min, max))
    return slowest if quickest == slowest else f"{quickest} to {slowest}"


def _matrix_table(cases: Sequence[CaseResult]) -> str:
    axes = list(cases[0].case.row)
    why = cases[0].case.why
    lines = (
        [f"{prose(why)}\n"] if why and all(isinstance(one.verdict, Passed) for one in cases) else []
    )
    lines.append(row("", *map(cell, axes), "What was seen", "Time"))
    lines.append(row(*["---"] * (len(axes) + 2), "---:"))
    for case in cases:
        said = cell(shortened(_said(case), MOST_IN_CELL))
        values = [code_cell(case.case.row.get(axis, "")) for axis in axes]
        icon = unbroken(f"{ICONS[case.verdict.kind]} {case.verdict.kind}")
        time = unbroken(seconds(case.took_s))
        lines.append(row(icon, *values, said, time))
    return "\n".join(lines) + "\n\n"


def _said(case: CaseResult) -> str:
    if not isinstance(case.verdict, Passed):
        return headline(case)
    return "; ".join(dict.fromkeys(one_line(one.seen) for one in case.verdict.findings))
