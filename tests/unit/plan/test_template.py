"""Placeholders: what they come to, and what they may not do."""

from __future__ import annotations

import pickle
from pathlib import Path as FilePath

import pytest

from runner.plan.load import load_cases
from runner.plan.template import fill_in
from runner.spec.plain import Path, Plain


def filled(value: Plain, variables: dict[str, Plain]) -> tuple[Plain, list[str]]:
    """Fill in, and what was said about it."""
    said: list[str] = []

    def report(_path: Path, what: str, _advice: str) -> None:
        said.append(what)

    return fill_in(value, variables, report), said


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ n }}", 3), ("{{ yes }}", True), ("{{ none }}", None), ("n={{ n }}", "n=3"),
        ("{{ words }}", ["a", "b"]), ("{{ words | map('upper') }}", ["A", "B"]),
        ("{{ range(2) }}", [0, 1]), ("{{ (1, 2) }}", [1, 2]),
        ("{{ {1: words} }}", {"1": ["a", "b"]}),
        ("{{ deep.key }}", "v"), ("$HOME ${X}", "$HOME ${X}"),
        ("{% raw %}{{.State}}{% endraw %}", "{{.State}}"),
    ],
)  # fmt: skip
def test_a_single_placeholder_gives_plain_data(template: str, value: Plain) -> None:
    """The type of what it stands for; what filters give step by step is a list."""
    variables: dict[str, Plain] = {"n": 3, "yes": True, "words": ["a", "b"], "deep": {"key": "v"}}

    assert filled(template, variables) == (value, [])


@pytest.mark.parametrize(
    "template",
    ["{{ 9 ** 9 ** 9 }}", "{{ range }}", "{{ ''.__class__ }}", "{{ nothing }}", "{{ 1 + }}",
     "{{ 1 / 0 }}"],
)  # fmt: skip
def test_what_cannot_be_filled_in_is_told(template: str) -> None:
    """Never a traceback, never a hang, nothing of Python's inside."""
    value, said = filled(template, {})

    assert value == template
    assert len(said) == 1


def test_a_case_stays_plain_whatever_its_variables_come_to(tmp_path: FilePath) -> None:
    """It may be sent to another process."""
    file = tmp_path / "x.yml"
    file.write_text(
        "name: x\nvars: {a: \"{{ [1] | map('string') }}\"}\ncontainer: {image: app}\n"
        "steps: [{expect: {init: running}}]\n",
        encoding="utf-8",
    )
    cases = load_cases([str(file)])

    assert pickle.loads(pickle.dumps(cases)) == cases  # noqa: S301
    assert cases[0].variables == {"a": ["1"]}
