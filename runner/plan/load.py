"""
From files to cases, with every problem of every file in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from runner.errors import InvalidScenarios, Problem, Where
from runner.model.case import Case
from runner.plan.images import NoContext, image_source
from runner.plan.matrix import NO_MATRIX, Row, rows
from runner.plan.steps import MAX_STEPS, Origin, Scope, unrolled
from runner.plan.template import has_placeholder
from runner.spec.check import check
from runner.spec.document import ScenarioModel
from runner.spec.fields import kind_of
from runner.spec.places import problem_at
from runner.spec.plain import Path as Place
from runner.spec.plain import Plain
from runner.spec.yaml_text import Document, read


@dataclass(frozen=True, slots=True)
class Variables:
    """
    Variables from outside the scenario files: `defaults` give way to all others, `extra` to none.
    """

    defaults: Mapping[str, Plain] = field(default_factory=dict[str, Plain])
    extra: Mapping[str, Plain] = field(default_factory=dict[str, Plain])


NO_VARIABLES = Variables()


def load_cases(paths: Sequence[str], variables: Variables = NO_VARIABLES) -> tuple[Case, ...]:
    """
    Read the files and give their cases, in order.

    Raises:
        InvalidScenarios: with all problems of all files.
    """
    cases: list[Case] = []
    problems: list[Problem] = []
    for path in paths:
        for outcome in _cases_of_file(path, variables):
            if isinstance(outcome, Case):
                cases.append(outcome)
            else:
                problems.append(outcome)
    problems += _names_twice(cases)
    if problems:
        raise InvalidScenarios(tuple(_in_file_order(problems, paths)))
    return tuple(cases)


def _cases_of_file(path: str, variables: Variables) -> Iterable[Case | Problem]:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        yield Problem(f"cannot be read: {error.strerror}", Where(path, 1, 1))
        return
    documents, problems = read(path, content)
    yield from problems
    if not problems:
        for document in documents:
            yield from _cases_of_document(document, Path(path), variables)


def _cases_of_document(
    document: Document, path: Path, variables: Variables
) -> Iterable[Case | Problem]:
    if not isinstance(document.data, dict):
        where = document.where(())
        what = f"expected a scenario, a mapping with a name, not {kind_of(document.data)}"
        yield problem_at(document, where, what)
        return
    found_rows, problems = rows(document)
    yield from problems
    outcomes = [_case_of_row(document, row, path, variables) for row in found_rows]
    yield from _merged([one for one in outcomes if not isinstance(one, Case)], len(found_rows))
    yield from (one for one in outcomes if isinstance(one, Case))


class _RowPlaces:
    """
    The places of one row of a scenario, whose steps may come from loops and other files.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._origins: dict[Place, Origin] = {}

    @property
    def raw_name(self) -> Plain:
        """The name as it is written, placeholders and all."""
        data = self._document.data
        return data.get("name") if isinstance(data, dict) else None

    def put(self, place: Place, origin: Origin) -> None:
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


def _case_of_row(
    document: Document, row: Row, path: Path, variables: Variables
) -> Case | list[Problem]:
    problems: list[Problem] = []
    places = _RowPlaces(document)
    scope = Scope(
        base=variables.defaults,
        fixed={**row.values, **variables.extra},
        row=str(row),
        tell=problems.append,
        files=(str(path),),
    )
    raw = cast("dict[str, Plain]", document.data)
    scope = _with_vars(document, raw.get("vars"), scope)
    filled: dict[str, Plain] = {}
    for key, value in raw.items():
        if key in {"matrix", "vars"}:
            filled[key] = value
        elif key in {"steps", "always"}:
            filled[key] = _steps(document, key, value, scope, places)
        else:
            filled[key] = scope.filled(value, document, (key,))
    if problems:
        return problems
    model = check(filled, places, row=str(row))
    if isinstance(model, list):
        return model
    return _case(model, places, row, path)


def _with_vars(document: Document, own: Plain, scope: Scope) -> Scope:
    """Add the scenario's own variables, each of which may use those before it."""
    if not isinstance(own, dict):
        return scope
    for name, value in own.items():
        filled = scope.filled(value, document, ("vars", name))
        scope = replace(scope, base={**scope.base, name: filled})
    return scope


def _steps(document: Document, key: str, raw: Plain, scope: Scope, places: _RowPlaces) -> Plain:
    if not isinstance(raw, list):
        return raw
    steps: list[Plain] = []
    for step, origin in unrolled(document, (key,), raw, scope):
        places.put((key, len(steps)), origin)
        steps.append(step)
        if len(steps) > MAX_STEPS:
            scope.problem(document, (key,), f"there are more than {MAX_STEPS} steps")
            break
    return steps


def _case(
    model: ScenarioModel,
    places: _RowPlaces,
    row: Row,
    path: Path,
) -> Case | list[Problem]:
    container = model.container
    try:
        image = image_source(container, path)
    except NoContext as error:
        where = places.where(("container", "build"))
        return [problem_at(places, where, str(error), advice=error.advice, row=str(row))]
    ready = container.readiness()
    scenario = str(places.raw_name)
    named_by_row = row is NO_MATRIX or has_placeholder(scenario)
    return Case(
        name=model.name if named_by_row else f"{model.name} ({row})",
        scenario=scenario,
        where=places.where(("name",)),
        container=container.record(image),
        steps=tuple(
            step.record(places.where(("steps", i)), ready) for i, step in enumerate(model.steps)
        ),
        always=tuple(
            step.record(places.where(("always", i)), ready) for i, step in enumerate(model.always)
        ),
        ready=ready,
        ready_given=container.ready is not None,
        row=row.shown,
        why=model.why.strip(),
        source=tuple(model.source),
        tags=tuple(model.tags),
        timeout_s=model.timeout,
        skip=model.skip_reason(),
    )


def _merged(outcomes: list[list[Problem]], row_count: int) -> Iterable[Problem]:
    """Say once what is wrong in several rows; name the first row where it is not all of them."""
    counts: dict[tuple[str, Where], int] = {}
    first: dict[tuple[str, Where], Problem] = {}
    for problem in (problem for outcome in outcomes for problem in outcome):
        key = (problem.what, problem.where)
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, problem)
    for key, problem in first.items():
        row = "" if counts[key] == row_count else f"matrix: {problem.row}"
        yield Problem(problem.what, problem.where, problem.line, problem.advice, row)


def _names_twice(cases: Sequence[Case]) -> Iterable[Problem]:
    first: dict[str, Case] = {}
    told: set[Where] = set()
    for case in cases:
        other = first.setdefault(case.name, case)
        if other is not case and case.where not in told:
            told.add(case.where)
            what = f"two cases have the name '{case.name}'"
            advice = f"the first is at {other.where}"
            if other.where == case.where:
                advice = "use the axes of the matrix in the name, as in {{ axis }}"
            yield Problem(what, case.where, _line_of(case.where), advice)


def _line_of(where: Where) -> str:
    lines = Path(where.path).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return lines[where.line - 1] if where.line <= len(lines) else ""


def _in_file_order(problems: Sequence[Problem], paths: Sequence[str]) -> list[Problem]:
    order = {path: number for number, path in enumerate(paths)}

    def key(problem: Problem) -> tuple[int, str, int, int]:
        where = problem.where
        # A file that is only included comes after those that were named.
        return order.get(where.path, len(order)), where.path, where.line, where.column

    return sorted(problems, key=key)
