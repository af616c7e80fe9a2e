"""Words of messages that are made in one way everywhere."""

from __future__ import annotations

import pytest

from runner.words import count, most_alike, nearest


@pytest.mark.parametrize(
    ("word", "found"),
    [("sigtrem", "sigterm"), ("sigterm", "sigterm"), ("singal", "signal"), ("x", "")],
)
def test_the_word_most_alike_is_found(word: str, found: str) -> None:
    """One or two slips are forgiven, and no more."""
    assert found == most_alike(word, ["signal", "sigterm", "stop"])


def test_an_unknown_word_gets_advice() -> None:
    """The one that is like it, or all; or what else the caller has to say."""
    assert nearest("sto", ["stop", "start"]) == "did you mean 'stop'?"
    assert nearest("quiet", ["junit", "quiet-period"]) == "did you mean 'quiet-period'?"
    assert nearest("x", ["stop", "start"]) == "known here: stop, start"
    assert nearest("x", ["stop", "start"], otherwise="--list shows them") == "--list shows them"
    assert nearest("x", ["stop"], otherwise="") == ""


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "case", "0 cases"),
        (1, "case", "1 case"),
        (2, "case", "2 cases"),
        (1, "process", "1 process"),
        (3, "process", "3 processes"),
    ],
)
def test_nouns_are_counted(number: int, noun: str, text: str) -> None:
    """None is many, as in English."""
    assert text == count(number, noun)


def test_a_word_that_is_the_beginning_of_one_known_word_means_that() -> None:
    """Not of two: which of them is meant?"""
    assert most_alike("quiet", ["quiet-period", "tags"]) == "quiet-period"
    assert most_alike("sta", ["standstill", "stationery"]) == ""
