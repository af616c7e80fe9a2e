"""result.json and the lines for programs: out, in, and what is refused."""

from __future__ import annotations

import json

import jsonschema
import pytest

from runner.archive import result_json
from runner.errors import UsageError
from runner.generate import result_schema
from runner.model.result import RunResult
from runner.model.summary import summary_of
from tests.support.results import FLAKY, MATRIX, MIXED, NOT_RUN, PASSED, named, run_of

SCHEMAS = result_schema.build_all()
RUNS = [MIXED, MATRIX, run_of(FLAKY), run_of(NOT_RUN, interrupted=True), run_of()]


@pytest.mark.parametrize("run", RUNS, ids="abcde")
def test_what_is_written_is_read_back(run: RunResult) -> None:
    """And is what the schema says."""
    text = result_json.dump(run)

    assert result_json.load(text) == summary_of(run)
    jsonschema.validate(json.loads(text), SCHEMAS["result.v3.json"])


@pytest.mark.parametrize("run", RUNS, ids="abcde")
def test_the_lines_for_programs_are_what_their_schema_says(run: RunResult) -> None:
    """The same records as in result.json, a line each."""
    lines = [*map(result_json.line_of_case, run.cases), result_json.last_line(run)]

    stored = json.loads(result_json.dump(run))
    *cases, totals = map(json.loads, lines)
    assert all("\n" not in line for line in lines)
    assert [line["case"] for line in cases] == stored["cases"]
    assert totals["totals"] == stored["totals"]
    for line in (*cases, totals):
        jsonschema.validate(line, SCHEMAS["output.v1.json"])


def test_the_totals_are_there_for_scripts() -> None:
    """So that `jq .totals` works."""
    stored = json.loads(result_json.dump(MIXED))

    assert stored["schema"] == "result/v3"
    kinds = {"passed": 1, "failed": 1, "errored": 1, "skipped": 0, "flaky": 0}
    assert stored["totals"] == {"cases": 3, **kinds}


def test_a_stop_says_how_long_the_end_took() -> None:
    """In the stored result, so that two runs can be compared without their facts."""
    (passed,) = result_json.load(result_json.dump(run_of(PASSED))).cases

    (took_s,) = passed.shutdown_s
    assert 0.01 < took_s < 0.1


def test_text_that_is_not_unicode_is_replaced() -> None:
    """A lone surrogate, as in the name of a file, does not make a result unreadable."""
    text = result_json.dump(run_of(named(PASSED, "a\udcffb é")))

    assert "\\u" not in text
    assert result_json.load(text).cases[0].name == "a\ufffdb é"


def changed(**members: object) -> str:
    """A stored result of which the first case is changed."""
    stored = json.loads(result_json.dump(MIXED))
    stored["cases"][0] |= members
    return json.dumps(stored)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a result of version result/v3"),
        ('{"schema": "result/v2"}', "its schema is 'result/v2'"),
        ('{"schema": "result/v3"}', "damaged: 'totals' is a required property at $"),
        (changed(took_s="x"), "damaged: 'x' is not of type 'number' at $.cases[0].took_s"),
        (changed(more=1), "damaged: Additional properties are not allowed ('more'"),
    ],
)
def test_what_is_no_result_is_refused_in_clear_words(text: str, words: str) -> None:
    """Foreign, older or damaged."""
    with pytest.raises(UsageError) as caught:
        result_json.load(text)

    assert words in caught.value.what
    assert caught.value.advice
