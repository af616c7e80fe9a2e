"""The table of conditions."""

from __future__ import annotations

from typing import get_args

from runner.judge.conditions import CONDITIONS
from runner.model.expectation import Check


def test_every_kind_of_check_has_one_condition() -> None:
    """A check that is in no condition could not be evaluated."""
    kinds = [one.check for one in CONDITIONS]

    assert set(kinds) == set(get_args(Check))
    assert len(kinds) == len(set(kinds))
