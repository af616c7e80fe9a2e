"""Durations, deadlines and wrong YAML, at the edges."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic_core import PydanticCustomError

from runner.errors import InvalidScenarios, Problem
from runner.language.fields import duration_text, parse_tag, parse_title, shown
from runner.language.plain import Plain
from runner.language.yaml_text import MAX_NODES, read
from runner.plan.explain import explained
from runner.plan.load import load, load_cases
from runner.words import nearest


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (0.001, "1ms"),
        (0.25, "250ms"),
        (0.999, "999ms"),
        (1.0, "1s"),
        (1.5, "1.5s"),
        (10.0, "10s"),
        (60.0, "60s"),
        (1.1234565, "1123.4565ms"),
        (3600.0 * 999_999_999, "999999999h"),
    ],
)
def test_a_duration_is_written_in_seconds_and_below_that_in_milliseconds(
    seconds: float, text: str
) -> None:
    """In a longer unit only where its digits would not do."""
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "'true'"),
        (False, "'false'"),
        (7, "'7'"),
        ("True", "'True'"),
        (None, "nothing"),
        ([1], "a list"),
        ({"a": 1}, "a mapping"),
    ],
)
def test_a_value_is_shown_as_it_was_written(value: Plain, words: str) -> None:
    """A list or a mapping by its kind."""
    assert shown(value) == words


def test_the_nearest_known_word_is_suggested() -> None:
    """Or all that are known."""
    assert nearest("sgnal", ["signal", "stop"]) == "did you mean 'signal'?"
    assert nearest("xyz", ["signal", "stop"]) == "known here: signal, stop"


@pytest.mark.parametrize(("given", "read_as"), [(" a b ", "a b"), (7, "7"), ("é", "é")])
def test_names_and_tags_lose_their_blanks(given: Plain, read_as: str) -> None:
    """At both ends."""
    assert parse_title(given) == parse_tag(given) == read_as


@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\u2028b", "a\x1b[0m", "a\u200eb"])
def test_a_name_is_one_line_that_moves_no_cursor(text: str) -> None:
    """Reports and terminals show it."""
    with pytest.raises(PydanticCustomError):
        parse_title(text)


@pytest.mark.parametrize(
    ("step", "within"),
    [
        ("expect: {init: running}", "5s"),
        ("expect: {init: running, not_before: 7s}", "7s"),
        ("expect: {init: running, not_before: 4s}", "5s"),
        ("expect: {init: running, within: 1s}", "1s"),
        ("stop: true, expect: {logs: up}", "7s"),
        ("stop: 3s, expect: {logs: up}", "8s"),
        ("stop: 3s, expect: {logs: up, not_before: 9s}", "9s"),
        ("wait: ready", "10s"),
        ("wait: {until: ready, within: 1s}", "1s"),
        ("wait: {until: {logs: up}}", "10s"),
        ("wait: {until: {logs: up, within: 2s}}", "2s"),
    ],
)
def test_the_long_form_has_the_deadline_that_counts(step: str, within: str, tmp_path: Path) -> None:
    """Its own, or what follows from the rest of the step."""
    path = tmp_path / "x.yml"
    container = "{image: app, stop_grace_period: 2s}"
    text = (
        f"name: x\ncontainer: {container}\nsteps: [{{{step}}}, {{expect: {{oom_killed: false}}}}]\n"
    )
    path.write_text(text, encoding="utf-8")
    checked = load([str(path)])

    chosen = {one.case.key: one.case for one in checked}
    written = "".join(explained(checked, chosen=chosen))

    first = written.partition("within: ")[2].partition("\n")[0]
    assert first == within


def test_in_the_long_form_a_wait_has_the_deadline_of_readiness(tmp_path: Path) -> None:
    """As it is given in the container."""
    path = tmp_path / "x.yml"
    container = "{image: app, ready: {logs: up, within: 7s}}"
    steps = "[{wait: ready}, {expect: {oom_killed: false}}]"
    path.write_text(f"name: x\ncontainer: {container}\nsteps: {steps}\n", encoding="utf-8")
    checked = load([str(path)])

    written = "".join(explained(checked, chosen={one.case.key: one.case for one in checked}))

    assert written.partition("steps:")[2].count("within: 7s") == 1


def problem_of(text: str) -> Problem:
    """Say what is wrong with a text."""
    _, (problem, *_) = read("x.yml", text.encode())
    return problem


@pytest.mark.parametrize(
    ("text", "line", "column", "what", "advice"),
    [
        ("a: 'b\nc: d\n", 1, 4, "this quote is never closed", ""),
        (
            "a: b: c\n",
            1,
            5,
            "mapping values are not allowed",
            "a text with ': ' in it needs quotes",
        ),
        ("a: @b\n", 1, 4, "cannot start any token", "a text that begins with @ needs quotes"),
        ("a:\n\tb: c\n", 2, 1, "cannot start any token", "never with tabs"),
        ("a: [b\n", 2, 1, "", ""),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' stands twice", "first in line 1"),
        ("", 1, 1, "the file is empty", "a scenario needs at least"),
        ("a: \x01\n", 1, 4, "the character U+0001 is not allowed in YAML", ""),
        ("ab\ncd: \x01\n", 2, 5, "the character U+0001 is not allowed in YAML", ""),
    ],
)
def test_what_is_wrong_with_a_text_is_shown_at_its_place(
    text: str, line: int, column: int, what: str, advice: str
) -> None:
    """With advice where it is a common slip."""
    problem = problem_of(text)

    assert what in problem.what
    assert advice in problem.advice
    assert (problem.where.column, bool(advice)) == (column, bool(problem.advice))
    assert problem.where.line == min(line, max(1, text.count("\n")))


def test_a_byte_that_is_no_utf_8_is_shown_at_its_place() -> None:
    """Line and column count letters."""
    _, (problem,) = read("x.yml", "é: 1\né".encode() + b"\xff")

    assert "the byte 0xff is not UTF-8" in problem.what
    assert (problem.where.line, problem.where.column) == (2, 2)


@pytest.mark.parametrize(("more", "kept"), [(0, True), (1, False)])
def test_a_document_expands_to_so_many_values_at_most(more: int, *, kept: bool) -> None:
    """The list itself is one of them."""
    values = ",".join(["1"] * (MAX_NODES - 1 + more))
    documents, problems = read("x.yml", f"[{values}]".encode())

    assert bool(documents) is kept
    assert bool(problems) is not kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("expect: {init: running, logs: }", "'logs' has no value"),
        ("expect: {init: running, within: }", "'within' has no value"),
        ("expect: {processes: {zombies: 0, alive: }}", "'alive' has no value"),
        ("expect: {init: running}, name: ", "'name' has no value"),
        ("signal: , expect: {init: running}", "'signal' has no value"),
        ("signal: {send: }, expect: {init: running}", "nothing is not a signal"),
        ("expect: {init: running}, tags: ", "expected a text, not nothing"),
    ],
)
def test_a_key_without_a_value_is_an_error(text: str, words: str, tmp_path: Path) -> None:
    """It is not as if it were not there."""
    path = tmp_path / "x.yml"
    steps = f"[{{{text}}}, {{expect: {{oom_killed: false}}}}]"
    path.write_text(f"name: x\ncontainer: {{image: a}}\nsteps: {steps}\n", encoding="utf-8")

    with pytest.raises(InvalidScenarios) as caught:
        load_cases([str(path)])

    assert words in " ".join(one.what for one in caught.value.problems)
