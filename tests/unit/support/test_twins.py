"""What the soak and the tests of the twins take for right, false and undecided."""

from __future__ import annotations

import json

import pytest

from runner.archive import result_json
from runner.language.yaml_text import read
from tests.support.results import ERRORED, FAILED, NOT_RUN, PASSED, run_of
from tests.support.twins import ROOT, SHIPPED, TWINS, Kind, outcomes


@pytest.mark.parametrize(
    ("path", "passed", "failed", "errored"),
    [
        ("tests/twins/pass/x.yml", Kind.RIGHT, Kind.FALSE, Kind.UNDECIDED),
        ("/a/tests/twins/fail/x.yml", Kind.FALSE, Kind.RIGHT, Kind.UNDECIDED),
        ("scenarios/x.yml", Kind.RIGHT, Kind.FALSE, Kind.UNDECIDED),
        ("scenarios/fail/x.yml", Kind.RIGHT, Kind.FALSE, Kind.UNDECIDED),
    ],
)
def test_a_verdict_is_held_against_what_is_true(
    path: str, passed: Kind, failed: Kind, errored: Kind
) -> None:
    """Only the folder `twins/fail` holds claims that are not so."""
    stored = json.loads(result_json.dump(run_of(PASSED, FAILED, ERRORED)))
    for case in stored["cases"]:
        case["where"]["path"] = path

    assert [one.kind for one in outcomes(stored)] == [passed, failed, errored]


@pytest.mark.parametrize(
    ("path", "kind"),
    [("tests/twins/pass/x.yml", Kind.UNDECIDED), ("tests/twins/fail/x.yml", Kind.UNDECIDED),
     ("scenarios/x.yml", Kind.RIGHT)],
)  # fmt: skip
def test_only_a_shipped_scenario_may_be_skipped(path: str, kind: Kind) -> None:
    """A twin that was skipped has shown nothing."""
    stored = json.loads(result_json.dump(run_of(PASSED)))
    stored["cases"][0]["where"]["path"] = path
    stored["cases"][0]["verdict"] = {"kind": "skipped", "reason": "when: no"}

    (seen,) = outcomes(stored)

    assert (seen.kind, seen.words) == (kind, "skipped: when: no")


def test_the_words_say_what_was_expected_and_seen() -> None:
    """Of what does not hold where it failed, of all where it passed, and why it is undecided."""
    passed, failed, errored = outcomes(
        json.loads(result_json.dump(run_of(PASSED, FAILED, ERRORED)))
    )

    assert passed.words.startswith("passed: expected init exited 0; saw init exited 0")
    assert failed.words == "failed: expected init exited 0; saw init is still running"
    assert errored.words.startswith("errored: ")


def test_a_case_that_was_not_run_is_undecided() -> None:
    """An interrupt ends a run before all was tried."""
    (seen,) = outcomes(json.loads(result_json.dump(run_of(NOT_RUN, interrupted=True))))

    assert seen.kind is Kind.UNDECIDED


def test_twins_come_in_pairs() -> None:
    """A claim that passes shows little without one that must fail."""
    files = {
        kind: {one.name for one in TWINS if one.parent.name == kind} for kind in ("pass", "fail")
    }

    assert files["pass"] == files["fail"] != set()


def test_the_name_of_a_twin_says_what_it_must_come_to() -> None:
    """So that nobody takes a red line for trouble; names of all files may stand in one run."""
    for path in TWINS:
        documents, problems = read(path.name, path.read_bytes())
        word = {"pass": "right - ", "fail": "wrong - "}[path.parent.name]

        assert not problems
        assert all(one.data["name"].startswith(word) for one in documents), path


def test_the_shipped_scenarios_are_those_of_make_run() -> None:
    """All that people get."""
    words = (ROOT / "Makefile").read_text(encoding="utf-8").partition("SCENARIOS ?= ")[2]
    patterns = words.partition("\n")[0].split()

    assert sorted(one for pattern in patterns for one in ROOT.glob(pattern)) == SHIPPED
