"""
The overview of a run: what went wrong with its reasons, and all cases by file, scenario and row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from runner.model.explanation import Explanation
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Errored, Failed, Finding, went_wrong
from runner.report.sentences import deciding_step, headline
from runner.report.text import clean, one_line, scenario_title, seconds, shortened
from runner.report.why import diagnosis_title

_MOST_SAID: Final = 300
_MOST_COLUMNS: Final = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A case in a list; `number` is its place in the run, `label` tells it from its neighbours."""

    number: int
    kind: str
    flaky: bool
    name: str
    label: str
    place: str
    took: str
    said: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The rows of a matrix with two axes, one of which goes to the right."""

    down: str
    right: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[Entry, ...], ...]], ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario with its cases; `number` is that of its first case. `grid`: two axes."""

    number: int
    name: str
    why: str
    entries: tuple[Entry, ...]
    is_matrix: bool
    grid: Grid | None = None

    @property
    def passed(self) -> int:
        """How many of its cases have passed."""
        return sum(entry.kind == "passed" for entry in self.entries)


@dataclass(frozen=True, slots=True)
class File:
    """A file with its scenarios."""

    path: str
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One explanation: what happened, by which rule, its diagnosis, and what to do."""

    said: str
    rule: str
    diagnosis: str
    advice: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """A case that went wrong, with `others` that did for the same reasons."""

    entry: Entry
    step: str
    findings: tuple[Finding, ...]
    what: str
    advice: str
    reasons: tuple[Reason, ...]
    others: tuple[Entry, ...]


def entries_of(run: RunResult) -> Mapping[int, Entry]:
    """Return each case of a run by its number."""
    varying = _varying_axes(run)
    return {
        number: _entry(number, result, varying[_scenario_of(result)])
        for number, result in enumerate(run.cases)
    }


def _scenario_of(result: CaseResult) -> tuple[str, str]:
    return result.case.where.path, result.case.scenario


def _varying_axes(run: RunResult) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """Return the axes of each scenario that have more than one value."""
    values: dict[tuple[str, str], dict[str, set[str]]] = {}
    for result in run.cases:
        axes = values.setdefault(_scenario_of(result), {})
        for axis, value in result.case.row.items():
            axes.setdefault(axis, set()).add(value)
    return {
        key: tuple(axis for axis, seen in axes.items() if len(seen) > 1)
        for key, axes in values.items()
    }


def _entry(number: int, result: CaseResult, axes: Sequence[str]) -> Entry:
    case = result.case
    step = deciding_step(result)
    where = step.where if step is not None and went_wrong(result.verdict) else case.where
    row = {axis: one_line(case.row[axis]) for axis in axes if axis in case.row}
    values = list(row.values()) if len(row) == 1 else [f"{key}={row[key]}" for key in row]
    return Entry(
        number,
        result.verdict.kind,
        result.flaky,
        one_line(case.name),
        ", ".join(values) or one_line(case.name),
        one_line(str(where).rpartition(":")[0]),
        seconds(result.took_s),
        "" if result.verdict.kind == "passed" else shortened(headline(result), _MOST_SAID),
        tuple(map(one_line, case.tags)),
    )


def files_of(run: RunResult, entries: Mapping[int, Entry]) -> tuple[File, ...]:
    """Return all cases by file and scenario, in the order of the run."""
    numbered = list(enumerate(run.cases))
    files: list[File] = []
    for path, in_file in groupby(numbered, key=lambda one: one[1].case.where.path):
        scenarios = [
            _scenario(list(group), entries)
            for _, group in groupby(in_file, key=lambda one: one[1].case.scenario)
        ]
        files.append(File(one_line(path), tuple(scenarios)))
    return tuple(files)


def _scenario(cases: Sequence[tuple[int, CaseResult]], entries: Mapping[int, Entry]) -> Scenario:
    number, first = cases[0]
    own = tuple(entries[at] for at, _ in cases)
    return Scenario(
        number,
        scenario_title(first.case.scenario),
        clean(first.case.why),
        own,
        is_matrix=len(own) > 1,
        grid=_grid([(result.case.row, entries[at]) for at, result in cases]),
    )


def _grid(rows: Sequence[tuple[Mapping[str, str], Entry]]) -> Grid | None:
    """Return a grid where exactly two axes have several values, and one has few."""
    values: dict[str, list[str]] = {}
    for row, _ in rows:
        for axis, value in row.items():
            known = values.setdefault(axis, [])
            if value not in known:
                known.append(value)
    varying = sorted((axis for axis, seen in values.items() if len(seen) > 1), key=_length(values))
    if len(varying) != 2 or len(values[varying[0]]) > _MOST_COLUMNS:  # noqa: PLR2004 - two axes
        return None
    right, down = varying
    return Grid(
        one_line(down),
        one_line(right),
        tuple(map(one_line, values[right])),
        tuple(
            (
                one_line(low),
                tuple(
                    tuple(
                        entry
                        for row, entry in rows
                        if row.get(down) == low and row.get(right) == column
                    )
                    for column in values[right]
                ),
            )
            for low in values[down]
        ),
    )


def _length(values: Mapping[str, Sequence[str]]) -> Callable[[str], int]:
    return lambda axis: len(values[axis])


def what_went_wrong(run: RunResult, entries: Mapping[int, Entry]) -> tuple[Wrong, ...]:
    """Return the cases that went wrong; those with the same reasons are one."""
    groups: dict[object, list[int]] = {}
    for number, result in enumerate(run.cases):
        if went_wrong(result.verdict):
            groups.setdefault(_same_reason(number, result), []).append(number)
    return tuple(
        _wrong(run.cases[first], entries[first], [entries[one] for one in others])
        for first, *others in groups.values()
    )


def _same_reason(number: int, result: CaseResult) -> object:
    """Return what two cases have in common that went wrong for the same reason."""
    first = result.explanations[0] if result.explanations else None
    if first is not None:
        known = (first.diagnosis, first.advice) if first.diagnosis else first
        return _scenario_of(result), known
    if isinstance(result.verdict, Errored):
        return result.verdict
    return number


def _wrong(result: CaseResult, entry: Entry, others: Iterable[Entry]) -> Wrong:
    verdict = result.verdict
    step = deciding_step(result)
    findings = verdict.findings if isinstance(verdict, Failed) else ()
    errored = verdict if isinstance(verdict, Errored) else Errored("")
    return Wrong(
        entry,
        one_line(step.title) if step is not None else "",
        tuple(one for one in findings if one.wrong),
        clean(errored.what),
        clean(errored.advice),
        tuple(map(reason, result.explanations)),
        tuple(others),
    )


def reason(explanation: Explanation) -> Reason:
    """Return an explanation in the words that are shown."""
    return Reason(
        one_line(" ".join(explanation.sentences)),
        one_line(": ".join(filter(None, (explanation.rule, explanation.source)))),
        diagnosis_title(explanation) if explanation.diagnosis else "",
        one_line(explanation.advice),
    )
