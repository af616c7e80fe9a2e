"""Workflow commands of GitHub Actions: at the line, escaped, and not too many."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import Problem, Where
from runner.report import annotations
from runner.report.source_links import NO_LINKS, SourceLinks
from tests.support.results import ERRORED, FAILED, PASSED, named, run_of


def test_what_went_wrong_stands_at_its_step() -> None:
    """With what was expected and seen, why, and what helps."""
    (failed, errored) = annotations.of_results(run_of(PASSED, FAILED, ERRORED), NO_LINKS)

    head, _, message = failed.removeprefix("::").partition("::")
    assert head == "error file=scenarios/test.yml,line=1,title=ends on SIGTERM"
    said, why, advice = message.split("%0A")
    assert said.startswith("signal TERM: expected init exited 0; saw init is still running")
    assert "SIGTERM must have been dropped" in why
    assert advice.startswith("Help: let the program handle SIGTERM")
    assert "title=gets ready::" in errored


def test_a_path_is_that_in_the_repository() -> None:
    """GitHub knows no other; one outside stays as it is."""
    links = SourceLinks(root="/r", folder="/r/a")
    outside = SourceLinks(root="/r", folder="/s")

    (inside,) = annotations.of_results(run_of(FAILED), links)
    (other,) = annotations.of_results(run_of(FAILED), outside)

    assert "file=a/scenarios/test.yml," in inside
    assert "file=scenarios/test.yml," in other


@pytest.mark.parametrize(("number", "notices"), [(10, 0), (11, 1), (12, 1)])
def test_there_are_ten_at_most(number: int, notices: int) -> None:
    """And then how many more."""
    lines = list(annotations.of_results(run_of(*[FAILED] * number), NO_LINKS))

    errors = [line for line in lines if line.startswith("::error ")]
    assert len(errors) == 10
    assert len(lines) == 10 + notices
    words = "1 more case" if number == 11 else "2 more cases"
    assert not notices or lines[-1] == f"::notice title=scenario-run::{words} not shown"


def test_mistakes_in_files_are_annotated_too() -> None:
    """With what to do."""
    problem = Problem("unknown key 'stpes'", Where("x.yml", 3, 1), advice="did you mean 'steps'?")

    assert list(annotations.of_problems((problem,), NO_LINKS)) == [
        "::error file=x.yml,line=3,title=scenario-run::unknown key 'stpes'%0Adid you mean 'steps'?"
    ]


def test_text_is_escaped_as_githubs_toolkit_does() -> None:
    """In a property a colon and a comma, too."""
    problem = Problem("100%, a: b\nc", Where("a,b:c%.yml", 3, 1))

    assert list(annotations.of_problems((problem,), NO_LINKS)) == [
        "::error file=a%2Cb%3Ac%25.yml,line=3,title=scenario-run::100%25, a: b%0Ac"
    ]


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40))
def test_any_text_stays_in_its_command(text: str) -> None:
    """No name ends the line or its property."""
    case = dataclasses.replace(named(FAILED, text))

    (line,) = annotations.of_results(run_of(case), NO_LINKS)

    assert line.splitlines() == [line]
    assert line.split("::")[1].count(",") == 2
