"""
The end of a run on a terminal: a line for each file, what failed, and how many cases there were.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from runner.model.case import scenario_name
from runner.model.repeated import name_once
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import NOT_BEGUN, Passed
from runner.report.console_rows import rows_together
from runner.report.console_style import Style
from runner.report.console_words import WORDS, is_wrong, kind_of
from runner.report.sentences import deciding_step, evidence_used
from runner.report.text import one_line, scenario_title, seconds
from runner.words import count

_WORDS: Final = {**WORDS, "skipped": "skipped"}
_WORST_FIRST: Final = ("failed", "errored", "interrupted", "not begun", "skipped")


class Recap:
    """
    Turns a run into its last lines; `by_file`: with a line for each file. `brief`: only what went
    wrong, and the last line.
    """

    def __init__(self, style: Style, *, by_file: bool, brief: bool) -> None:
        self._style = style
        self._by_file = by_file
        self._brief = brief

    def lines(self, result: RunResult) -> Iterator[str]:
        """Yield the lines that sum up a run."""
        yield ""
        if not self._brief:
            yield from self._style.heading("RECAP")
            if self._by_file:
                yield from self._files(result.cases)
            yield from self._repeated(result.cases)
            yield from self._style.wrapped(evidence_used(result.engine))
        mispredictions = sum(len(one.mispredictions) for one in result.cases)
        if mispredictions:
            yield self._style.paint("flaky", f"mispredictions: {mispredictions}")
        yield from self._wrong(result.cases)
        not_begun = [one.verdict for one in result.cases if kind_of(one) == "not begun"]
        if not_begun and not result.interrupted:
            yield from self._style.wrapped(
                f"{count(len(not_begun), 'case')} not begun: {NOT_BEGUN}"
            )
        yield from self._last_line(result)

    def _files(self, cases: Sequence[CaseResult]) -> Iterator[str]:
        folder = None
        for _, of_file in groupby(cases, lambda one: one.case.where.path):
            lines, folder = file_line(self._style, list(of_file), folder)
            yield from lines

    def _wrong(self, cases: Sequence[CaseResult]) -> Iterator[str]:
        wrong = [one for one in cases if is_wrong(one)]
        for _, rows in groupby(wrong, lambda one: (one.case.where.path, scenario_name(one.case))):
            for same in rows_together(list(rows)):
                first = same.results[0]
                step = deciding_step(first)
                place = one_line(str(step.where if step else first.case.where))
                name = one_line(first.case.name)
                if len(same.results) > 1:
                    name = scenario_title(scenario_name(first.case))
                    listed = len(same.values) > self._style.width // 2
                    name += f" ({len(same.results)} rows)" if listed else f" {same.values}"
                kind = kind_of(first)
                lead = self._style.paint(kind, kind.upper())
                head, *rest = self._style.wrapped(f"{kind.upper()} {place}: {name}")
                yield head.replace(kind.upper(), lead, 1)
                yield from rest
                yield from self._style.wrapped(same.short, lead="    ", indent="      ")

    def _repeated(self, cases: Sequence[CaseResult]) -> Iterator[str]:
        repeated = [one for one in cases if name_once(one.case)]
        for name, runs in groupby(repeated, lambda one: name_once(one.case)):
            yield from self._style.wrapped(_runs_in_words(one_line(name), list(runs)))

    def _last_line(self, result: RunResult) -> Iterator[str]:
        kinds = [kind_of(one) for one in result.cases]
        numbers = {kind: kinds.count(kind) for kind in ("passed", *_WORST_FIRST)}
        numbers["flaky"] = result.totals.flaky
        parts = ", ".join(f"{number} {kind}" for kind, number in numbers.items() if number)
        counted = ": ".join(filter(None, (count(len(kinds), "case"), parts)))
        text = f"{counted} in {seconds(result.took_s)}"
        if result.interrupted:
            text = f"interrupted - {text}"
        worst = next((kind for kind in ("failed", "errored") if numbers[kind]), "passed")
        yield from (self._style.paint(worst, line) for line in self._style.wrapped(text))


def file_line(
    style: Style, results: Sequence[CaseResult], folder: str | None
) -> tuple[list[str], str]:
    """
    Return the lines for one file, and its folder, which has a line of its own where it is another.
    """
    path = one_line(results[0].case.where.path)
    of_file, slash, name = path.rpartition("/")
    lines = [] if of_file + slash == folder else [of_file + slash] if slash else []
    kinds = [kind_of(one) for one in results]
    passed = kinds.count("passed")
    others = [f"{kinds.count(kind)} {_WORDS[kind]}" for kind in _WORST_FIRST if kind in kinds]
    flaky = sum(one.flaky for one in results)
    others += [f"{flaky} flaky"] if flaky else []
    worst = next((kind for kind in _WORST_FIRST if kind in kinds), "flaky" if flaky else "passed")
    took_s = sum(one.took_s for one in results)
    lead = f"{'  ' if slash else ''}{passed:>4} ok  {took_s:>7.1f} s  "
    said = "".join(f"  {one}" for one in others)
    of_one = list(style.wrapped(name + said, lead=lead, indent=" " * len(lead)))
    of_one[-1] = of_one[-1].replace(said, style.paint(worst, said)) if said else of_one[-1]
    return [*lines, *of_one], of_file + slash


def _runs_in_words(name: str, runs: Sequence[CaseResult]) -> str:
    passed = sum(isinstance(one.verdict, Passed) for one in runs)
    text = f"repeated: {name}: {passed} of {len(runs)} passed ({100 * passed / len(runs):.0f} %)"
    steps = [step for one in runs for step in one.steps]
    times = [step.shutdown_s for step in steps if step.shutdown_s is not None]
    if not times:
        return text
    low, middle, high = map(seconds, (min(times), statistics.median(times), max(times)))
    return f"{text}; shutdown: min {low}, median {middle}, max {high}"
