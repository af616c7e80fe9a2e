"""cases.jsonl.gz and its lines: out, in, and what is refused."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runner.archive import stored_run
from runner.archive.stored_run import open_run
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
from tests.support.stored import lines_written, read_again
from tests.support.work import cpu_s
from tests.unit.report.any_results import RESULTS

VALIDATOR = jsonschema.Draft202012Validator(result_schema.build_all()["cases.v1.json"])


@pytest.mark.parametrize("result", [MIXED, MATRIX, run_of(NOT_RUN, interrupted=True)], ids="abc")
def test_what_is_written_is_read_back(result: RunResult) -> None:
    """Nothing is lost, and each line is what the schema says."""
    assert read_again(result) == result
    for line in lines_written(result):
        VALIDATOR.validate(line)


@settings(
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(RESULTS)
def test_any_result_is_read_back(result: RunResult) -> None:
    """But for lone surrogates, which JSON cannot hold: the second time nothing changes."""
    read = read_again(result)

    assert read_again(read) == read
    assert read == result or "\\ud" in repr(result)


def test_masks_are_stored_as_proc_shows_them() -> None:
    """Sixteen hexadecimal digits: a number would lose its low bits in JavaScript and jq."""
    stored = lines_written(MIXED)[1]["result"]
    snapshot = next(one for one in stored["timeline"] if one["kind"] == "process_snapshot")

    init = snapshot["processes"][0]
    assert init["masks"]["caught"] == f"{1 << SIGTERM - 1:016x}"
    assert init["blocked_by_all"] == "0" * 16
    assert {len(mask) for mask in init["masks"].values()} == {16}
    assert set(init["masks"]) == set(SignalMasks.__dataclass_fields__)


def test_writing_is_quick() -> None:
    """Thousands of facts in some times what json takes to write and read plain data."""
    result = run_of(*(MIXED.cases[index % 3] for index in range(300)))
    lines = lines_written(result)

    took_s = cpu_s(lambda: lines_written(result))

    assert sum(len(one.timeline) for one in result.cases) > 4000
    assert took_s < 30 * cpu_s(lambda: [json.loads(json.dumps(line)) for line in lines])


def test_a_stored_result_can_be_judged_again() -> None:
    """The facts are all there, and the verdicts come out the same."""
    stored = read_again(MIXED)

    assert [judge(one.case, one.timeline, SETTINGS) for one in stored.cases] == list(MIXED.cases)


def test_earlier_tries_are_kept() -> None:
    """With all that they found."""
    read = read_again(run_of(FLAKY))

    assert read.cases[0].earlier == FLAKY.earlier
    assert read.totals.flaky == 1


def test_signals_are_stored_by_name() -> None:
    """People read the file."""
    assert '"SIGTERM"' in json.dumps(lines_written(MIXED))


def test_text_that_is_not_unicode_is_replaced() -> None:
    """A lone surrogate, as in the name of a file, does not make a result unreadable."""
    noisy = run_of(named(PASSED, "a\udcffb é"))

    assert read_again(noisy) == run_of(named(PASSED, "a\ufffdb é"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_read_back(text: str) -> None:
    """Whatever a container prints or a scenario says."""
    result = run_of(
        dataclasses.replace(
            named(PASSED, text, why=text), timeline=(LogText(1, Stream.STDOUT, text),)
        )
    )

    assert read_again(result) == result


LINES = lines_written(MIXED)


def changed(path: tuple[str | int, ...], **members: object) -> str:
    """The lines with one record changed; None takes a member away."""
    lines = copy.deepcopy(LINES)
    record = functools.reduce(lambda one, key: one[key], path, lines)  # type: ignore[index]
    for name, value in members.items():
        record[name] = value
        if value is None:
            del record[name]
    return text_of(lines)


def text_of(lines: list[dict]) -> str:
    """The lines, not packed."""
    return "".join(f"{json.dumps(line)}\n" for line in lines)


FACT = (1, "result", "timeline", 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{\n", "not JSON"),
        ("[]\n", "not a result of version cases/v1"),
        ("", "no run is in it"),
        ('{"schema": "cases/v9"}\n', "its schema is 'cases/v9'"),
        ('{"schema": "result/v2"}\n', "its schema is 'result/v2'"),
        (changed((0,), run_id=None), "line 1 is damaged: 'run_id' is a required property at $"),
        (
            changed(FACT, at_ns="x"),
            "line 2 is damaged: 'x' is not of type 'integer' at $.result.timeline[1].at_ns",
        ),
        (changed(FACT, at_ns=None), "'at_ns' is a required property at $.result.timeline[1]"),
        (changed(FACT, more=1), "('more' was unexpected) at $.result.timeline[1]"),
        (changed(FACT, kind="odd"), "a record of the kind 'odd' may not stand at $.result.timel"),
        (text_of([*LINES, LINES[0]]), "line 6: a run begins in the first line, and there only"),
        (text_of(LINES[1:]), "not a result of version cases/v1"),
        ("[" * 100_000 + "\n", "not JSON"),
        ('{"took_s": NaN}\n', "not JSON: NaN"),
    ],
    ids=[
        *("not-json", "foreign", "empty", "newer", "older", "hole", "type", "missing", "more"),
        *("kind", "twice", "headless", "deep", "nan"),
    ],
)
def test_what_is_no_result_is_refused_in_clear_words(text: str, words: str, tmp_path: Path) -> None:
    """Foreign, newer or damaged."""
    (tmp_path / "x").write_text(text)

    with pytest.raises(UsageError) as caught:
        open_run(tmp_path / "x")

    assert words in caught.value.what
    assert len(caught.value.what) < 600
    assert caught.value.advice


def test_what_is_not_there_or_damaged_as_a_file_is_told(tmp_path: Path) -> None:
    """In a sentence each."""
    with pytest.raises(UsageError, match="No such file"):
        open_run(tmp_path / "none")
    (tmp_path / "x").write_bytes(b"\x1f\x8bnot packed")
    with pytest.raises(UsageError, match="damaged at byte 0"):
        open_run(tmp_path / "x")


def places_in(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)  # type: ignore[arg-type]
    for key, one in inside:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places_in(one, (*path, key))


STORED = lines_written(run_of(FLAKY))[1]
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

    with contextlib.suppress(UsageError):
        stored_run._line(json.dumps(stored).encode(), 2)
        assert VALIDATOR.is_valid(stored)


def test_one_member_more_is_seen_wherever_it_stands() -> None:
    """In the line, the result, a case and a fact."""
    for path in [(), ("result",), ("result", "case"), ("result", "timeline", 0)]:
        stored = copy.deepcopy(STORED)
        functools.reduce(lambda one, key: one[key], path, stored)["more"] = 1

        with pytest.raises(UsageError, match="'more' was unexpected"):
            stored_run._line(json.dumps(stored).encode(), 2)


def test_a_sound_result_is_read_without_its_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema takes some twenty times as long; it only explains what is wrong."""
    monkeypatch.setattr(stored_run, "damage", None)

    assert read_again(MIXED) == MIXED
