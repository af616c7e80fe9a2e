"""
Steps before they are checked: includes read, loops unrolled, placeholders filled in.

Every step that comes out knows where it stands, so that a problem points at the line that somebody
has written, in whichever file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from runner.errors import Problem, Where
from runner.language.fields import kind_of
from runner.language.places import Problems
from runner.language.plain import Path as Place
from runner.language.plain import Plain
from runner.language.yaml_text import Document, content_of, read
from runner.plan.template import Budget, fill_in
from runner.words import nearest

MAX_STEPS = 1000
_MAX_INCLUDES = 20


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where a step stands."""

    document: Document
    place: Place


@dataclass(frozen=True, slots=True)
class Scope:
    """
    What the placeholders of a list of steps may name.

    They stand in `document`, where `problems` tells what is wrong. `base` are the variables of the
    scenario and of includes, `fixed` what overrides them (the row of the matrix, the command line).
    `files` are the files that are being included, and `allowance` is what placeholders may still
    come to.
    """

    document: Document
    problems: Problems
    base: Mapping[str, Plain]
    fixed: Mapping[str, Plain]
    files: tuple[str, ...]
    allowance: Budget = field(default_factory=Budget)

    @property
    def variables(self) -> Mapping[str, Plain]:
        """All variables, the more particular ones over the more general."""
        return {**self.base, **self.fixed}

    def inside(self, included: Document, path: str) -> Scope:
        """Return the scope of the steps of an included file."""
        problems = self.problems.of(included)
        return replace(self, document=included, problems=problems, files=(*self.files, path))

    def filled(self, value: Plain, place: Place) -> Plain:
        """Fill in the placeholders of a value, telling what cannot be."""
        return fill_in(value, self.variables, self.problems.at, place, self.allowance)


Unrolled = Iterator[tuple[Plain, SourceLocation]]


def unrolled(place: Place, steps: Plain, scope: Scope) -> Unrolled:
    """Yield the steps of a list in the order in which they will be carried out."""
    if not isinstance(steps, list):
        yield steps, SourceLocation(scope.document, place)
        return
    for number, step in enumerate(steps):
        at = (*place, number)
        if isinstance(step, dict) and "loop" in step:
            yield from _looped(at, step, scope)
        elif isinstance(step, dict) and "include" in step:
            yield from _included(at, step, scope)
        else:
            yield scope.filled(step, at), SourceLocation(scope.document, at)


def _looped(at: Place, step: dict[str, Plain], scope: Scope) -> Unrolled:
    items = scope.filled(step["loop"], (*at, "loop"))
    if not isinstance(items, list):
        what = f"expected a list of items for the loop, not {kind_of(items)}"
        scope.problems.at((*at, "loop"), what, "as in [SIGTERM, SIGINT]")
        return
    if len(items) > MAX_STEPS:
        what = f"the loop has {len(items)} items; there may be {MAX_STEPS}"
        scope.problems.at((*at, "loop"), what)
        return
    body = {key: value for key, value in step.items() if key != "loop"}
    for item in items:
        inner = replace(scope, fixed={**scope.fixed, "item": item})
        if "include" in body:
            yield from _included(at, body, inner)
        else:
            yield inner.filled(body, at), SourceLocation(scope.document, at)


def _included(at: Place, step: dict[str, Plain], scope: Scope) -> Unrolled:
    asked = scope.filled(step["include"], (*at, "include"))
    form: Plain = {"file": asked} if isinstance(asked, str) else asked
    others = [key for key in step if key not in {"include", "name"}]
    if others:
        what = f"an include cannot have '{others[0]}'"
        scope.problems.at((*at, others[0]), what, "give it to the included steps")
        return
    if not isinstance(form, dict) or not isinstance(form.get("file"), str):
        what = "an include names a file"
        scope.problems.at((*at, "include"), what, "as in common/ready.yml")
        return
    unknown = [key for key in form if key not in {"file", "vars"}]
    variables: Plain = form.get("vars") or {}
    if unknown or not isinstance(variables, dict):
        what = f"unknown key '{unknown[0]}' in include" if unknown else "vars is a mapping"
        advice = nearest(unknown[0], ["file", "vars"]) if unknown else "as in {name: value}"
        scope.problems.at((*at, "include", *unknown[:1]), what, advice, key=bool(unknown))
        return
    inner = replace(scope, base={**scope.base, **variables})
    yield from _steps_of_file(at, str(form["file"]), inner)


def _steps_of_file(at: Place, file: str, scope: Scope) -> Unrolled:
    path = os.path.normpath(Path(scope.document.where(()).path).parent / file)
    if path in scope.files:
        what = f"{file} includes itself"
        scope.problems.at((*at, "include"), what, " > ".join((*scope.files, path)))
        return
    if len(scope.files) > _MAX_INCLUDES:
        what = f"includes are nested more than {_MAX_INCLUDES} deep"
        scope.problems.at((*at, "include"), what)
        return
    included = _document_of(at, path, scope)
    if included is not None:
        yield from unrolled((), included.data, scope.inside(included, path))


def _document_of(at: Place, path: str, scope: Scope) -> Document | None:
    try:
        content = content_of(path)
    except OSError as error:
        what = f"cannot include {path}: {error.strerror}"
        scope.problems.at((*at, "include"), what, "a path from the file that includes it")
        return None
    documents, problems = read(path, content)
    scope.problems.add(problems)
    if problems:
        return None
    if len(documents) != 1 or not isinstance(documents[0].data, list):
        what, start = "an included file holds one list of steps", Where(path, 1, 1)
        scope.problems.add([Problem(what, start, documents[0].line(start))])
        return None
    return documents[0]
