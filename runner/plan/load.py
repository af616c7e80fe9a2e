"""
From files to cases, with every problem of every file in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from runner.errors import InvalidScenarios, Problem, Where
from runner.language.check import check
from runner.language.document import ScenarioModel
from runner.language.fields import kind_of
from runner.language.places import problem_at
from runner.language.steps import StepModel
from runner.language.yaml_text import Document, content_of, read
from runner.model.case import Case, CaseContainer
from runner.model.step import Step
from runner.plan.fill import NO_VARIABLES, FilledRow, Variables, fill_row
from runner.plan.images import NoContext, image_source
from runner.plan.matrix import NO_MATRIX, Row, rows
from runner.plan.template import Budget, has_placeholder


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
        content = content_of(path)
    except OSError as error:
        yield Problem(f"cannot be read: {error.strerror}", Where(path, 1, 1))
        return
    documents, problems = read(path, content)
    yield from problems
    for document in documents:
        yield from _cases_of_document(document, Path(path), variables)


def _cases_of_document(
    document: Document, path: Path, variables: Variables
) -> Iterable[Case | Problem]:
    if not isinstance(document.data, dict):
        where = document.where(())
        what = f"expected a scenario, a mapping with a name, not {kind_of(document.data)}"
        advice = "each scenario is a document of its own; --- stands between two"
        yield problem_at(document, where, what, advice=advice)
        return
    found_rows, problems = rows(document)
    yield from problems
    allowance = Budget()
    outcomes = [
        _case_of_row(document, row, path, variables, allowance)
        for row in found_rows
        if allowance.left > 0
    ]
    yield from _merged([one for one in outcomes if not isinstance(one, Case)], len(found_rows))
    yield from (one for one in outcomes if isinstance(one, Case))


def _case_of_row(
    document: Document, row: Row, path: Path, variables: Variables, allowance: Budget
) -> Case | list[Problem]:
    filled = fill_row(document, row, path, variables, allowance)
    if isinstance(filled, list):
        return filled
    model = check(filled.data, filled.places, row=str(row))
    return model if isinstance(model, list) else _case(model, filled, row, path)


def _case(model: ScenarioModel, filled: FilledRow, row: Row, path: Path) -> Case | list[Problem]:
    places = filled.places
    containers: dict[str, CaseContainer] = {}
    for name, container in model.named_containers().items():
        place = ("container",) if model.container else ("containers", name)
        try:
            image = image_source(container, path)
        except NoContext as error:
            where = places.where((*place, "build"))
            return [problem_at(places, where, str(error), advice=error.advice, row=str(row))]
        containers[name] = CaseContainer(
            container.to_domain(image, path.resolve().parent),
            container.readiness(),
            ready_given=container.ready is not None,
        )

    def steps(key: str, models: Sequence[StepModel]) -> Iterable[Step]:
        for number, step in enumerate(models):
            on = model.container_of(step)
            yield step.to_domain(places.where((key, number)), on=on, ready=containers[on].ready)

    scenario = str(places.raw_name)
    named_by_row = row is NO_MATRIX or has_placeholder(scenario)
    return Case(
        name=model.name if named_by_row else f"{model.name} ({row})",
        scenario=scenario,
        where=places.where(("name",)),
        containers=containers,
        steps=tuple(steps("steps", model.steps)),
        always=tuple(steps("always", model.always)),
        row=row.shown,
        why=model.why.strip(),
        source=tuple(model.source),
        tags=tuple(model.tags),
        timeout_s=model.timeout,
        skip=model.skip,
        when=model.when or "",
        variables=filled.variables,
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
