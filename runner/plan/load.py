"""
From files to cases, with every problem of every file in one go.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runner.errors import InvalidScenarios, Problem, Where
from runner.language.check import check
from runner.language.container import missing_binds
from runner.language.document import ScenarioModel
from runner.language.fields import kind_of
from runner.language.places import Problems
from runner.language.steps import StepModel
from runner.language.yaml_text import Document, content_of, read
from runner.model.case import Case, CaseContainer
from runner.model.container import ImageSource
from runner.model.step import Step
from runner.plan.fill import NO_VARIABLES, FilledRow, Variables, fill_row
from runner.plan.images import NoContext, image_source
from runner.plan.matrix import NO_MATRIX, Row, rows, unused_axes
from runner.plan.template import Budget, has_placeholder


@dataclass(frozen=True)
class CheckedCase:
    """
    A checked scenario with one row of its matrix, and the case that is made of it when asked for.

    `images` are those of its containers, by the containers' names.
    """

    model: ScenarioModel
    images: Mapping[str, ImageSource]
    row: Row
    filled: FilledRow
    path: Path

    @property
    def name(self) -> str:
        """The name of the case."""
        named_by_row = self.row is NO_MATRIX or has_placeholder(str(self.filled.places.raw_name))
        return self.model.name if named_by_row else f"{self.model.name} ({self.row})"

    @property
    def where(self) -> Where:
        """Where its name stands."""
        return self.filled.places.where(("name",))

    # Made late: a syntax check of many files needs none.
    @functools.cached_property
    def case(self) -> Case:
        """The case."""
        model, folder = self.model, self.path.resolve().parent
        containers = {
            name: CaseContainer(
                container.to_domain(self.images[name], folder),
                container.readiness(),
                ready_given=container.ready is not None,
            )
            for name, container in model.named_containers().items()
        }

        def steps(key: str, models: Sequence[StepModel]) -> Iterable[Step]:
            for number, step in enumerate(models):
                where, on = self.filled.places.where((key, number)), model.container_of(step)
                yield step.to_domain(where, on=on, ready=containers[on].ready)

        return Case(
            name=self.name,
            scenario=str(self.filled.places.raw_name),
            where=self.where,
            containers=containers,
            steps=tuple(steps("steps", model.steps)),
            always=tuple(steps("always", model.always)),
            row=self.row.shown,
            why=model.why.strip(),
            source=tuple(model.source),
            tags=tuple(model.tags),
            timeout_s=model.timeout,
            skip=model.skip,
            when=model.when or "",
            variables=self.filled.variables,
        )


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
        of_file: list[CheckedCase] = []
        for outcome in _cases_of_file(path, variables):
            if isinstance(outcome, CheckedCase):
                of_file.append(outcome)
            else:
                problems.append(outcome)
        problems += _names_twice(of_file)
        cases += of_file
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
    if found_rows and not wrong:
        yield from unused_axes(document, allowance.named)
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
    images = dict(_images(model, path, problems))
    return problems.found or CheckedCase(model, images, row, filled, path)


def _images(
    model: ScenarioModel, path: Path, problems: Problems
) -> Iterable[tuple[str, ImageSource]]:
    for name, container in model.named_containers().items():
        place = ("container",) if model.container else ("containers", name)
        try:
            yield name, image_source(container, path)
        except NoContext as error:
            problems.at((*place, "build"), str(error), error.advice)
        if container.volumes:
            for number, source, missing in missing_binds(container, path.resolve().parent):
                advice = (
                    f"looked for {os.path.relpath(missing)}; make it first, as nothing else does"
                )
                what = f"there is no file or folder {source} to mount"
                problems.at((*place, "volumes", number), what, advice)


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
    """Tell of the cases of one file that have one name; those of two files may."""
    first: dict[str, CheckedCase] = {}
    told: set[Where] = set()
    for one in cases:
        other = first.setdefault(one.name, one)
        if other is one or one.where in told:
            continue
        told.add(one.where)
        what, advice = f"two cases have the name '{one.name}'", f"the first is at {other.where}"
        if other.where == one.where:
            advice = "use the axes of the matrix in the name, as in {{ axis }}"
        yield Problem(what, one.where, one.filled.places.line(one.where), advice)


def _in_file_order(problems: Sequence[Problem], paths: Sequence[str]) -> list[Problem]:
    order = {path: number for number, path in enumerate(paths)}

    def key(problem: Problem) -> tuple[int, str, int, int]:
        where = problem.where
        # A file that is only included comes after those that were named.
        return order.get(where.path, len(order)), where.path, where.line, where.column

    return sorted(problems, key=key)
