"""
From files to cases, with every problem of every file in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from runner.errors import InvalidScenarios, Problem, Where
from runner.language.check import check
from runner.language.document import ScenarioModel
from runner.language.fields import kind_of
from runner.language.places import Problems
from runner.language.steps import StepModel
from runner.language.yaml_text import Document, content_of, read
from runner.model.case import Case, CaseContainer
from runner.model.step import Step
from runner.plan.fill import NO_VARIABLES, FilledRow, Variables, fill_row
from runner.plan.images import NoContext, image_source
from runner.plan.matrix import NO_MATRIX, Row, rows
from runner.plan.template import Budget, has_placeholder


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """A case, the checked scenario that it was made of, and the line that its name stands in."""

    case: Case
    model: ScenarioModel
    line: str


def load_cases(paths: Sequence[str], variables: Variables = NO_VARIABLES) -> tuple[Case, ...]:
    """As `load`, but the cases alone."""
    return tuple(one.case for one in load(paths, variables))


def load(paths: Sequence[str], variables: Variables = NO_VARIABLES) -> tuple[CheckedCase, ...]:
    """
    Read the files and give their cases, in order.

    Raises:
        InvalidScenarios: with all problems of all files.
    """
    cases: list[CheckedCase] = []
    problems: list[Problem] = []
    for path in paths:
        for outcome in _cases_of_file(path, variables):
            if isinstance(outcome, CheckedCase):
                cases.append(outcome)
            else:
                problems.append(outcome)
    problems += _names_twice(cases)
    if problems:
        raise InvalidScenarios(tuple(_in_file_order(problems, paths)))
    return tuple(cases)


def _cases_of_file(path: str, variables: Variables) -> Iterable[CheckedCase | Problem]:
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
) -> Iterable[CheckedCase | Problem]:
    if not isinstance(document.data, dict):
        problems = Problems(document)
        what = f"expected a scenario, a mapping with a name, not {kind_of(document.data)}"
        problems.at((), what, "each scenario is a document of its own; --- stands between two")
        yield from problems.found
        return
    found_rows, problems = rows(document)
    yield from problems
    allowance = Budget()
    outcomes = [
        _case_of_row(document, row, path, variables, allowance)
        for row in found_rows
        if allowance.left > 0
    ]
    wrong = [one for one in outcomes if not isinstance(one, CheckedCase)]
    yield from _merged(wrong, len(found_rows))
    yield from (one for one in outcomes if isinstance(one, CheckedCase))


def _case_of_row(
    document: Document, row: Row, path: Path, variables: Variables, allowance: Budget
) -> CheckedCase | list[Problem]:
    filled = fill_row(document, row, path, variables, allowance)
    if isinstance(filled, list):
        return filled
    model = check(filled.data, filled.places, row=str(row))
    if isinstance(model, list):
        return model
    problems = Problems(filled.places, str(row))
    case = _case(model, filled, row, path, problems)
    if case is None:
        return problems.found
    return CheckedCase(case, model, filled.places.line(case.where))


def _case(
    model: ScenarioModel, filled: FilledRow, row: Row, path: Path, problems: Problems
) -> Case | None:
    places = filled.places
    containers: dict[str, CaseContainer] = {}
    for name, container in model.named_containers().items():
        place = ("container",) if model.container else ("containers", name)
        try:
            image = image_source(container, path)
        except NoContext as error:
            problems.at((*place, "build"), str(error), error.advice)
            return None
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


def _names_twice(cases: Sequence[CheckedCase]) -> Iterable[Problem]:
    first: dict[str, Case] = {}
    told: set[Where] = set()
    for one in cases:
        case, other = one.case, first.setdefault(one.case.name, one.case)
        if other is not case and case.where not in told:
            told.add(case.where)
            what = f"two cases have the name '{case.name}'"
            advice = f"the first is at {other.where}"
            if other.where == case.where:
                advice = "use the axes of the matrix in the name, as in {{ axis }}"
            yield Problem(what, case.where, one.line, advice)


def _in_file_order(problems: Sequence[Problem], paths: Sequence[str]) -> list[Problem]:
    order = {path: number for number, path in enumerate(paths)}

    def key(problem: Problem) -> tuple[int, str, int, int]:
        where = problem.where
        # A file that is only included comes after those that were named.
        return order.get(where.path, len(order)), where.path, where.line, where.column

    return sorted(problems, key=key)
