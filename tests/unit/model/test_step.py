"""What the runner asks of a step, whatever its kind."""

from __future__ import annotations

from typing import get_args

import pytest

from runner.model.step import (
    Action,
    Exec,
    Look,
    Pause,
    Restart,
    SendSignals,
    Stop,
    Unpause,
    Wait,
    Write,
)

ALL = set(get_args(Action))


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("acts", ALL - {Wait, Look}),
        ("sends", {SendSignals, Stop, Restart}),
        ("needs_init", {SendSignals, Stop, Exec, Write, Pause, Unpause}),
    ],
)
def test_each_kind_answers_for_itself(question: str, kinds: set[type[Action]]) -> None:
    """A restart or start needs no init that runs; who waits or looks does nothing."""
    assert kinds == {kind for kind in ALL if getattr(kind, question)}
