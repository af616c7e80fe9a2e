"""result.json: out, in, and what is refused."""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
from collections.abc import Iterator

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runner.archive import result_json
from runner.errors import UsageError
from runner.generate import result_schema
from runner.judge.evaluator import judge
from runner.kernel.masks import SignalMasks
from runner.kernel.signals import SIGTERM
from runner.model.expectation import Stream
from runner.model.observation import LogText
from runner.model.result import RunResult
from tests.support.cases import SETTINGS
from tests.support.results import FLAKY, MATRIX, MIXED, NOT_RUN, PASSED, named, run_of
from tests.support.work import cpu_s
from tests.unit.report.any_results import RESULTS


@pytest.mark.parametrize("result", [MIXED, MATRIX, run_of(NOT_RUN, interrupted=True)], ids="abc")
def test_what_is_written_is_read_back(result) -> None:  # noqa: ANN001
    """Nothing is lost."""
    assert result_json.load(result_json.dump(result)) == result


@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(RESULTS)
def test_any_result_is_read_back(result: RunResult) -> None:
    """But for lone surrogates, which JSON cannot hold: the second time nothing changes."""
    text = result_json.dump(result)
    text.encode()

    read = result_json.load(text)

    assert result_json.dump(read) == text
    assert read == result or "\\ud" in repr(result)


def test_masks_are_stored_as_proc_shows_them() -> None:
    """Sixteen hexadecimal digits: a number would lose its low bits in JavaScript and jq."""
    stored = json.loads(result_json.dump(MIXED))
    snapshot = next(
        one for one in stored["cases"][0]["timeline"] if one["kind"] == "process_snapshot"
    )

    init = snapshot["processes"][0]
    assert init["masks"]["caught"] == f"{1 << SIGTERM - 1:016x}"
    assert init["blocked_by_all"] == "0" * 16
    assert {len(mask) for mask in init["masks"].values()} == {16}
    assert set(init["masks"]) == set(SignalMasks.__dataclass_fields__)


def test_writing_is_quick() -> None:
    """Thousands of facts in some times what json takes to write and read plain data (four)."""
    result = run_of(*(MIXED.cases[index % 3] for index in range(300)))
    text = result_json.dump(result)

    took_s = cpu_s(lambda: result_json.dump(result))

    assert sum(len(one.timeline) for one in result.cases) > 4000
    assert took_s < 20 * cpu_s(lambda: json.dumps(json.loads(text)))


def test_a_stored_result_can_be_judged_again() -> None:
    """The facts are all there, and the verdicts come out the same."""
    stored = result_json.load(result_json.dump(MIXED))

    assert [judge(one.case, one.timeline, SETTINGS) for one in stored.cases] == list(MIXED.cases)


def test_the_totals_are_there_for_scripts() -> None:
    """So that `jq .totals` works."""
    stored = json.loads(result_json.dump(MIXED))

    assert stored["schema"] == "result/v2"
    kinds = {"passed": 1, "failed": 1, "errored": 1, "skipped": 0, "flaky": 0}
    assert stored["totals"] == {"cases": 3, **kinds}


def test_earlier_tries_are_kept() -> None:
    """With all that they found."""
    read = result_json.load(result_json.dump(run_of(FLAKY)))

    assert read.cases[0].earlier == FLAKY.earlier
    assert read.totals.flaky == 1


def test_signals_are_stored_by_name() -> None:
    """People read the file."""
    assert '"SIGTERM"' in result_json.dump(MIXED)


def test_text_that_is_not_unicode_is_replaced() -> None:
    """A lone surrogate, as in the name of a file, does not make a result unreadable."""
    noisy = run_of(named(PASSED, "a\udcffb é"))

    stored = result_json.dump(noisy)

    assert "\\u" not in stored
    assert result_json.load(stored) == run_of(named(PASSED, "a\ufffdb é"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_read_back(text: str) -> None:
    """Whatever a container prints or a scenario says."""
    result = run_of(
        dataclasses.replace(
            named(PASSED, text, why=text), timeline=(LogText(1, Stream.STDOUT, text),)
        )
    )

    assert result_json.load(result_json.dump(result)) == result


def damaged(**changes: object) -> str:
    """A stored result whose second fact is changed; None takes a member away."""
    stored = json.loads(result_json.dump(MIXED))
    fact = stored["cases"][0]["timeline"][1]
    for name, value in changes.items():
        fact[name] = value
        if value is None:
            del fact[name]
    return json.dumps(stored)


def without_cases() -> str:
    """A stored result with a hole."""
    stored = json.loads(result_json.dump(MIXED))
    del stored["cases"]
    return json.dumps(stored)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a result of version result/v2"),
        ('{"schema": "result/v9"}', "its schema is 'result/v9'"),
        (without_cases(), "damaged: 'cases' is a required property at $"),
        (
            damaged(at_ns="x"),
            "damaged: 'x' is not of type 'integer' at $.cases[0].timeline[1].at_ns",
        ),
        (damaged(at_ns=None), "damaged: 'at_ns' is a required property at $.cases[0].timeline[1]"),
        (damaged(more=1), "('more' was unexpected) at $.cases[0].timeline[1]"),
        (damaged(kind="odd"), "a record of the kind 'odd' may not stand at $.cases[0].timeline[1]"),
        ("[" * 100_000, "not JSON"),
        ('{"took_s": NaN}', "not JSON: NaN"),
    ],
    ids=["not-json", "foreign", "newer", "hole", "type", "missing", "more", "kind", "deep", "nan"],
)
def test_what_is_no_result_is_refused_in_clear_words(text: str, words: str) -> None:
    """Foreign, newer or damaged."""
    with pytest.raises(UsageError) as caught:
        result_json.load(text)

    assert words in caught.value.what
    assert len(caught.value.what) < 400
    assert caught.value.advice


def places_in(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for key, one in inside:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places_in(one, (*path, key))


STORED = json.loads(result_json.dump(run_of(FLAKY)))
VALIDATOR = jsonschema.Draft202012Validator(result_schema.build())
GONE = object()


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(sorted(places_in(STORED), key=str)),
    st.sampled_from([GONE, None, True, False, 0, 1, -1, 1.0, 0.5, "", "x", "SIGTERM", [], {}]),
)
def test_what_is_read_without_the_schema_is_what_the_schema_accepts(
    path: tuple[str | int, ...], value: object
) -> None:
    """Whatever is changed or taken away: reading quickly must not mean reading more."""
    stored = copy.deepcopy(STORED)
    inside = functools.reduce(lambda one, key: one[key], path[:-1], stored)
    if value is GONE:
        del inside[path[-1]]
    else:
        inside[path[-1]] = value

    read = result_json._as_written(json.dumps(stored), stored)

    assert read is None or VALIDATOR.is_valid(stored)


def test_one_member_more_is_seen_wherever_it_stands() -> None:
    """In the run, the totals, a case and a fact."""
    for path in [(), ("totals",), ("engine",), ("cases", 0), ("cases", 0, "timeline", 0)]:
        stored = copy.deepcopy(STORED)
        functools.reduce(lambda one, key: one[key], path, stored)["more"] = 1

        assert result_json._as_written(json.dumps(stored), stored) is None


def test_a_sound_result_is_read_without_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema takes some twenty times as long; it only explains what is wrong."""
    text = result_json.dump(MIXED)
    monkeypatch.setattr(result_json, "_check", None)

    assert result_json.load(text) == MIXED
