"""The YAML reader: YAML 1.2 scalars, places, bounds."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import InvalidScenarios, Problem
from runner.language.fields import parse_duration
from runner.language.yaml_text import MAX_BYTES, content_of, read
from runner.plan.load import load_cases
from tests.support.near_scenarios import near_scenarios
from tests.support.work import cpu_s


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("on", "on"), ("0777", "0777"), ("1:30", "1:30"), ("08", "08"),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("12", 12), ("-3", -3), ("0x1f", 31), ("0o17", 15), ("1.5", 1.5), ("1e3", 1000.0),
        ('"12"', "12"), ("'true'", "true"), ("1_000", "1_000"), ("2026-11-24", "2026-11-24"),
        (".5", 0.5), ("1.", 1.0), ("+1", 1), (".", "."), ("-", None),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    """What looks like a word stays one."""
    documents, problems = read("x.yml", f"a: {text}\n".encode() if text != "-" else b"a:\n")

    assert not problems
    assert documents[0].data == {"a": value}


def test_places_are_those_of_the_words() -> None:
    """1-based line and column, of the key and of the value, with the length to underline."""
    (document,), _ = read("x.yml", b"a:\n  - {bc: def}\n")

    key, value = document.where(("a", 0, "bc"), key=True), document.where(("a", 0, "bc"))
    assert (key.line, key.column, key.length) == (2, 6, 2)
    assert (value.line, value.column, value.length) == (2, 10, 3)
    assert document.where(("a", 0, "nothing", "there")) == document.where(("a", 0))


def test_crlf_and_byte_order_mark_are_no_trouble() -> None:
    """As Windows editors write them."""
    (document,), problems = read("x.yml", b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")

    assert not problems
    assert document.data == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "content",
    [b"a: " + b"x" * MAX_BYTES, b"[" * 100_000, b"- " * 5_000, b"&a [*a, *a]", b"a: *nowhere"],
    ids=["huge", "deep", "deep-block", "itself", "unknown-anchor"],
)
def test_what_has_no_bound_is_refused_soon(content: bytes) -> None:
    """With a place in the file, and less work than a tenth of the longest file that is read."""
    ordinary = b"- {a: b, c: [d]}\n" * (MAX_BYTES // 10 // 17)
    allowed_s = cpu_s(lambda: read("x.yml", ordinary))
    problems: list[Problem] = []

    took_s = cpu_s(lambda: problems.extend(read("x.yml", content)[1]))

    assert problems
    assert problems[0].where.line >= 1
    assert took_s < allowed_s


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)
WORDS = st.sampled_from(
    ["name", "container", "image", "steps", "signal", "expect", "init", "running", "SIGTERM",
     "stop", "exec", "wait", "ready", "logs", "process", "matrix", "within", "3s", "{{ a }}", "x"]
)  # fmt: skip
LIKELY = st.recursive(
    WORDS | st.integers(-1, 70) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)


@given(PLAIN | LIKELY | near_scenarios())
def test_any_tree_loads_or_is_refused_at_a_place_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, tree: object
) -> None:
    """Never a traceback, and never a place outside the file."""
    path = tmp_path_factory.getbasetemp() / "tree.yml"
    text = yaml.safe_dump(tree, allow_unicode=True)
    path.write_text(text, encoding="utf-8")

    try:
        load_cases([str(path)])
    except InvalidScenarios as error:
        lines = text.splitlines() or [""]
        for problem in error.problems:
            assert 1 <= problem.where.line <= len(lines) + 1
            assert problem.where.column >= 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Never a traceback."""
    documents, problems = read("x.yml", content)

    assert documents or problems


@given(st.integers(1, 10**6), st.sampled_from(["ms", "s", "m", "h"]))
def test_durations_are_in_seconds(number: int, unit: str) -> None:
    """250ms is 0.25."""
    factor = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]

    assert parse_duration(f"{number}{unit}") == pytest.approx(number * factor)


def test_a_file_of_just_the_longest_length_is_read() -> None:
    """One more byte is refused at its beginning, and no more than that one is asked of a file."""
    longest = b"a: b #".ljust(MAX_BYTES, b"x")

    (document,), problems = read("x.yml", longest)
    _, (problem,) = read("x.yml", longest + b"x")

    assert (document.data, problems) == ({"a": "b"}, [])
    assert (problem.where.line, problem.where.column) == (1, 1)
    assert len(content_of("/dev/zero")) == MAX_BYTES + 1


@pytest.mark.parametrize(
    ("text", "advises"), [("a:\n\tb: 1\n", True), ("a: @b\t# c\n", False), ("a: b: 1\tc\n", False)]
)
def test_only_a_tab_that_is_in_the_way_is_advised_against(text: str, *, advises: bool) -> None:
    """The one at which the text cannot be read, or before; not what stands behind that."""
    _, (problem,) = read("x.yml", text.encode())

    assert ("never with tabs" in problem.advice) == advises
