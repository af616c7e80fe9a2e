"""Numbers within bounds, in words."""

from __future__ import annotations

import pytest

from runner.judge.bounds import times_words
from runner.model.expectation import Bounds


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (0, "never"),
        (1, "once"),
        (3, "3 times"),
        (Bounds(at_least=1), "at least once"),
        (Bounds(at_most=1), "at most once"),
        (Bounds(at_most=0), "never"),
        (Bounds(2, 2), "2 times"),
        (Bounds(1, 2), "1 to 2 times"),
        (Bounds(0, 1), "0 to 1 times"),
        (Bounds(at_least=2), "at least 2 times"),
        (Bounds(at_most=2), "at most 2 times"),
    ],
)
def test_how_often_in_words(bounds: Bounds | int, words: str) -> None:
    """As people say it."""
    assert times_words(bounds) == words
