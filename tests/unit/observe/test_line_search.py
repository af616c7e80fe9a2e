"""Patterns in lines of any length, in any pieces: as `re` finds them in the whole line."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.contract import Output
from runner.model.expectation import Pattern, Stream
from runner.model.observation import LineTooLong, LogMatched
from runner.observe.line_search import WINDOW, LineSearch
from runner.observe.output import OutputDecoder, OutputFact
from runner.observe.reach import UNBOUNDED, Reach, core_of, reach_of

SMALL = 32
PIECES = st.sampled_from(
    "a b [ab] [^a] . .* .*? \\w \\b \\B ^ $ \\A \\Z (?=a) (?!a) (?<=a) (?<!b) (?<=^a) (?=.b) (?!$)"
    " (?=b$) (?<=a$) a$ (?<=\\Ba) \\.*".split()
)


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.tuples(
        st.sampled_from(["(?:{})*", "(?:{})+?", "(?:{}){{0,3}}", "(?>{})", "(?:{}){{1,2}}+"]), inner
    )
    return (
        one.map(lambda pair: pair[0].format(pair[1]))
        | st.lists(inner, min_size=2, max_size=4).map("".join)
        | st.lists(inner, min_size=2, max_size=3).map(lambda many: f"(?:{'|'.join(many)})")
        | inner.map(lambda text: f"({text})b?\\1" if "(" not in text else text)
    )


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


EXPRESSIONS = st.recursive(PIECES, _wrapped, max_leaves=8).filter(_compiles)
LINES = st.text("ab c", max_size=120)


def facts_of(
    decoder: OutputDecoder, pieces: list[bytes], *, settles: bool = True
) -> list[OutputFact]:
    """Feed pieces to the end of the stream."""
    found: list[OutputFact] = []
    for piece in pieces:
        found += decoder.feed(Output(1, "init", Stream.STDOUT, piece))
        if settles:
            found += decoder.settle()
    return [*found, *decoder.end(2, "init")]


def split(data: bytes, places: list[int]) -> list[bytes]:
    """Cut the bytes at these places."""
    cuts = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in itertools.pairwise(cuts)]


@given(EXPRESSIONS, st.lists(LINES, max_size=3), st.lists(st.integers(0), max_size=12))
def test_any_split_gives_the_same_matches_as_the_whole(
    expression: str, lines: list[str], places: list[int]
) -> None:
    """With a small window: what `re` finds in the line is found, or the line is too long for it."""
    pattern = Pattern(expression, regex=True)
    data = "".join(line + "\n" for line in lines).encode()
    expected = [line for line in lines if re.search(expression, line)]

    facts = facts_of(OutputDecoder([pattern], window=SMALL), split(data, places))

    found = sum(isinstance(one, LogMatched) for one in facts)
    too_long = any(isinstance(one, LineTooLong) for one in facts)
    assert found == len(expected) or (too_long and found < len(expected))


@given(EXPRESSIONS, LINES, st.lists(st.integers(0), max_size=12))
def test_a_line_that_fits_is_never_too_long(expression: str, line: str, places: list[int]) -> None:
    """All is found then, also at the end of a stream without a newline."""
    pattern = Pattern(expression, regex=True)
    facts = facts_of(OutputDecoder([pattern]), split(line.encode(), places))

    expected = bool(line) and re.search(expression, line) is not None
    assert [type(one) for one in facts if not hasattr(one, "text")] == [LogMatched] * expected


@given(st.text("ab", min_size=1, max_size=6), st.text("ab\n", max_size=200), st.data())
def test_a_text_is_found_in_any_split(text: str, output: str, data: st.DataObject) -> None:
    """With an overlap of its length, less one."""
    places = data.draw(st.lists(st.integers(0), max_size=20))
    facts = facts_of(OutputDecoder([Pattern(text)], window=8), split(output.encode(), places))

    lines = [line for line in output.split("\n") if text in line]
    assert sum(isinstance(one, LogMatched) for one in facts) == len(lines)


@given(EXPRESSIONS, LINES, LINES)
def test_an_attempt_depends_on_no_more_than_its_reach(
    expression: str, before: str, after: str
) -> None:
    """Where both sides have a bound, what lies beyond them changes nothing."""
    reach = reach_of(expression)
    if max(reach.ahead, reach.behind) >= UNBOUNDED:
        return
    near_before = before[len(before) - reach.behind :] if reach.behind <= len(before) else None
    near_after = after[: reach.ahead] if reach.ahead <= len(after) else None
    if near_before is None or near_after is None:
        return
    compiled = re.compile(expression)
    # One character stands for the rest, so that no end of a line comes nearer.
    near = "x" + near_before

    far_match = compiled.match("x" + before + after + "x", 1 + len(before))
    near_match = compiled.match(near + near_after + "x", len(near))

    assert (far_match is None) == (near_match is None)


@pytest.mark.parametrize(
    ("expression", "reach"),
    [
        ("ready", Reach(width=5, ahead=5)),
        ("^ready$", Reach(width=5, ahead=6, behind=1, steady=False)),
        (r"\bPANIC", Reach(width=5, ahead=5, behind=1, steady=False)),
        ("a{2,4}(?:b|cd)", Reach(width=6, ahead=6)),
        ("(?<=ab)c", Reach(width=1, ahead=1, behind=2)),
        ("a(?=bc)", Reach(width=1, ahead=3, steady=False)),
        ("a.*b", Reach(width=UNBOUNDED, ahead=UNBOUNDED)),
        (r"(a)\1", Reach(width=UNBOUNDED, ahead=UNBOUNDED)),
    ],
)
def test_the_reach_of_an_expression(expression: str, reach: Reach) -> None:
    """Read off the parser of `re`."""
    assert reach_of(expression) == reach


def test_every_byte_of_a_long_line_is_matched() -> None:
    """Wherever it stands in a line of 192 KiB, and in whatever pieces that comes."""
    text, expression = Pattern("PANIC"), Pattern(r"P[A-Z]+?IC\b", regex=True)
    ends = Pattern("DONE$", regex=True)
    for place in (0, 7_000, WINDOW - 3, WINDOW, 2 * WINDOW + 1, 3 * WINDOW):
        line = b"x" * place + b" PANIC " + b"x" * (3 * WINDOW - place) + b"DONE"
        pieces = [line[at : at + 5_000] for at in range(0, len(line), 5_000)]

        facts = facts_of(OutputDecoder([text, expression, ends]), pieces)

        found = {one.pattern: one.line for one in facts if isinstance(one, LogMatched)}
        assert text in found
        assert ends in found
        assert "PANIC" in found[text]
        assert expression in found or any(isinstance(one, LineTooLong) for one in facts)


@pytest.mark.parametrize(
    ("expression", "too_long"),
    [("begin.*end", True), ("[0-9]+ errors", True), ("PANIC: .{1,80}!", False), ("^x+$", True)],
)
def test_a_match_that_may_be_too_long_is_said_to_be(expression: str, *, too_long: bool) -> None:
    """Where it is not found in a line beyond the window, and a match has no longest."""
    pattern = Pattern(expression, regex=True)
    pieces = [b"begin", *[b"-" * 10_000] * 25, b"end\n", b"begin end\n"]

    facts = facts_of(OutputDecoder([pattern]), pieces)

    assert any(isinstance(one, LineTooLong) for one in facts) == too_long
    assert any(isinstance(one, LogMatched) for one in facts) == (expression == "begin.*end")


def test_the_beginning_of_a_line_is_not_where_its_head_was_forgotten() -> None:
    """Nor does look-behind see what is not there any more."""
    begins = Pattern("^-", regex=True)
    alone = Pattern("(?<!-)-", regex=True)
    pieces = [b"x", *[b"-" * 10_000] * 40, b"\n"]

    facts = facts_of(OutputDecoder([begins, alone]), [b"=" + pieces[0], *pieces[1:]])

    found = [one.pattern for one in facts if isinstance(one, LogMatched)]
    assert found == [alone]
    assert not any(isinstance(one, LogMatched) for one in facts_of(OutputDecoder([begins]), pieces))


def test_the_end_of_what_has_come_is_not_the_end_of_the_line() -> None:
    """`$` is at the newline, or where the stream ends; a prompt needs neither."""
    ready = Pattern("^ready$", regex=True)
    prompt = Pattern("name: ?", regex=True)
    decoder = OutputDecoder([ready, prompt])

    def matched(piece: bytes) -> list[Pattern]:
        facts = decoder.feed(Output(1, "init", Stream.STDOUT, piece))
        return [one.pattern for one in facts if isinstance(one, LogMatched)]

    assert not matched(b"ready")
    assert not matched(b" to go\nready")
    assert matched(b"\n") == [ready]
    assert matched(b"name: ") == [prompt]
    assert not matched(b"x\nready")
    last = [one.pattern for one in decoder.end(2, "init") if isinstance(one, LogMatched)]
    assert last == [ready]


def test_a_new_start_begins_a_new_line() -> None:
    """The last words of the init before it are a line of their own."""
    one = Pattern("onetwo")
    decoder = OutputDecoder([one])

    facts = [
        *decoder.feed(Output(1, "init", Stream.STDOUT, b"one")),
        *decoder.feed(Output(2, "init-2", Stream.STDOUT, b"two\n")),
        *decoder.end(3, "init"),
    ]

    assert not any(isinstance(fact, LogMatched) for fact in facts)


def test_a_line_in_very_many_pieces_is_kept_no_longer_than_it_is_needed() -> None:
    """So that each character is read but a few times, by a text or what has a longest match."""
    search = LineSearch([Pattern("zz"), Pattern("[yz]{3}$", regex=True)])
    for _ in range(1000):
        assert not list(search.add("x" * 50))
        assert not list(search.settle())
        assert len(search.kept) < 10
    search = LineSearch([Pattern("y.*z", regex=True)])
    for _ in range(10_000):
        list(search.add("x" * 50))
        assert len(search.kept) <= WINDOW


@given(EXPRESSIONS, LINES)
def test_the_core_of_an_expression_is_found_in_the_same_lines(expression: str, line: str) -> None:
    """`.*` at its ends matches nothing at all as well."""
    assert bool(re.search(expression, line)) == bool(re.search(core_of(expression), line))


@pytest.mark.parametrize(
    ("expression", "core"),
    [
        (".*PANIC.*", "PANIC"),
        (".*?a.*?", "a"),
        (".*", ""),
        (r"a\.*", r"a\.*"),
        (".*a|b", ".*a|b"),
        ("(.*)a", "(.*)a"),
    ],
)
def test_the_core_is_without_what_matches_everything(expression: str, core: str) -> None:
    """And only at the ends of the whole expression."""
    assert core_of(expression) == core
