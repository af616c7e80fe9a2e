"""
`--start-at-step`: cases from one of their steps on.
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
from collections.abc import Sequence
from typing import Final

from runner.errors import UsageError
from runner.model.case import Case

_BEFORE: Final = "before --start-at-step"
_NEAR_ENOUGH: Final = 0.4


def start_at(cases: Sequence[Case], name: str) -> tuple[Case, ...]:
    """
    Give the cases that have a step of this name (or that fits this glob), with the steps before
    the first such step skipped.

    Raises:
        UsageError: no case has one.
    """
    numbers = [_number_of(name, case) for case in cases]
    if cases and all(number is None for number in numbers):
        titles = {step.title for case in cases for step in case.steps}
        raise UsageError(
            f"--start-at-step: no step is called '{name}'", advice=_near(name, sorted(titles))
        )
    return tuple(
        _from_step(number, case)
        for number, case in zip(numbers, cases, strict=True)
        if number is not None
    )


def _near(name: str, titles: Sequence[str]) -> str:
    if any(name in title for title in titles):
        return f"a pattern is about the whole name: did you mean '*{name}*'?"
    near = difflib.get_close_matches(name, titles, n=1, cutoff=_NEAR_ENOUGH)
    return f"did you mean '{near[0]}'?" if near else "--check shows the steps"


def _number_of(name: str, case: Case) -> int | None:
    fitting = (
        number
        for number, step in enumerate(case.steps)
        if step.title == name or fnmatch.fnmatchcase(step.title, name)
    )
    return next(fitting, None)


def _from_step(number: int, case: Case) -> Case:
    skipped = (dataclasses.replace(step, skip=_BEFORE) for step in case.steps[:number])
    return dataclasses.replace(case, steps=(*skipped, *case.steps[number:]))
