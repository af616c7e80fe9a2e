"""
The matrix of a scenario: every combination of the values of its axes.

`exclude` takes combinations out, and `include` adds to them, both as in GitHub Actions.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from runner.errors import Problem
from runner.language.fields import kind_of
from runner.language.places import Problems
from runner.language.plain import Path, Plain
from runner.language.yaml_text import Document
from runner.words import nearest

MAX_ROWS = 1000
EXCLUDE = "exclude"
INCLUDE = "include"

_AXIS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One combination: the values for the placeholders, and how reports show them."""

    values: Mapping[str, Plain]
    shown: Mapping[str, str]

    def __str__(self) -> str:
        """`signal=SIGTERM, from=inside`."""
        return ", ".join(f"{axis}={value}" for axis, value in self.shown.items())


NO_MATRIX = Row({}, {})


def rows(document: Document) -> tuple[list[Row], list[Problem]]:
    """
    Return the rows of a document's matrix; one empty row where there is none.
    """
    data = document.data
    if not isinstance(data, dict) or "matrix" not in data:
        return [NO_MATRIX], []
    problems = Problems(document)
    _check(data["matrix"], problems)
    if problems.found:
        return [], problems.found
    matrix = cast("dict[str, list[Plain]]", data["matrix"])
    axes = {axis: values for axis, values in matrix.items() if axis not in {EXCLUDE, INCLUDE}}
    excluded, included = (
        cast("list[dict[str, Plain]]", matrix.get(key, [])) for key in (EXCLUDE, INCLUDE)
    )
    size = math.prod(map(len, axes.values())) + len(included)
    if size > MAX_ROWS:
        what = f"the matrix has {size} rows; there may be {MAX_ROWS}"
        problems.at(("matrix",), what, "make several scenarios of it", key=True)
        return [], problems.found
    combinations = itertools.product(*axes.values()) if axes else ()
    found = [dict(zip(axes, values, strict=True)) for values in combinations]
    kept = [one for one in found if not any(_fits(one, rule) for rule in excluded)]
    kept = _with_included(kept, included, axes)
    if not kept:
        problems.at(("matrix", EXCLUDE), "every row of the matrix is excluded", key=True)
    return [_row(one) for one in kept], problems.found


def unused_axes(document: Document, named: Collection[str]) -> list[Problem]:
    """Tell of the axes that no placeholder names: their rows would do the same."""
    data = document.data
    matrix = data.get("matrix") if isinstance(data, dict) else None
    if not isinstance(matrix, dict):
        return []
    places: dict[str, Path] = {
        axis: ("matrix", axis) for axis in matrix if axis not in {EXCLUDE, INCLUDE}
    }
    included = cast("list[dict[str, Plain]]", matrix.get(INCLUDE, []))
    for number, row in enumerate(included):
        for axis in row:
            places.setdefault(axis, ("matrix", INCLUDE, number, axis))
    problems = Problems(document)
    for axis, place in places.items():
        if axis not in named:
            what = f"no placeholder names the axis '{axis}', so its values change nothing"
            problems.at(place, what, f'write "{{{{ {axis} }}}}" where they go', key=True)
    return problems.found


def _with_included(
    rows: Sequence[Mapping[str, Plain]],
    included: Sequence[Mapping[str, Plain]],
    axes: Collection[str],
) -> list[dict[str, Plain]]:
    """
    Add each included row to the combinations that it contradicts in no axis, or as one of its own.

    What an earlier one has added, a later one may replace; the values of axes stay.
    """
    found, more = [dict(row) for row in rows], list[dict[str, Plain]]()
    for one in included:
        fixed = {axis: value for axis, value in one.items() if axis in axes}
        fitting = [row for row in found if _fits(row, fixed)]
        for row in fitting:
            row.update(one)
        if not fitting:
            more.append(dict(one))
    return found + more


def _fits(row: Mapping[str, Plain], rule: Mapping[str, Plain]) -> bool:
    # 1 and true are two values, though not to Python.
    return all(_same(row[axis], value) for axis, value in rule.items())


def _same(one: Plain, other: Plain) -> bool:
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _row(values: dict[str, Plain]) -> Row:
    return Row(values, {axis: _shown(value) for axis, value in values.items()})


def _shown(value: Plain) -> str:
    if isinstance(value, dict):
        return " ".join(str(one) for one in value.values())
    return str(value)


def _check(axes: Plain, problems: Problems) -> None:
    if not isinstance(axes, dict) or not axes.keys() - {EXCLUDE}:
        found = "one without any" if isinstance(axes, dict) else kind_of(axes)
        what = f"expected a mapping of axes in matrix, not {found}"
        problems.at(("matrix",), what, "as in {signal: [SIGTERM, SIGINT]}")
        return
    named = [axis for axis in axes if axis not in {EXCLUDE, INCLUDE}]
    for axis in named:
        _check_axis(axis, axes[axis], problems)
    for number, row in _rows_of(INCLUDE, axes, problems):
        for axis, value in row.items():
            _check_included((INCLUDE, number, axis), value, problems)
    for number, rule in _rows_of(EXCLUDE, axes, problems):
        for axis in rule:
            if axis not in named:
                what = f"'{axis}' is not an axis of this matrix"
                place = ("matrix", EXCLUDE, number, axis)
                problems.at(place, what, nearest(axis, named), key=True)


def _check_axis(axis: str, values: Plain, problems: Problems) -> None:
    path = ("matrix", axis)
    _check_name(axis, path, problems)
    if not isinstance(values, list) or not values:
        found = "an empty one" if values == [] else kind_of(values)
        what = f"expected a list of values for the axis '{axis}', not {found}"
        problems.at(path, what, "as in [SIGTERM, SIGINT]")
        return
    for i, value in enumerate(values):
        _check_value(value, (*path, i), problems)


def _check_included(place: Path, value: Plain, problems: Problems) -> None:
    path = ("matrix", *place)
    _check_name(str(place[-1]), path, problems)
    _check_value(value, path, problems)


def _check_name(axis: str, path: Path, problems: Problems) -> None:
    if not _AXIS_NAME.fullmatch(axis):
        what = f"'{axis}' cannot be the name of an axis"
        problems.at(path, what, "letters, digits and _, as in init_name", key=True)


def _check_value(value: Plain, path: Path, problems: Problems) -> None:
    if value is None or isinstance(value, list):
        problems.at(path, f"expected a value or a mapping, not {kind_of(value)}")


def _rows_of(
    key: str, axes: Mapping[str, Plain], problems: Problems
) -> Iterator[tuple[int, dict[str, Plain]]]:
    """Yield the rows that `include` or `exclude` lists, with their numbers."""
    rows = axes.get(key, [])
    if not isinstance(rows, list):
        what = f"expected a list of rows to {key}, not {kind_of(rows)}"
        problems.at(("matrix", key), what, "as in [{signal: SIGINT}]")
        return
    if key == INCLUDE and INCLUDE in axes and not rows:
        problems.at(("matrix", key), "include is empty", "as in [{signal: SIGINT}]")
    for number, row in enumerate(rows):
        if isinstance(row, dict) and row:
            yield number, row
            continue
        what = f"expected a mapping of axes in {key}, not {kind_of(row)}"
        problems.at(("matrix", key, number), what, "as in {signal: SIGINT}")
