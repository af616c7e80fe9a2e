"""TAP 14: a test point for each case, and YAML for what went wrong."""

from __future__ import annotations

import dataclasses

import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner.model.verdict import Skipped
from runner.report import tap
from tests.support.results import ERRORED, FAILED, NOT_RUN, PASSED, named, run_of


def test_each_case_is_a_test_point() -> None:
    """Passed and skipped are ok; the plan counts all."""
    skipped = dataclasses.replace(named(PASSED, "a # b"), verdict=Skipped("no #1"))

    lines = tap.render(run_of(PASSED, FAILED, ERRORED, skipped)).splitlines()

    assert [line for line in lines if not line.startswith(" ")] == [
        "TAP version 14",
        "1..4",
        "# scenarios/test.yml",
        "ok 1 - stops gracefully",
        "not ok 2 - ends on SIGTERM",
        "not ok 3 - gets ready",
        "ok 4 - a \\# b # SKIP no \\#1",
    ]


def test_an_interrupted_run_bails_out() -> None:
    """What was not run is not ok."""
    lines = tap.render(run_of(NOT_RUN, interrupted=True)).splitlines()

    assert lines[-1] == "Bail out! interrupted"
    assert "not ok 1 - was not run" in lines


def test_what_went_wrong_is_told_in_yaml() -> None:
    """Indented by two, between its marks."""
    text = tap.render(run_of(FAILED))

    block = text[text.index("  ---\n") + 6 : text.index("  ...\n")]
    told = yaml.safe_load(block)
    assert told["message"].startswith("expected init exited 0; saw init is still running")
    assert told["severity"] == "fail"
    assert told["at"] == {"file": "scenarios/test.yml", "line": 1}
    assert told["step"] == "signal TERM"
    assert told["duration_ms"] == 560
    assert any("Help: let the program handle SIGTERM" in line for line in told["details"])
    assert "  severity: error\n" in tap.render(run_of(ERRORED))


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=40))
def test_no_text_breaks_a_line(text: str) -> None:
    """Whatever a name holds."""
    lines = tap.render(run_of(named(FAILED, text))).splitlines()

    assert len([line for line in lines if line.startswith("not ok 1 - ")]) == 1
    assert all(line.startswith(("  ", "TAP", "1..", "#", "not ok")) for line in lines)
