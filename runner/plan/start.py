"""
`--start-at-step`: cases from one of their steps on.
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Sequence
from typing import Final

from runner.errors import UsageError
from runner.model.case import Case
from runner.plan.names import advice_on_pattern

_BEFORE: Final = "before --start-at-step"


def start_at(cases: Sequence[Case], name: str) -> tuple[Case, ...]:
    """
    Return the cases that have a step of this name (or that fits this glob), with the steps before
    the first such step skipped.

    Raises:
        UsageError: no case has one.
    """
    numbers = [_number_of(name, case) for case in cases]
    if cases and all(number is None for number in numbers):
        titles = {step.title for case in cases for step in case.steps}
        advice = advice_on_pattern(name, titles, otherwise="--check shows the steps")
        raise UsageError(f"--start-at-step: no step is called '{name}'", advice=advice)
    return tuple(
        _from_step(number, case)
        for number, case in zip(numbers, cases, strict=True)
        if number is not None
    )


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
