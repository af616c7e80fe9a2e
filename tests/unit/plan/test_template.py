"""Placeholders: what they come to, and what they may not do."""

from __future__ import annotations

import pickle
import time
import tracemalloc
from pathlib import Path as FilePath

import pytest

from runner.language.plain import Path, Plain
from runner.plan.load import load_cases
from runner.plan.template import fill_in
from tests.support.work import reference_s


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


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'x' * 10**9 }}", "{{ 'x' * 1000000000 }}", "{{ [1] * 1000000000 }}",
        "{{ 99999 * 99999 * 99999 * 99999 }}", "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}", "{{ 'x'.center(1000000000) }}",
        "{{ 'x'.ljust(1000000000) }}", "{{ 'x' | center(1000000000) }}",
        "{{ 'x' | indent(1000000000) }}", "{{ '%1000000000d' | format(1) }}",
        "{{ [1] | batch(1000000000, 0) | list }}", "{{ 1.5 | round(1000000000) }}",
        "{{ lipsum(1000000) }}", "{{ range(1000000000) }}", "{{ range(100000) | join(long) }}",
        "{{ many | join(long) }}", "{{ long | replace('', long) }}", "{{ long.replace('', long) }}",
        "{{ long ~ long }}", "{{ long }}{{ long }}", "{{ [many, many] }}", "{{ many + many }}",
        "{{ long | list }}{{ long | list }}", "{{ many | select('in', many) | list }}",
        "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "{% set a = 1 %}{{ a }}",
        "{% include 'x' %}", "{{ '" + "x" * 100_000 + "' }}", "{{ " + "(" * 3000 + " }}",
        "{{ " + "1+" * 3000 + "1 }}", "{{ " + "-" * 3000 + "1 }}",
        "{{ long" + " ~ long" * 90 + " }}", "{{ [[many] * 1000] | string }}",
        "{{ " * 6000, "{{ [many" + ", many" * 90 + "] | list | string }}",
    ],
    ids=lambda template: template[:40],
)  # fmt: skip
def test_no_placeholder_takes_long_or_much_memory(template: str) -> None:
    """It is refused, whatever it would come to, for the cost of some million additions."""
    variables: dict[str, Plain] = {"long": "y" * 90_000, "many": [0] * 90_000}
    unit_s = reference_s()
    tracemalloc.start()
    began_s = time.process_time()

    value, said = filled(template, variables)
    took_s = time.process_time() - began_s
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (value, len(said)) == (template, 1)
    assert took_s < 150 * unit_s
    assert peak < 100_000_000


def test_what_is_allowed_stays_allowed() -> None:
    """Conditions, filters and methods that make nothing larger."""
    template = "{% if a == 'x' %}{{ a | upper }}{% endif %}{{ a.startswith('x') }}{{ 'ab' * 2 }}"

    assert filled(template, {"a": "x"}) == ("XTrueabab", [])
    assert filled("{{ ['a', 'b'] | join('-') | replace('-', '+') }}", {}) == ("a+b", [])
