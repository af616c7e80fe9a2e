"""
The matrix of a scenario: every combination of the values of its axes.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from runner.errors import Problem
from runner.language.fields import kind_of
from runner.language.places import Problems
from runner.language.plain import Plain
from runner.language.yaml_text import Document
from runner.words import nearest

MAX_ROWS = 1000
EXCLUDE = "exclude"

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
    axes = {axis: values for axis, values in matrix.items() if axis != EXCLUDE}
    size = math.prod(map(len, axes.values()))
    if size > MAX_ROWS:
        what = f"the matrix has {size} rows; there may be {MAX_ROWS}"
        problems.at(("matrix",), what, "make several scenarios of it", key=True)
        return [], problems.found
    combinations = itertools.product(*axes.values())
    found = [dict(zip(axes, values, strict=True)) for values in combinations]
    excluded = cast("list[dict[str, Plain]]", matrix.get(EXCLUDE, []))
    kept = [one for one in found if not any(_fits(one, rule) for rule in excluded)]
    if not kept:
        problems.at(("matrix", EXCLUDE), "every row of the matrix is excluded", key=True)
    return [_row(one) for one in kept], problems.found


def _fits(row: Mapping[str, Plain], rule: Mapping[str, Plain]) -> bool:
    # 1 and true are two values, though not to Python.
    return all(
        row[axis] == value and isinstance(row[axis], bool) is isinstance(value, bool)
        for axis, value in rule.items()
    )


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
    named = [axis for axis in axes if axis != EXCLUDE]
    for axis in named:
        _check_axis(axis, axes[axis], problems)
    _check_exclude(axes.get(EXCLUDE, []), named, problems)


def _check_axis(axis: str, values: Plain, problems: Problems) -> None:
    path = ("matrix", axis)
    if not _AXIS_NAME.fullmatch(axis):
        what = f"'{axis}' cannot be the name of an axis"
        problems.at(path, what, "letters, digits and _, as in init_name", key=True)
    if not isinstance(values, list) or not values:
        found = "an empty one" if values == [] else kind_of(values)
        what = f"expected a list of values for the axis '{axis}', not {found}"
        problems.at(path, what, "as in [SIGTERM, SIGINT]")
        return
    for i, value in enumerate(values):
        if value is None or isinstance(value, list):
            problems.at((*path, i), f"expected a value or a mapping, not {kind_of(value)}")


def _check_exclude(rules: Plain, axes: Sequence[str], problems: Problems) -> None:
    path = ("matrix", EXCLUDE)
    if not isinstance(rules, list):
        what = f"expected a list of rows to exclude, not {kind_of(rules)}"
        problems.at(path, what, "as in [{signal: SIGINT}]")
        return
    for i, rule in enumerate(rules):
        if not isinstance(rule, dict) or not rule:
            what = f"expected a mapping of axes in exclude, not {kind_of(rule)}"
            problems.at((*path, i), what, "as in {signal: SIGINT}")
            continue
        for axis in rule:
            if axis not in axes:
                what = f"'{axis}' is not an axis of this matrix"
                problems.at((*path, i, axis), what, nearest(axis, axes), key=True)
