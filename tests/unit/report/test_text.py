"""Making foreign text safe, and numbers readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.report.text import (
    cell,
    clean,
    code,
    code_cell,
    fence,
    head_and_tail,
    prose,
    scenario_title,
    seconds,
    shortened,
)

ANY = st.text(st.characters(exclude_categories=()), max_size=60)


def test_escape_sequences_and_control_characters_go() -> None:
    """Colours and titles of terminals, NUL, lone surrogates, carriage returns."""
    text = "\x1b[31mred\x1b[0m \x1b]0;title\x07x\x00\ud800\r\ny\rz"

    assert clean(text) == "red x\ufffd\ufffd\ny\nz"


@given(ANY)
def test_clean_text_is_allowed_in_xml(text: str) -> None:
    """Whatever comes in."""
    assert all(c in "\t\n\x85" or c >= " " for c in clean(text))
    assert clean(clean(text)) == clean(text)


@given(ANY)
def test_a_cell_stays_in_its_cell(text: str) -> None:
    """No line break and no bare bar."""
    made = cell(text)

    assert "\n" not in made
    assert "|" not in made.replace("\\|", "")


@given(st.text("`a\n ", max_size=30))
def test_a_fence_is_longer_than_what_it_holds(text: str) -> None:
    """So that no run of back-ticks inside can end it."""
    first = fence(text).split("\n", 1)[0].removesuffix("text")

    assert set(first) == {"`"}
    assert first not in fence(text)[len(first) : -len(first)]
    assert bool(code(text)) == bool(text.strip())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0004, "0.4 ms"),
        (0.0211, "21 ms"),
        (1.046, "1.05 s"),
        (59.9, "59.90 s"),
        (125, "2 min 5 s"),
    ],
)
def test_times_are_for_people(value: float, shown: str) -> None:
    """As many digits as mean something."""
    assert seconds(value) == shown


def test_long_text_keeps_head_and_tail() -> None:
    """And says how much is gone."""
    cut = head_and_tail("a" * 50 + "b" * 50, 20)

    assert cut == "a" * 10 + "\n[... 80 bytes omitted ...]\n" + "b" * 10
    assert head_and_tail("short", 20) == "short"


def test_a_cut_counts_bytes_and_keeps_characters_whole() -> None:
    """Limits of readers are in bytes."""
    cut = head_and_tail("é" * 50, 21)

    assert cut == "é" * 5 + "\n[... 80 bytes omitted ...]\n" + "é" * 5


def test_a_long_line_keeps_both_ends() -> None:
    """What matters may stand at either."""
    assert shortened("a" * 50 + "b" * 50, 13) == "aaaaa … bbbbb"
    assert shortened("short", 13) == "short"


def test_what_users_put_in_back_ticks_stays_code() -> None:
    """And nothing else in their prose is read as Markdown."""
    assert prose("`kill -l` *lists* <64> $PATH") == "`kill -l` \\*lists\\* &lt;64&gt; \\$PATH"
    assert prose("one ` alone") == "one \\` alone"


def test_a_bar_in_code_stays_in_its_cell() -> None:
    """Tables are cut at bars before code is looked for."""
    assert code_cell("a|b`") == "`` a\\|b` ``"


def test_a_placeholder_in_a_name_is_shown_as_in_a_manual_page() -> None:
    """A heading is for people, who need not know how a scenario is written."""
    assert scenario_title("{{ signal }} to {{-a.b-}}\nand {{x | upper}}") == (
        "<signal> to <a.b> and <x | upper>"
    )
    assert scenario_title("{ a } }}") == "{ a } }}"
