"""The rules of the kernel, as texts."""

from __future__ import annotations

import re

import pytest

from runner.kernel.rules import Rule


def test_there_are_21_rules_in_order() -> None:
    """R0..R20, each with a text of its own."""
    assert [rule.name for rule in Rule] == [f"R{number}" for number in range(21)]
    assert len({rule.value for rule in Rule}) == 21


@pytest.mark.parametrize("rule", list(Rule))
def test_each_rule_has_a_whole_text(rule: Rule) -> None:
    """A kebab name, a short title, one sentence, a manual page or kernel file, a paragraph."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.short_name)
    assert len(rule.title) < 60
    assert rule.sentence.endswith(".")
    assert re.search(r"\w\(\d\)|kernel/\w+\.c", rule.source)
    assert len(rule.explanation) > 200
    assert "\n" not in rule.explanation


@pytest.mark.parametrize("rule", list(Rule))
def test_words_of_other_worlds_are_not_used(rule: Rule) -> None:
    """A signal is caught or dropped, not handled, trapped or swallowed (signal(7))."""
    words = f"{rule.title} {rule.sentence} {rule.explanation}".lower()

    assert not re.search(r"\b(handled|trapped|swallowed|main process)\b", words)


def test_names_of_rules_are_unique() -> None:
    """A rule prints as number and name."""
    assert len({rule.short_name for rule in Rule}) == 21
    assert str(Rule.R5) == "R5 init-drop-at-send"
