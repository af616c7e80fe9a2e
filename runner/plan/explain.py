"""
Cases written out: what their files say, with nothing left to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from runner.language.long_form import long_form
from runner.model.case import Case
from runner.model.container import BuiltImage
from runner.plan.load import CheckedCase


def explained(
    checked: Sequence[CheckedCase], *, chosen: Mapping[tuple[str, str], Case]
) -> Iterator[str]:
    """Yield a YAML document for each case that is chosen, by file and name."""
    for one in checked:
        case = one.case
        if case.key not in chosen:
            continue
        images = {name: container.plan.image for name, container in case.containers.items()}
        yield long_form(
            one.model,
            name=" ".join(case.name.split()),
            timeout_s=chosen[case.key].timeout_s,
            folder=Path(case.where.path).resolve().parent,
            contexts={
                name: image.context
                for name, image in images.items()
                if isinstance(image, BuiltImage)
            },
            variables=case.variables,
        )
