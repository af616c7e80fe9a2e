"""Carrying out steps."""

from __future__ import annotations

from typing import get_args

from runner.execute.steps import ACTS
from runner.model.step import Action


def test_every_kind_of_step_can_be_carried_out() -> None:
    """The table has all of them, and nothing else."""
    assert set(get_args(Action)) == set(ACTS)
