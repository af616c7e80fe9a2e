"""
Steps before they are checked: includes read, loops unrolled, placeholders filled in.

Every step that comes out knows where it stands, so that a problem points at the line that somebody
has written, in whichever file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from runner.errors import Problem, Where
from runner.language.fields import kind_of
from runner.language.places import problem_at
from runner.language.plain import Path as Place
from runner.language.plain import Plain
from runner.language.yaml_text import Document, content_of, read
from runner.plan.template import Budget, fill_in
from runner.words import nearest

MAX_STEPS = 1000
_MAX_INCLUDES = 20

Tell = Callable[[Problem], None]


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where a step stands."""

    document: Document
    place: Place


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What the placeholders of a list of steps may name.

    `base` are the variables of the scenario and of includes, `fixed` what overrides them (the row
    of the matrix, the command line). `files` are the files that are being included, and
    `allowance` is what placeholders may still come to.
    """

    base: Mapping[str, Plain]
    fixed: Mapping[str, Plain]
    row: str
    tell: Tell
    files: tuple[str, ...]
    allowance: Budget = field(default_factory=Budget)

    @property
    def variables(self) -> Mapping[str, Plain]:
        """All variables, the more particular ones over the more general."""
        return {**self.base, **self.fixed}

    def filled(self, value: Plain, document: Document, place: Place) -> Plain:
        """Fill in the placeholders of a value, telling what cannot be."""

        def report(at: Place, what: str, advice: str) -> None:
            self.problem(document, at, what, advice)

        return fill_in(value, self.variables, report, place, self.allowance)

    def problem(self, document: Document, place: Place, what: str, advice: str = "") -> None:
        """Tell a problem."""
        where = document.where(place)
        self.tell(problem_at(document, where, what, advice=advice, row=self.row))


def unrolled(
    document: Document, place: Place, steps: Plain, scope: Scope
) -> Iterator[tuple[Plain, SourceLocation]]:
    """Give the steps of a list in the order in which they will be carried out."""
    if not isinstance(steps, list):
        yield steps, SourceLocation(document, place)
        return
    for number, step in enumerate(steps):
        at = (*place, number)
        if isinstance(step, dict) and "loop" in step:
            yield from _looped(document, at, step, scope)
        elif isinstance(step, dict) and "include" in step:
            yield from _included(document, at, step, scope)
        else:
            yield scope.filled(step, document, at), SourceLocation(document, at)


def _looped(
    document: Document, at: Place, step: dict[str, Plain], scope: Scope
) -> Iterator[tuple[Plain, SourceLocation]]:
    items = scope.filled(step["loop"], document, (*at, "loop"))
    if not isinstance(items, list):
        what = f"expected a list of items for the loop, not {kind_of(items)}"
        scope.problem(document, (*at, "loop"), what, "as in [SIGTERM, SIGINT]")
        return
    if len(items) > MAX_STEPS:
        what = f"the loop has {len(items)} items; there may be {MAX_STEPS}"
        scope.problem(document, (*at, "loop"), what)
        return
    body = {key: value for key, value in step.items() if key != "loop"}
    for item in items:
        inner = replace(scope, fixed={**scope.fixed, "item": item})
        if "include" in body:
            yield from _included(document, at, body, inner)
        else:
            yield inner.filled(body, document, at), SourceLocation(document, at)


def _included(
    document: Document, at: Place, step: dict[str, Plain], scope: Scope
) -> Iterator[tuple[Plain, SourceLocation]]:
    asked = scope.filled(step["include"], document, (*at, "include"))
    form: Plain = {"file": asked} if isinstance(asked, str) else asked
    others = [key for key in step if key not in {"include", "name"}]
    if others:
        what = f"an include cannot have '{others[0]}'"
        scope.problem(document, (*at, others[0]), what, "give it to the included steps")
        return
    if not isinstance(form, dict) or not isinstance(form.get("file"), str):
        what = "an include names a file"
        scope.problem(document, (*at, "include"), what, "as in common/ready.yml")
        return
    unknown = [key for key in form if key not in {"file", "vars"}]
    variables: Plain = form.get("vars") or {}
    if unknown or not isinstance(variables, dict):
        what = f"unknown key '{unknown[0]}' in include" if unknown else "vars is a mapping"
        advice = nearest(unknown[0], ["file", "vars"]) if unknown else "as in {name: value}"
        scope.problem(document, (*at, "include", *unknown[:1]), what, advice)
        return
    inner = replace(scope, base={**scope.base, **variables})
    yield from _steps_of_file(document, at, str(form["file"]), inner)


def _steps_of_file(
    document: Document, at: Place, file: str, scope: Scope
) -> Iterator[tuple[Plain, SourceLocation]]:
    path = os.path.normpath(Path(document.where(()).path).parent / file)
    if path in scope.files:
        what = f"{file} includes itself"
        scope.problem(document, (*at, "include"), what, " > ".join((*scope.files, path)))
        return
    if len(scope.files) > _MAX_INCLUDES:
        what = f"includes are nested more than {_MAX_INCLUDES} deep"
        scope.problem(document, (*at, "include"), what)
        return
    included = _document_of(document, at, path, scope)
    if included is not None:
        inner = replace(scope, files=(*scope.files, path))
        yield from unrolled(included, (), included.data, inner)


def _document_of(document: Document, at: Place, path: str, scope: Scope) -> Document | None:
    try:
        content = content_of(path)
    except OSError as error:
        what = f"cannot include {path}: {error.strerror}"
        scope.problem(document, (*at, "include"), what, "a path from the file that includes it")
        return None
    documents, problems = read(path, content)
    for problem in problems:
        scope.tell(replace(problem, row=scope.row))
    if problems:
        return None
    if len(documents) != 1 or not isinstance(documents[0].data, list):
        start = Where(path, 1, 1)
        what = "an included file holds one list of steps"
        scope.tell(problem_at(documents[0], start, what, row=scope.row))
        return None
    return documents[0]
