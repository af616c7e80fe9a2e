"""result.json: out, in, and what is refused."""

from __future__ import annotations

import json

import pytest

from runner.archive import result_json, schema
from runner.errors import UsageError
from runner.judge.referee import judge
from tests.support.cases import SETTINGS
from tests.support.results import MATRIX, MIXED, NOT_RUN, run_of


@pytest.mark.parametrize("result", [MIXED, MATRIX, run_of(NOT_RUN, interrupted=True)], ids="abc")
def test_what_is_written_is_read_back(result) -> None:  # noqa: ANN001
    """Nothing is lost."""
    assert result_json.load(result_json.dump(result)) == result


def test_a_stored_result_can_be_judged_again() -> None:
    """The facts are all there, and the verdicts come out the same."""
    stored = result_json.load(result_json.dump(MIXED))

    assert [judge(one.case, one.timeline, SETTINGS) for one in stored.cases] == list(MIXED.cases)


def test_the_totals_are_there_for_scripts() -> None:
    """So that `jq .totals` works."""
    stored = json.loads(result_json.dump(MIXED))

    assert stored["schema"] == "result/v1"
    assert stored["totals"] == {"cases": 3, "passed": 1, "failed": 1, "errored": 1, "skipped": 0}


def test_signals_are_stored_by_name() -> None:
    """People read the file."""
    assert '"SIGTERM"' in result_json.dump(MIXED)


def _without_cases() -> str:
    stored = json.loads(result_json.dump(MIXED))
    del stored["cases"]
    return json.dumps(stored)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a result of version result/v1"),
        ('{"schema": "result/v9"}', "its schema is 'result/v9'"),
        (_without_cases(), "damaged: 'cases' is a required property"),
    ],
    ids=["not-json", "foreign", "newer", "damaged"],
)
def test_what_is_no_result_is_refused_in_clear_words(text: str, words: str) -> None:
    """Foreign, newer or damaged."""
    with pytest.raises(UsageError) as caught:
        result_json.load(text)

    assert words in caught.value.what


def test_the_schema_is_that_of_the_records() -> None:
    """`make schemas` writes it anew."""
    path = result_json.shipped.folder("schemas") / result_json.SCHEMA_FILE

    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(schema.build()))
