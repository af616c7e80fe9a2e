"""result.json: out, in, and what is refused."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.archive import result_json, schema
from runner.errors import UsageError
from runner.judge.referee import judge
from runner.model.expectation import Stream
from runner.model.observation import LogText
from tests.support.cases import SETTINGS
from tests.support.results import MATRIX, MIXED, NOT_RUN, PASSED, named, run_of


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


def test_text_that_is_not_unicode_is_replaced() -> None:
    """A lone surrogate, as in the name of a file, does not make a result unreadable."""
    noisy = run_of(named(PASSED, "a\udcffb é"))

    stored = result_json.dump(noisy)

    assert "\\u" not in stored
    assert result_json.load(stored) == run_of(named(PASSED, "a\ufffdb é"))


@settings(deadline=None, max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_read_back(text: str) -> None:
    """Whatever a container prints or a scenario says."""
    result = run_of(
        dataclasses.replace(
            named(PASSED, text, why=text), timeline=(LogText(1, Stream.STDOUT, text),)
        )
    )

    assert result_json.load(result_json.dump(result)) == result


def _with_unknown_fact() -> str:
    stored = json.loads(result_json.dump(MIXED))
    stored["cases"][0]["timeline"][0]["kind"] = "of_tomorrow"
    return json.dumps(stored)


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
        (_with_unknown_fact(), "$.cases[0].timeline[0]"),
        ("[" * 100_000, "not JSON"),
        ('{"took_s": NaN}', "not JSON: NaN"),
    ],
    ids=["not-json", "foreign", "newer", "damaged", "unknown-fact", "too-deep", "not-a-number"],
)
def test_what_is_no_result_is_refused_in_clear_words(text: str, words: str) -> None:
    """Foreign, newer or damaged."""
    with pytest.raises(UsageError) as caught:
        result_json.load(text)

    assert words in caught.value.what
    assert len(caught.value.what) < 400
    assert caught.value.advice


def test_the_schema_is_that_of_the_records() -> None:
    """`make schemas` writes it anew."""
    path = result_json.shipped.folder("schemas") / result_json.SCHEMA_FILE

    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(schema.build()))
