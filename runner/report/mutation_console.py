"""
Mutation testing of scenarios on a terminal: a score for each scenario, and what survived.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from runner.model.case import Case
from runner.model.mutation import (
    MutantResult,
    MutationResult,
    Outcome,
    ScenarioMutation,
    Score,
)
from runner.report.console import Console
from runner.report.sentences import evidence_used, headline
from runner.report.text import heading, one_line, seconds
from runner.words import count

_KILLED, _SURVIVED, _NOT_JUDGED, _LEFT_OUT = "32", "31", "35", "36"
_COLORS: Final = {
    Outcome.KILLED: _KILLED,
    Outcome.SURVIVED: _SURVIVED,
    Outcome.NOT_JUDGED: _NOT_JUDGED,
}
_MUTANTS, _TIMELINES = 1, 2


class MutationConsole:
    """
    Turns scores into lines; `color` and `width` are as for `Console`.

    `verbosity` 1 says of each mutant what became of it and why, 2 shows its steps and timeline too.
    """

    def __init__(self, *, color: bool, width: int, verbosity: int) -> None:
        self._color = color
        self._width = width
        self._verbosity = verbosity

    def lines_for(self, scenario: ScenarioMutation) -> Iterator[str]:
        """Yield the lines for the next scenario."""
        yield ""
        yield heading(self._width, "SCENARIO", scenario.name)
        score = scenario.score
        if score.mutants:
            word, color = ("survived", _SURVIVED) if score.survived else ("ok", _KILLED)
            if score.not_judged:
                word, color = "not judged", _NOT_JUDGED
            took = f"  ({seconds(score.took_s)})"
            yield self._paint(color, f"{word}: {in_words(score)}{took}")
        yield from (self._paint(_SURVIVED, f"    {line}") for line in survivors(scenario))
        for one in scenario.of(Outcome.NOT_JUDGED):
            said = f"    not judged: {named(one)}: {headline(one.result)}"
            yield self._paint(_NOT_JUDGED, said)
        yield from (self._paint(_LEFT_OUT, line) for line in _left_out(scenario))
        if self._verbosity >= _MUTANTS:
            for case in scenario.cases:
                for one in case.mutants:
                    yield from self._mutant(one)

    def recap(self, result: MutationResult) -> Iterator[str]:
        """Yield the lines that sum up a run."""
        yield ""
        yield heading(self._width, "RECAP")
        files = [
            (one_line(path), Score.of([case for one in scenarios for case in one.cases]))
            for path, scenarios in groupby(result.scenarios, key=lambda one: one.path)
        ]
        widest = max((len(path) for path, _ in files), default=0)
        for path, score in files:
            yield f"{path:<{widest}} : {self._counts(score)}"
        yield ""
        yield one_line(evidence_used(result.as_it_is.engine))
        yield self._paint(_color_of(result.score), last_line(result))

    def _mutant(self, one: MutantResult) -> Iterator[str]:
        why = "" if one.outcome is Outcome.SURVIVED else f": {headline(one.result)}"
        line = f"    {one.outcome.value}: {named(one)}{why}  ({seconds(one.result.took_s)})"
        yield self._paint(_COLORS[one.outcome], line)
        if self._verbosity >= _TIMELINES:
            console = Console(color=self._color, width=self._width, verbosity=self._verbosity)
            yield from console.lines_for(one.result)

    def _counts(self, score: Score) -> str:
        words = (
            f"killed={score.killed:<3}  survived={score.survived:<3}  "
            f"not judged={score.not_judged:<3}  left out={score.left_out:<3}"
        )
        return self._paint(_color_of(score), words) + f"  {seconds(score.took_s):>9}"

    def _paint(self, color: str, text: str) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self._color else text


def in_words(score: Score) -> str:
    """Return a score as `4 of 5 killed`."""
    return f"{score.killed} of {score.mutants} killed"


def row_of(case: Case) -> str:
    """Return the values of the matrix, in brackets; "" where there is none."""
    row = ", ".join(f"{axis}={value}" for axis, value in case.row.items())
    return f"[{one_line(row)}]" if row else ""


def named(one: MutantResult) -> str:
    """Return the mutant with its row."""
    return " ".join(filter(None, (one.mutant.name, row_of(one.mutant.original))))


def survivors(scenario: ScenarioMutation) -> Iterator[str]:
    """Yield a line for each wrong init that survives, with the rows where it does."""
    for name, rows in survivors_by_name(scenario):
        yield f"{name} survived" + (f": {', '.join(rows)}" if rows else "")


def survivors_by_name(scenario: ScenarioMutation) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each wrong init that survives, and the rows; none where all of them."""
    with_mutants = [case for case in scenario.cases if case.mutants]
    by_name: dict[str, list[str]] = {}
    for one in scenario.of(Outcome.SURVIVED):
        by_name.setdefault(one.mutant.name, []).append(row_of(one.mutant.original))
    for name, rows in by_name.items():
        everywhere = len(rows) == len(with_mutants)
        yield name, [] if everywhere else list(filter(None, rows))


def last_line(result: MutationResult) -> str:
    """Return what became of all mutants, in one line."""
    score = result.score
    parts = [in_words(score)]
    for number, word in ((score.survived, "survived"), (score.not_judged, "not judged")):
        if number:
            parts.append(f"{number} {word}")
    if score.left_out:
        parts.append(f"{count(score.left_out, 'case')} left out")
    text = f"{count(len(result.scenarios), 'scenario')}: {', '.join(parts)}"
    text = f"{text} in {seconds(result.took_s)}"
    return f"interrupted - {text}" if result.interrupted else text


def _left_out(scenario: ScenarioMutation) -> Iterator[str]:
    for case in scenario.cases:
        if case.left_out:
            row = row_of(case.as_it_is.case)
            yield f"left out: {f'{row} ' if row else ''}{one_line(case.left_out)}"


def _color_of(score: Score) -> str:
    if score.not_judged:
        return _NOT_JUDGED
    if score.survived:
        return _SURVIVED
    return _KILLED if score.mutants else _LEFT_OUT
