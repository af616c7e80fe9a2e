"""
The matrix of a scenario: every combination of the values of its axes.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from runner.errors import Problem
from runner.language.fields import kind_of
from runner.language.places import problem_at
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
    Give the rows of a document's matrix; one empty row where there is none.
    """
    data = document.data
    if not isinstance(data, dict) or "matrix" not in data:
        return [NO_MATRIX], []
    problems = list(_problems(data["matrix"], document))
    if problems:
        return [], problems
    matrix = cast("dict[str, list[Plain]]", data["matrix"])
    axes = {axis: values for axis, values in matrix.items() if axis != EXCLUDE}
    size = 1
    for values in axes.values():
        size *= len(values)
    if size > MAX_ROWS:
        where = document.where(("matrix",), key=True)
        what = f"the matrix has {size} rows; there may be {MAX_ROWS}"
        return [], [problem_at(document, where, what, advice="make several scenarios of it")]
    combinations = itertools.product(*axes.values())
    found = [dict(zip(axes, values, strict=True)) for values in combinations]
    excluded = cast("list[dict[str, Plain]]", matrix.get(EXCLUDE, []))
    kept = [one for one in found if not any(_fits(one, rule) for rule in excluded)]
    if not kept:
        where = document.where(("matrix", EXCLUDE), key=True)
        return [], [problem_at(document, where, "every row of the matrix is excluded")]
    return [_row(one) for one in kept], []


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


def _problems(axes: Plain, document: Document) -> Iterator[Problem]:
    if not isinstance(axes, dict) or not axes.keys() - {EXCLUDE}:
        where = document.where(("matrix",))
        found = "one without any" if isinstance(axes, dict) else kind_of(axes)
        what = f"expected a mapping of axes in matrix, not {found}"
        yield problem_at(document, where, what, advice="as in {signal: [SIGTERM, SIGINT]}")
        return
    named = [axis for axis in axes if axis != EXCLUDE]
    for axis in named:
        yield from _problems_of_axis(axis, axes[axis], document)
    yield from _problems_of_exclude(axes.get(EXCLUDE, []), named, document)


def _problems_of_axis(axis: str, values: Plain, document: Document) -> Iterator[Problem]:
    path = ("matrix", axis)
    if not _AXIS_NAME.fullmatch(axis):
        what = f"'{axis}' cannot be the name of an axis"
        advice = "letters, digits and _, as in init_name"
        yield problem_at(document, document.where(path, key=True), what, advice=advice)
    if not isinstance(values, list) or not values:
        found = "an empty one" if values == [] else kind_of(values)
        what = f"expected a list of values for the axis '{axis}', not {found}"
        yield problem_at(document, document.where(path), what, advice="as in [SIGTERM, SIGINT]")
        return
    for i, value in enumerate(values):
        if value is None or isinstance(value, list):
            what = f"expected a value or a mapping, not {kind_of(value)}"
            yield problem_at(document, document.where((*path, i)), what)


def _problems_of_exclude(
    rules: Plain, axes: Sequence[str], document: Document
) -> Iterator[Problem]:
    if not isinstance(rules, list):
        what = f"expected a list of rows to exclude, not {kind_of(rules)}"
        where = document.where(("matrix", EXCLUDE))
        yield problem_at(document, where, what, advice="as in [{signal: SIGINT}]")
        return
    for i, rule in enumerate(rules):
        where = document.where(("matrix", EXCLUDE, i))
        if not isinstance(rule, dict) or not rule:
            what = f"expected a mapping of axes in exclude, not {kind_of(rule)}"
            yield problem_at(document, where, what, advice="as in {signal: SIGINT}")
            continue
        for axis in rule:
            if axis not in axes:
                where = document.where(("matrix", EXCLUDE, i, axis), key=True)
                what = f"'{axis}' is no axis of this matrix"
                yield problem_at(document, where, what, advice=nearest(axis, axes))
