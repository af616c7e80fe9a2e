"""The table of conditions."""

from __future__ import annotations

from typing import get_args

import pytest

from runner.judge.conditions import CONDITIONS, condition_of
from runner.model.expectation import Check, DeliveredWas


def test_every_kind_of_check_has_one_condition() -> None:
    """A check that is in no condition could not be evaluated."""
    kinds = [one.check for one in CONDITIONS]

    assert set(kinds) == set(get_args(Check))
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("delivered", [True, False])
def test_only_what_did_not_happen_must_stay_so_until_a_stop_is_over(*, delivered: bool) -> None:
    """A delivery is one for good; without one, it may yet come."""
    check = DeliveredWas(delivered)
    condition = condition_of(check)

    assert condition.until_stopped(check) is not delivered
    assert condition.needs_quiet(check) is not delivered
