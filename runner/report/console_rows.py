"""
The rows of a matrix that say the same, put together.

Two rows say the same if what is said of them differs only in their own values, in times, and in
PIDs, which are others in every run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from runner.kernel.signals import Signal
from runner.model.observation import ProcessSnapshot
from runner.model.result import CaseResult
from runner.report.console_words import (
    axes_of_values,
    first_words,
    in_short,
    kind_of,
    lines_below,
    row_of,
    values_by_axis,
)
from runner.report.text import one_line

_TIME: Final = re.compile(r"\d+\.\d+")
_MASK: Final = "\x00"
_PROCESSES: Final = re.compile(r" \((?:\d+ [^(),+]+)(?:, \d+ [^(),+]+)*\)")
_TARGET: Final = re.compile(r"\bkill\(-?\d+, [^)]*\)")
_STATUS: Final = re.compile(r"\d+ \((128 \+ )(?:\d+, as )?(<[^>]+>)(?: gives)?\)")
_LEAST_RANGE: Final = 3


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said of one row: without what no two runs share, and without its values, too."""

    result: CaseResult
    texts: Sequence[str]
    without_values: Sequence[str]


@dataclass(frozen=True, slots=True)
class Rows:
    """
    Rows that say the same: the words after the verdict, the lines below, and all in short.

    Of several rows these have `<axis>` for the values where those differ, and `0.1 to 0.3` for
    times. `alike` is what the lines below have to be compared by with those of other rows, from
    the same line on: if one of them is the same, so is what is said.
    """

    results: tuple[CaseResult, ...]
    first: str
    below: tuple[str, ...]
    short: str
    alike: tuple[tuple[str, ...], ...]

    @property
    def values(self) -> str:
        """Their values in brackets, as `[signal=SIGINT SIGTERM]`; "" where there is no matrix."""
        if len(self.results) == 1:
            return row_of(self.results[0].case)
        return f"[{', '.join(f'{axis}={values}' for axis, values in values_of(self.results))}]"


def rows_together(results: Sequence[CaseResult]) -> list[Rows]:
    """Put those together that say the same, in the order of the first of each."""
    said = list(map(_said, results))
    word_by_word = _grouped(said, lambda one: one.texts)
    alone = [same[0] for same in word_by_word if len(same) == 1]
    but_for_values = _grouped(alone, lambda one: one.without_values)
    groups = [
        *((same, [one.texts for one in same]) for same in word_by_word if len(same) > 1),
        *((same, [one.without_values for one in same]) for same in but_for_values),
    ]
    order = {id(one): number for number, one in enumerate(said)}
    return [_as_rows(*one) for one in sorted(groups, key=lambda one: order[id(one[0][0])])]


def _grouped(said: Sequence[_Said], texts: Callable[[_Said], Sequence[str]]) -> list[list[_Said]]:
    found: dict[tuple[str, ...], list[_Said]] = {}
    for one in said:
        found.setdefault((kind_of(one.result), *_masked(texts(one))), []).append(one)
    return list(found.values())


def _as_rows(same: Sequence[_Said], texts: Sequence[Sequence[str]]) -> Rows:
    if len(same) == 1:
        first, short, *below = _texts(same[0].result)
    else:
        first, short, *below = map(_with_ranges, zip(*texts, strict=True))
    alike = (_masked(same[0].texts)[2:], _masked(same[0].without_values)[2:])
    return Rows(tuple(one.result for one in same), first, tuple(below), short, alike)


def _texts(result: CaseResult) -> list[str]:
    return [first_words(result), in_short(result.verdict), *lines_below(result)]


def _masked(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(_TIME.sub(_MASK, text) for text in texts)


def _said(result: CaseResult) -> _Said:
    processes = {
        one_line(process.comm)
        for fact in result.timeline
        if isinstance(fact, ProcessSnapshot)
        for process in fact.processes
    }
    texts = [_without_pids(text, processes) for text in _texts(result)]
    return _Said(result, texts, [_without_values(text, result) for text in texts])


def _without_pids(text: str, processes: Collection[str]) -> str:
    text = _TARGET.sub("kill(2)", _PROCESSES.sub("", text))
    for name in processes:
        if f" {name}" in text:
            text = re.sub(rf"(?<![\d.])\d+ (?={re.escape(name)}(?![\w-]))", "", text)
    return text


def _without_values(text: str, result: CaseResult) -> str:
    for value, axis in axes_of_values(result).items():
        if value in text:
            own = re.compile(rf"(?<![\w+]){re.escape(value)}(?![\w+])")
            text = own.sub(f"<{axis}>".replace("\\", r"\\"), text)
    return _STATUS.sub(r"\1\2", text)


def values_of(rows: Sequence[CaseResult]) -> Iterator[tuple[str, str]]:
    """Yield the values of rows: of each axis, or where that would say too much, row by row."""
    values = values_by_axis(rows)
    if values is None:
        yield "rows", " ".join(row_of(row.case) for row in rows)
        return
    for axis, of_axis in values.items():
        between = ", " if any(" " in value for value in of_axis) else " "
        yield one_line(axis), between.join(_in_ranges(of_axis))


def _in_ranges(values: Sequence[str]) -> Iterator[str]:
    """Write `a1 to a9` for values that count up."""
    ranges: list[list[str]] = []
    for value in values:
        if ranges and _is_next(ranges[-1][-1], value):
            ranges[-1].append(value)
        else:
            ranges.append([value])
    for one in ranges:
        yield from [f"{one[0]} to {one[-1]}"] if len(one) >= _LEAST_RANGE else one


def _is_next(value: str, after: str) -> bool:
    if value.startswith("SIGRTM") and after.startswith("SIGRTM"):
        return Signal.parse(value) + 1 == Signal.parse(after)
    number = re.search(r"\d+$", value)
    return bool(number) and after == f"{value[: number.start()]}{int(number[0]) + 1}"


def _with_ranges(versions: Sequence[str]) -> str:
    """Write one text for several that differ in times only."""
    times = [_TIME.findall(text) for text in versions]
    ranges = iter(
        [
            low if low == high else f"{low} to {high}"
            for low, high in (
                (min(one, key=float), max(one, key=float)) for one in zip(*times, strict=True)
            )
        ]
    )
    return _TIME.sub(lambda _: next(ranges), versions[0])
