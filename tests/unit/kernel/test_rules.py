"""The rules of the kernel, as texts."""

from __future__ import annotations

import re

import pytest

from runner.kernel import rules_living, rules_sending
from runner.kernel.rules import Rule


def test_there_are_21_rules_in_order() -> None:
    """R0..R20, in the order in which the two modules of texts list them."""
    texts = [*rules_sending.RULES, *rules_living.RULES]

    assert [(f"R{number}", text) for number, text in enumerate(texts)] == [
        (rule.name, rule.text) for rule in Rule
    ]


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


def test_rules_are_found_by_name() -> None:
    """Names are unique; a rule prints as number and name."""
    assert {Rule.named(rule.short_name) for rule in Rule} == set(Rule)
    assert str(Rule.R5) == "R5 init-drop-at-send"
    with pytest.raises(KeyError):
        Rule.named("no-such-rule")
