"""The picture of a problem: place, line, caret, advice."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import Problem, Where
from runner.language.rendered_problem import render_problem


def test_the_caret_stands_under_the_word() -> None:
    """With the advice beside it."""
    line = "  - signal: {send: SIGTERM, form: inside}"
    problem = Problem("unknown key 'form'", Where("x.yml", 9, 29, 4), line, "did you mean 'from'?")

    assert render_problem(problem) == (
        "x.yml:9:29: unknown key 'form'\n"
        f"   9 | {line}\n"
        "     |                             ^^^^ did you mean 'from'?"
    )


def test_a_word_far_to_the_right_is_shown_all_the_same() -> None:
    """The line is cut on the left, not at the word."""
    problem = Problem("wrong", Where("x.yml", 1, 5001, 4), "y" * 5000 + "oops" + "z" * 5000)

    _, line, caret = render_problem(problem).splitlines()

    assert len(line) < 200
    assert line[caret.index("^") :].startswith("oops")


@pytest.mark.parametrize(("column", "cut"), [(101, False), (102, True)])
def test_a_line_is_cut_where_the_word_stands_far_to_the_right(column: int, *, cut: bool) -> None:
    """Of 160 columns, 60 are kept for it."""
    problem = Problem("wrong", Where("x.yml", 1, column), "y" * 500)

    assert ("…" in render_problem(problem)) is cut


def test_wide_characters_take_two_columns() -> None:
    """As terminals draw them."""
    problem = Problem("wrong", Where("x.yml", 1, 4, 3), "日本 bad")

    assert render_problem(problem).splitlines()[2] == "     |      ^^^"


def test_the_gutter_grows_with_the_line_number() -> None:
    """The bars stay in one column."""
    _, line, caret = render_problem(
        Problem("wrong", Where("x.yml", 123_456, 1), "bad")
    ).splitlines()

    assert line.index("|") == caret.index("|")


@given(st.text(), st.text(), st.text(), st.integers(1, 50), st.integers(1, 50))
def test_nothing_of_a_file_moves_the_cursor(
    what: str, line: str, advice: str, column: int, length: int
) -> None:
    """Escape sequences and tabs become spaces, whatever the place."""
    said = render_problem(Problem(what, Where("x.yml", 1, column, length), line, advice))

    assert not {one for one in said if unicodedata.category(one)[0] == "C"} - {"\n"}
    assert len(said.split("\n")) <= 3
