"""
Cases written out: what their files say, with nothing left to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from runner.language.check import check
from runner.language.document import ScenarioModel
from runner.language.long_form import long_form
from runner.language.yaml_text import content_of, read
from runner.model.case import Case
from runner.model.container import BuiltImage
from runner.plan.fill import FilledRow, Variables, fill_row
from runner.plan.matrix import rows
from runner.plan.template import Budget


def explained(
    paths: Sequence[str],
    variables: Variables,
    cases: Sequence[Case],
    *,
    chosen: Mapping[str, Case],
) -> Iterator[str]:
    """
    Give a YAML document for each case that is chosen, by name.

    `cases` are what `load_cases` has made of the same files and variables: they are known to be
    correct.
    """
    for case, (model, filled) in zip(cases, _models(paths, variables), strict=True):
        if case.name not in chosen:
            continue
        images = {name: one.plan.image for name, one in case.containers.items()}
        yield long_form(
            model,
            name=" ".join(case.name.split()),
            timeout_s=chosen[case.name].timeout_s,
            folder=Path(case.where.path).resolve().parent,
            contexts={
                name: image.context
                for name, image in images.items()
                if isinstance(image, BuiltImage)
            },
            variables=filled.variables,
        )


def _models(
    paths: Sequence[str], variables: Variables
) -> Iterator[tuple[ScenarioModel, FilledRow]]:
    for path in paths:
        documents, _ = read(path, content_of(path))
        for document in documents:
            for row in rows(document)[0]:
                filled = fill_row(document, row, Path(path), variables, Budget())
                model = check(filled.data, filled.places) if isinstance(filled, FilledRow) else None
                if isinstance(filled, FilledRow) and isinstance(model, ScenarioModel):
                    yield model, filled
