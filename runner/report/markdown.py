"""
A run as GitHub-flavoured Markdown, for step summaries, merge requests and people.

Where a reader refuses what is too long, the report says less rather than nothing: what matters
most takes its bytes first, and what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Passed, went_wrong
from runner.report import markdown_summary as summary
from runner.report.budget import Budget, size_of
from runner.report.markdown_case import case_details, row
from runner.report.markdown_scenario import ScenarioBlock
from runner.report.markdown_summary import Table
from runner.report.source_links import NO_LINKS, SourceLinks
from runner.report.text import code, linked
from runner.words import count

BUDGET_BYTES: Final = 900 * 1024
"""GitHub refuses a step summary of more than 1 MiB as a whole."""

_NOTES_BYTES: Final = 600
"""What all notes on what is left out take together, at most."""

_DIAGRAMS_OF_PASSED: Final = 3
_WHOLE: Final = 1.0


def render(
    result: RunResult, *, links: SourceLinks = NO_LINKS, budget_bytes: int = BUDGET_BYTES
) -> str:
    """Return the report, with as many details as the budget allows."""
    whole = _Report(result, links, budget_bytes, shares=False)
    if whole.omits_nothing:
        return whole.text()
    cut = _Report(result, links, budget_bytes - _NOTES_BYTES, shares=True)
    return cut.text().encode()[:budget_bytes].decode(errors="ignore")


class _Report:
    """
    A report that is made in the order of what matters, and read in another.

    With `shares` no table takes more than its part, so that one thing that went wrong a thousand
    times leaves room for all others.
    """

    def __init__(
        self, result: RunResult, links: SourceLinks, budget_bytes: int, *, shares: bool
    ) -> None:
        self.omits_nothing = True
        self._links = links
        self._shares = shares
        self._budget = Budget(budget_bytes)
        self._heading = summary.heading(result)
        self._foot = summary.foot(result)
        self._budget.takes(size_of(self._heading + self._foot))
        files = self._table(summary.files(result, links))
        self._top = self._table(summary.mispredictions(result))
        self._top += self._table(summary.what_went_wrong(result, links))
        self._top += self._table(summary.flaky(result))
        self._top += "".join(self._details(result))
        self._top += files
        self._notes = ""
        self._blocks = self._lines(result)
        self._take_tables()
        self._take_details(result.totals.passed)

    def text(self) -> str:
        """Return what was taken up, in the order in which it is read."""
        blocks = "".join(block.text() for block in self._blocks)
        return f"{self._heading}{self._top}{blocks}{self._notes}{self._foot}"

    def _omitted(self, what: str) -> str:
        self.omits_nothing = False
        return f"_{what} omitted for length._\n\n"

    def _table(self, table: Table) -> str:
        if not table.rows:
            return ""
        head = f"{table.title}\n{row(*table.head)}\n{row(*['---'] * len(table.head))}\n"
        share = table.share if self._shares else _WHOLE
        taken: list[str] = []
        if self._budget.takes(size_of(head) + 1):
            taken = list(self._budget.rows(table.rows, share=share))
        rows = "".join([head, *(f"{one}\n" for one in taken), "\n"]) if taken else ""
        omitted = len(table.rows) - len(taken)
        return rows + (self._omitted(count(omitted, table.noun)) if omitted else "")

    def _details(self, result: RunResult) -> Iterator[str]:
        """Yield the details of what went wrong, the first of them unfolded."""
        wrong = [case for case in result.cases if went_wrong(case.verdict)]
        for number, case in enumerate(wrong):
            text = case_details(case, self._links, is_open=number == 0)
            if not self._budget.takes(size_of(text)):
                left = count(len(wrong) - number, "case")
                yield self._omitted(f"Details of {left} that went wrong")
                return
            yield text

    def _lines(self, result: RunResult) -> Sequence[ScenarioBlock]:
        """Return a line for each scenario, as far as they fit."""
        blocks: list[ScenarioBlock] = []
        every = list(self._all_blocks(result))
        for block in every:
            if not self._budget.takes(block.size):
                self._notes += self._omitted(count(len(every) - len(blocks), "scenario"))
                break
            blocks.append(block)
        return blocks

    def _all_blocks(self, result: RunResult) -> Iterator[ScenarioBlock]:
        for path, in_file in groupby(result.cases, key=lambda case: case.case.where.path):
            cases = list(in_file)
            url = self._links.url(cases[0].case.where, line=False)
            heading = f"#### {linked(code(path), url)}\n\n"
            for scenario in _scenarios(cases):
                yield ScenarioBlock(scenario, heading)
                heading = ""

    def _take_tables(self) -> None:
        """Take up the tables of rows."""
        for number, block in enumerate(self._blocks):
            if not block.take_table(self._budget):
                left = sum(one.is_matrix for one in self._blocks[number:])
                self._notes += self._omitted(f"Tables of {count(left, 'scenario')}")
                return

    def _take_details(self, passed: int) -> None:
        """Take up the details of what has passed."""
        taken = 0
        for block, case in self._passed():
            drawn = taken < _DIAGRAMS_OF_PASSED
            if not block.take_details(case, self._links, drawn=drawn, budget=self._budget):
                break
            taken += 1
        if taken < passed:
            left = count(passed - taken, "passed case")
            self._notes += self._omitted(f"Details of {left}")

    def _passed(self) -> Iterator[tuple[ScenarioBlock, CaseResult]]:
        for block in self._blocks:
            yield from ((block, one) for one in block.cases if isinstance(one.verdict, Passed))


def _scenarios(cases: Sequence[CaseResult]) -> Iterator[Sequence[CaseResult]]:
    """Yield the rows of a matrix together, and every other case alone."""
    for _, group in groupby(cases, key=lambda case: case.case.scenario):
        rows = list(group)
        if rows[0].case.row:
            yield rows
        else:
            yield from ([case] for case in rows)
