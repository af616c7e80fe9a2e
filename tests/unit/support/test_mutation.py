"""Which one-line mutants there are, which tests are chosen for one, and how one is tried."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FunctionType

import pytest

from benchmarks.mutants import Tally, chosen_for, drawn
from tests.support.covering_tests import Covered
from tests.support.mutant_copy import ROOT, Fate
from tests.support.mutant_plugin import replace_code
from tests.support.mutation import Mutant, mutants_of
from tests.support.type_checked import refused

PATH = "runner/kernel/some.py"


def changes(text: str) -> list[tuple[str, str, str]]:
    """Say what the mutants of a module change."""
    return [(one.operator, one.before, one.after) for one in mutants_of(PATH, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a == b", ["a != b"]),
        ("a != b", ["a == b"]),
        ("a < b", ["a <= b", "a >= b"]),
        ("a <= b", ["a < b", "a > b"]),
        ("a > b", ["a <= b", "a >= b"]),
        ("a >= b", ["a < b", "a > b"]),
        ("a is b", ["a is not b"]),
        ("a is not b", ["a is b"]),
        ("a in b", ["a not in b"]),
        ("a not in b", ["a in b"]),
        ("a < b < c", ["a < b <= c", "a < b >= c", "a <= b < c", "a >= b < c"]),
        ("a and b", ["a or b", "b", "a"]),
        ("a or b or c", ["a and b and c", "b or c", "a or c", "a or b"]),
        ("not a", ["a"]),
        ("True", ["False"]),
        ("False", ["True"]),
        ("0", ["-1", "1"]),
        ("11", []),
        ("f(1)", ["0", "2"]),
        ("min(a)", ["max"]),
        ("all(a)", ["any"]),
        ("a.min(b)", []),
        ("[a for a in b if a]", ["not a"]),
        ("a if b else c", ["not b"]),
        ("f'{a == 1}'", []),
        ("zip(a, b, strict=True)", []),
        ("assert_never(a == b)", []),
    ],
)
def test_an_expression_has_these_mutants(text: str, expected: Sequence[str]) -> None:
    """Each is another expression; texts, and what does nothing at run time, have none."""
    assert sorted(expected) == sorted(after for _, _, after in changes(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if a: b", [("negate condition", "a", "not a")]),
        ("if a == b: c", [("comparison", "a == b", "a != b")]),
        ("if not a: b", [("drop not", "not a", "a")]),
        ("if TYPE_CHECKING: a = 1", []),
        ("match a:\n case 1 if b: pass", [("drop guard", "b", "True")]),
        ("def f() -> int | None: return a", [("return None", "a", "None")]),
        ("def f() -> int: return a", []),
        ("def f() -> None: return", []),
        ("def f() -> int | None: return None", []),
        ("a: Literal[1] = b", []),
        ("A: TypeAlias = Literal[1]", []),
        ("@dataclass(frozen=True)\nclass A: pass", []),
        ("@dataclasses.dataclass(frozen=True)\nclass A: pass", []),
        ("def f(a: Literal[1]): pass", []),
        ('def f():\n "a == b"', []),
        ("from __future__ import annotations", []),
    ],
)
def test_a_statement_has_these_mutants(text: str, expected: Sequence[tuple[str, str, str]]) -> None:
    """Annotations, types, imports and docstrings have none."""
    assert expected == changes(text)


def test_a_mutant_differs_in_one_place_and_keeps_its_lines() -> None:
    """Also where the expression was on several, and behind letters of several bytes."""
    text = "x = 'é', [\n  a and\n  b,\n]\ny = c\n"

    dropped = next(one for one in mutants_of(PATH, text) if one.after == "b")

    assert (dropped.line, dropped.first, dropped.last) == (2, 1, 4)
    assert dropped.text == "x = 'é', [\n  (b\n),\n]\ny = c\n"
    assert ast.unparse(ast.parse(dropped.text)) == "x = ('é', [b])\ny = c"
    assert str(dropped) == "runner/kernel/some.py:2: drop clause: a and b -> b"


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("def f():\n return 1", True),
        ("f = lambda: 1", True),
        ("def f(a=1): pass", False),
        ("@f(1)\ndef g(): pass", False),
        ("class A:\n b = 1", False),
    ],
)
def test_defaults_and_decorators_are_outside_of_the_function(text: str, *, inside: bool) -> None:
    """They are carried out once, when the module is imported."""
    assert {inside} == {one.in_function for one in mutants_of(PATH, text)}


def mutant(text: str, after: str) -> Mutant:
    """Give the mutant of a module with this new expression."""
    return next(one for one in mutants_of(PATH, text) if one.after == after)


def test_functions_take_the_code_of_a_mutant() -> None:
    """Also those that are defined in others."""
    text = "def f(a):\n g = lambda b: a == b\n return g(1)\n"
    names: dict[str, FunctionType] = {}
    exec(compile(text, PATH, "exec"), names)  # noqa: S102
    place = (names["f"].__code__.co_qualname, 1)
    changed = compile(mutant(text, "a != b").text, PATH, "exec")

    before = names["f"](1)
    replaced = replace_code({place: [names["f"]]}, changed)

    assert (before, replaced, names["f"](1)) == (True, True, False)


def test_a_function_that_needs_other_variables_cannot_take_it() -> None:
    """What surrounds it does not keep them."""
    text = "def f(a, b):\n return lambda: a or b\n"
    names: dict[str, FunctionType] = {}
    exec(compile(text, PATH, "exec"), names)  # noqa: S102
    inner = names["f"](1, 2)
    changed = compile(mutant(text, "b").text, PATH, "exec")

    assert not replace_code({(inner.__code__.co_qualname, 2): [inner]}, changed)


COVERED = {
    "tests/unit/kernel/test_a.py::one": Covered(0.2, {PATH: frozenset({2})}),
    "tests/unit/kernel/test_a.py::two": Covered(0.1, {PATH: frozenset({2, 3})}),
    "tests/unit/kernel/test_b.py::one": Covered(0.3, {PATH: frozenset({2, 3})}),
    "tests/unit/judge/test_c.py::one": Covered(0.0, {PATH: frozenset({2, 3})}),
    "tests/unit/kernel/test_d.py::one": Covered(5.0, {PATH: frozenset({2})}),
    "tests/unit/kernel/test_e.py::one": Covered(0.0, {"other.py": frozenset({2})}),
}


def test_tests_of_the_room_come_first_and_of_each_file_in_turn_the_quickest() -> None:
    """Those for which there is no time are left out."""
    chosen = chosen_for(mutant("def f():\n return 1", "2"), COVERED)

    assert chosen == [
        "tests/unit/kernel/test_a.py::two",
        "tests/unit/kernel/test_b.py::one",
        "tests/unit/kernel/test_a.py::one",
        "tests/unit/judge/test_c.py::one",
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("def f():\n return [\n 1]", 3),  # the expression's own line
        ("def f():\n return [\n a,\n 1]", 5),  # a line of its statement
        ("\n\n\n\ndef f():\n return 1", 0),
        ("\n\n\n\na = 1", 5),  # any line of the file
    ],
)
def test_tests_go_through_the_line_or_the_statement(text: str, count: int) -> None:
    """What is carried out on import is tried with all tests that use the file."""
    assert len(chosen_for(mutant(text, "2"), COVERED)) == min(count, 4)


def test_the_seed_decides_which_are_drawn() -> None:
    """0 is all of them."""
    every = mutants_of(PATH, "a < b < c")

    assert drawn(every, 3, 1) == drawn(every, 3, 1)
    assert {len(drawn(every, count, 1)) for count in (0, 4, 9)} == {4}
    assert len({tuple(drawn(every, 2, seed)) for seed in range(20)}) > 1


@pytest.mark.parametrize(
    ("survivors", "refused", "enough"), [(0, 0, True), (1, 0, True), (2, 0, False), (3, 2, True)]
)
def test_nine_of_ten_have_to_be_killed(survivors: int, refused: int, *, enough: bool) -> None:
    """By the tests or by the type checker."""
    tally = Tally(10)
    every = [replace(mutant("1", "2"), line=number) for number in range(10)]
    for number, one in enumerate(every):
        tally.add(one, Fate.SURVIVED if number < survivors else Fate.KILLED)
    tally.refuse(every[:refused])

    assert tally.enough is enough
    assert tally.survivors == every[refused:survivors]
    assert f"{10 - survivors + refused}0.0%" in str(tally)


def test_the_type_checker_refuses_what_may_be_none(tmp_path: Path) -> None:
    """What it finds in the module itself does not count; one that changes no type passes."""
    text = "def f(a: str | None, b: int) -> int:\n    a.x\n"
    text += "    return len(a) if a is not None and b > 0 else b\n"
    (tmp_path / "runner/kernel").mkdir(parents=True)
    (tmp_path / PATH).write_text(text)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")

    both = [mutant(text, "b > 0"), mutant(text, "b >= 0")]

    assert refused(tmp_path, both) == [True, False]
    assert [one.name for one in (tmp_path / "runner/kernel").iterdir()] == ["some.py"]
