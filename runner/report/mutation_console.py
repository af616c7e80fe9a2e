"""
Mutation testing of scenarios on a terminal: a score for each scenario, and what survived.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from runner.model.mutation import (
    MutantResult,
    MutationResult,
    Outcome,
    ScenarioMutation,
    Score,
)
from runner.report.console_case import CaseLines
from runner.report.console_style import Style
from runner.report.console_words import row_of
from runner.report.sentences import evidence_used, headline
from runner.report.text import one_line, seconds
from runner.words import count

_KILLED, _SURVIVED, _NOT_JUDGED, _LEFT_OUT = "passed", "failed", "errored", "skipped"
_LIKE: Final = {
    Outcome.KILLED: _KILLED,
    Outcome.SURVIVED: _SURVIVED,
    Outcome.NOT_JUDGED: _NOT_JUDGED,
}
"""What a mutant is like: has the colour of a case of which that became."""
_MUTANTS, _TIMELINES = 1, 2


class MutationConsole:
    """
    Turns scores into lines.

    `verbosity` -1 shows only scenarios with mutants that were not killed, 1 what became of each
    mutant and why, 2 its steps and timeline too.
    """

    def __init__(self, *, style: Style, verbosity: int) -> None:
        self._style = style
        self._verbosity = verbosity
        self._case = CaseLines(style)

    def lines_for(self, scenario: ScenarioMutation) -> Iterator[str]:
        """Yield the lines for the next scenario."""
        score = scenario.score
        if self._verbosity < 0 and score.killed == score.mutants:
            return
        yield ""
        yield from self._style.heading("SCENARIO", scenario.name)
        if score.mutants:
            word, like = ("survived", _SURVIVED) if score.survived else ("ok", _KILLED)
            if score.not_judged:
                word, like = "not judged", _NOT_JUDGED
            yield self._style.verdict(like, word, in_words(score), f"({seconds(score.took_s)})")
        yield from self._not_killed(scenario)
        if self._verbosity >= _MUTANTS:
            for case in scenario.cases:
                for one in case.mutants:
                    yield from self._mutant(one)

    def _not_killed(self, scenario: ScenarioMutation) -> Iterator[str]:
        for line in survivors(scenario):
            yield from self._style.wrapped(line, lead="    ", indent="      ")
        for one in scenario.of(Outcome.NOT_JUDGED):
            said = f"not judged: {named(one)}: {headline(one.result)}"
            yield from self._style.wrapped(said, lead="    ", indent="      ")
        for why in _left_out(scenario):
            yield from self._style.verdict_wrapped(_LEFT_OUT, "left out", why)

    def recap(self, result: MutationResult) -> Iterator[str]:
        """Yield the lines that sum up a run."""
        yield ""
        if self._verbosity >= 0:
            yield from self._style.heading("RECAP")
            for path, scenarios in groupby(result.scenarios, key=lambda one: one.path):
                score = Score.of([case for one in scenarios for case in one.cases])
                yield from self._file(one_line(path), score)
            yield from self._style.wrapped(evidence_used(result.as_it_is.engine))
        yield self._style.paint(_like(result.score), last_line(result))

    def _mutant(self, one: MutantResult) -> Iterator[str]:
        why = "" if one.outcome is Outcome.SURVIVED else f": {headline(one.result)}"
        text, took = f"{named(one)}{why}", f"({seconds(one.result.took_s)})"
        yield from self._style.verdict_wrapped(
            _LIKE[one.outcome], f"    {one.outcome.value}", text, after=took, indent="      "
        )
        if self._verbosity >= _TIMELINES:
            yield from self._case.lines(one.result, self._verbosity)

    def _file(self, path: str, score: Score) -> Iterator[str]:
        words = f"{score.killed:>4} of {score.mutants:<4} killed  {score.took_s:>7.1f} s"
        others = [
            f"{number} {word}"
            for number, word in (
                (score.survived, "survived"),
                (score.not_judged, "not judged"),
                (score.left_out, "left out"),
            )
            if number
        ]
        lead = f"{words}  "
        yield from self._style.wrapped("  ".join([path, *others]), lead=lead)


def in_words(score: Score) -> str:
    """Return a score as `4 of 5 killed`."""
    return f"{score.killed} of {score.mutants} killed"


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
            yield " ".join(filter(None, (row_of(case.as_it_is.case), one_line(case.left_out))))


def _like(score: Score) -> str:
    if score.not_judged:
        return _NOT_JUDGED
    if score.survived:
        return _SURVIVED
    return _KILLED if score.mutants else _LEFT_OUT
