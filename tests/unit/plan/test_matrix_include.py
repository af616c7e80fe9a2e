"""`include` of a matrix, as GitHub Actions documents it, and axes that change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.errors import InvalidScenarios
from runner.language.yaml_text import read
from runner.plan.load import load_cases
from runner.plan.matrix import rows

# The example of "Workflow syntax for GitHub Actions", jobs.<job_id>.strategy.matrix.include.
FRUITS = """\
fruit: [apple, pear], animal: [cat, dog], include: [{color: green}, {color: pink, animal: cat},
{fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]"""


def rows_of(matrix: str) -> list[dict[str, object]]:
    """Give the values of each row."""
    (document,), _ = read("x.yml", f"matrix: {{{matrix}}}\n".encode())
    found, problems = rows(document)
    assert not problems
    return [dict(row.values) for row in found]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (
            FRUITS,
            [
                {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
                {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
                {"fruit": "pear", "animal": "cat", "color": "pink"},
                {"fruit": "pear", "animal": "dog", "color": "green"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"},
            ],
        ),
        (
            "include: [{signal: TERM, code: 0}, {signal: HUP, code: 129}]",
            [{"signal": "TERM", "code": 0}, {"signal": "HUP", "code": 129}],
        ),
        ("include: [{a: 1}, {a: 1, b: 2}]", [{"a": 1}, {"a": 1, "b": 2}]),
        ("a: [1, 2], include: [{a: 3}]", [{"a": 1}, {"a": 2}, {"a": 3}]),
        ("a: [1, 2], exclude: [{a: 1}], include: [{a: 1, b: 4}]", [{"a": 2}, {"a": 1, "b": 4}]),
        ("a: [1], exclude: [{a: 1}], include: [{a: 2}]", [{"a": 2}]),
        ("a: [1, true], include: [{a: true, b: 2}]", [{"a": 1}, {"a": True, "b": 2}]),
    ],
    ids=["documented", "alone", "none added to another", "a new row", "excluded", "only", "true"],
)
def test_include_does_what_github_actions_does(
    matrix: str, expected: list[dict[str, object]]
) -> None:
    """Added where it contradicts no axis, else a row of its own, after `exclude`."""
    assert rows_of(matrix) == expected


SCENARIO = """\
name: x
{top}
container: {{image: app}}
steps: [{{signal: "{{{{ signal }}}}", expect: {{init: running}}}}]
"""


@pytest.mark.parametrize(
    ("top", "what"),
    [
        ("matrix: {signal: [TERM], code: [1]}", "no placeholder names the axis 'code'"),
        ("matrix: {include: [{signal: TERM, code: 1}]}", "no placeholder names the axis 'code'"),
        (
            "matrix: {signal: [TERM], code: [1], exclude: [{signal: HUP, code: 2}]}",
            "no placeholder names the axis 'code'",
        ),
        ("matrix: {include: {signal: TERM}}", "expected a list of rows to include, not a mapping"),
        ("matrix: {include: [TERM]}", "expected a mapping of axes in include, not a text"),
        ("matrix: {include: []}", "include is empty"),
        ("matrix: {include: [{signal: }]}", "expected a value or a mapping, not nothing"),
        ("matrix: {include: [{a b: 1}]}", "'a b' cannot be the name of an axis"),
    ],
)
def test_a_row_or_an_axis_that_makes_no_sense_is_refused(
    top: str, what: str, tmp_path: Path
) -> None:
    """A typo never means that nothing was checked."""
    path = tmp_path / "x.yml"
    path.write_text(SCENARIO.format(top=top), encoding="utf-8")

    with pytest.raises(InvalidScenarios) as caught:
        load_cases([str(path)])

    assert what in caught.value.problems[0].what


@pytest.mark.parametrize(
    "use",
    ['name: "{{ code }}"', "when: code == 1", "vars: {v: '{{ code }}'}", "why: 'a {{ code }}'"],
)
def test_an_axis_is_named_by_any_placeholder_or_expression(use: str, tmp_path: Path) -> None:
    """In a step, in a variable, in a `when`."""
    path = tmp_path / "x.yml"
    text = SCENARIO.format(top=f"matrix: {{signal: [TERM], code: [1]}}\n{use}")
    path.write_text(text.replace("name: x\n", "") if "name" in use else text, encoding="utf-8")

    assert load_cases([str(path)])
