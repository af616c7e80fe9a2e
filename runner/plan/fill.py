"""
One row of a scenario with everything filled in: variables, loops, includes, placeholders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from runner.errors import Problem, Where
from runner.language.check import unknown_keys
from runner.language.places import Problems
from runner.language.plain import Path as Place
from runner.language.plain import Plain
from runner.language.yaml_text import Document
from runner.plan.matrix import Row
from runner.plan.steps import MAX_STEPS, Scope, SourceLocation, unrolled
from runner.plan.template import Budget
from runner.plan.when import names_of, problems_of


@dataclass(frozen=True, slots=True)
class Variables:
    """
    Variables from outside the scenario files: `defaults` give way to all others, `extra` to none.
    """

    defaults: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    extra: Mapping[str, Plain] = field(default_factory=dict[str, Plain])


NO_VARIABLES = Variables()


class RowPlaces:
    """
    The places of one row of a scenario, whose steps may come from loops and other files.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._origins: dict[Place, SourceLocation] = {}

    @property
    def raw_name(self) -> Plain:
        """The name as it is written, placeholders and all."""
        data = self._document.data
        return data.get("name") if isinstance(data, dict) else None

    def put(self, place: Place, origin: SourceLocation) -> None:
        """Note where a step comes from."""
        self._origins[place] = origin

    def where(self, path: Place, *, key: bool = False) -> Where:
        """As `Places.where`."""
        origin = self._origins.get(path[:2])
        if origin is None:
            return self._document.where(path, key=key)
        return origin.document.where((*origin.place, *path[2:]), key=key)

    def line(self, where: Where) -> str:
        """As `Places.line`."""
        documents = [self._document, *(origin.document for origin in self._origins.values())]
        return next((one.line(where) for one in documents if one.where(()).path == where.path), "")


@dataclass(frozen=True, slots=True)
class FilledRow:
    """Plain data that the models can check, the places of it, and all variables."""

    data: Plain
    places: RowPlaces
    variables: Mapping[str, Plain]


def fill_row(
    document: Document, row: Row, path: Path, variables: Variables, allowance: Budget
) -> FilledRow | list[Problem]:
    """Fill in one row, or say what cannot be filled in."""
    places = RowPlaces(document)
    problems = Problems(places, str(row))
    scope = Scope(
        document=document,
        problems=problems.of(document),
        base=variables.defaults,
        fixed={**row.values, **variables.extra},
        files=(str(path),),
        allowance=allowance,
    )
    raw = cast("dict[str, Plain]", document.data)
    scope = _with_vars(raw.get("vars"), scope)
    filled: dict[str, Plain] = {}
    for key, value in raw.items():
        if key in {"matrix", "vars"}:
            filled[key] = value
        elif key in {"steps", "always"}:
            filled[key] = _steps(key, value, scope, places)
        else:
            filled[key] = scope.filled(value, (key,))
    for place, expression in _expressions(filled):
        allowance.named |= names_of(expression)
        for what, advice in problems_of(expression, scope.variables):
            problems.at(place, what, advice)
    if problems.found:
        # A key of another tool may be why: `with_items`, and no `item`.
        told = {one.where for one in problems.found}
        unknown = unknown_keys(document.data, document, row=str(row))
        found = [*problems.found, *(one for one in unknown if one.where not in told)]
        return sorted(found, key=lambda one: (one.where.line, one.where.column))
    return FilledRow(filled, places, scope.variables)


def _expressions(filled: Mapping[str, Plain]) -> Iterable[tuple[Place, str]]:
    """Yield every `when` and its place."""
    if isinstance(filled.get("when"), str):
        yield ("when",), str(filled["when"])
    for key in ("steps", "always"):
        steps = filled.get(key)
        for number, step in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(step, dict) and isinstance(step.get("when"), str):
                yield (key, number, "when"), str(step["when"])


def _with_vars(own: Plain, scope: Scope) -> Scope:
    """Add the scenario's own variables, each of which may use those before it."""
    if not isinstance(own, dict):
        return scope
    for name, value in own.items():
        filled = scope.filled(value, ("vars", name))
        scope = replace(scope, base={**scope.base, name: filled})
    return scope


def _steps(key: str, raw: Plain, scope: Scope, places: RowPlaces) -> Plain:
    if not isinstance(raw, list):
        return raw
    steps: list[Plain] = []
    for step, origin in unrolled((key,), raw, scope):
        places.put((key, len(steps)), origin)
        steps.append(step)
        if len(steps) > MAX_STEPS:
            scope.problems.at((key,), f"there are more than {MAX_STEPS} steps")
            break
    return steps
