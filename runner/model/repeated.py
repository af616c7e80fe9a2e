"""
Runs of one case by `--repeat`: each is a row of its own, with the number of the run as a value.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Final

from runner.model.case import Case, scenario_name

RUN: Final = "run"
"""The axis of the numbers of the runs."""

_NAME: Final = re.compile(r"(?P<name>.*) \(run \d+ of \d+\)", re.DOTALL)


def repeated(cases: Sequence[Case], times: int) -> tuple[Case, ...]:
    """Return every case so many times, each under a name of its own."""
    if times == 1:
        return tuple(cases)
    return tuple(
        dataclasses.replace(
            case,
            name=f"{case.name} (run {number} of {times})",
            scenario=scenario_name(case),
            row={**case.row, RUN: str(number)},
        )
        for case in cases
        for number in range(1, times + 1)
    )


def name_once(case: Case) -> str:
    """Return the name that all runs of a case share; "" where it is run once."""
    found = _NAME.fullmatch(case.name) if RUN in case.row else None
    return found["name"] if found else ""
