"""Any result at all: every record of the model with any text, as hypothesis can think of them."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from hypothesis import strategies as st

from runner.kernel.signals import ALL_SIGNALS, Signal
from runner.model.case import READY, Case, CaseContainer
from runner.model.observation import Observation
from runner.model.result import CaseResult, RunResult, StepResult

NASTY: Final = (
    "]]> <&\"'> </details> <!--",
    "\x00 \x0b \x1b[31mred\x1b[0m \x1b]0;title\x07",
    "a|b \\| `c` ``d`` $e$ @f #g ~h~ *i* _j_ [k](l)",
    "\ud800 \udcff \uffff \x85 \u2028",
    "first\nsecond\r\nthird\rfourth",
    "```\n~~~\n| a | b |\n|---|---|",
    "%% ; end # : -->>",
)
"""What has broken reports of one kind or another."""

TEXTS: Final = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=()), max_size=20)
)

Kind: TypeAlias = Any
"""An annotation of a field."""

_SIMPLE: Final[Mapping[Kind, st.SearchStrategy[Any]]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(0, 2**63 - 1),
    float: st.floats(0, 1e6, allow_nan=False),
    type(None): st.none(),
    Signal: st.sampled_from(ALL_SIGNALS),
    # Variables of a scenario: whatever plain data YAML holds.
    Any: st.none() | st.integers(0, 9) | TEXTS | st.lists(TEXTS, max_size=2),
}


@cache
def anything(kind: Kind) -> st.SearchStrategy[Any]:
    """Values of an annotation of the model."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if kind in _SIMPLE:
        made = _SIMPLE[kind]
    elif origin is Literal:
        made = st.sampled_from(arguments)
    elif origin in {typing.Union, types.UnionType}:
        made = st.one_of(*map(anything, arguments))
    elif origin is Mapping:
        made = st.dictionaries(*map(anything, arguments), max_size=2)
    elif origin is tuple and arguments[-1] is ...:
        made = st.lists(anything(arguments[0]), max_size=2).map(tuple)
    elif origin is tuple:
        made = st.tuples(*map(anything, arguments))
    else:
        made = st.sampled_from(kind) if issubclass(kind, enum.Enum) else record(kind)
    return made


def record(kind: Kind, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Records of a class; the strategies given stand in for those of the fields' types."""
    hints = typing.get_type_hints(kind)
    names = [one.name for one in dataclasses.fields(kind)]
    # A fact may only name a step that there is; that it gets ready is true of every case.
    usual = {"step": st.just(READY)} if "step" in names else {}
    rest = {name: anything(hints[name]) for name in names if name not in {*usual, *given}}
    return st.builds(kind, **usual, **given, **rest)


OBSERVATIONS: Final = st.one_of(*map(record, typing.get_args(Observation)))


@st.composite
def case_results(draw: st.DrawFn) -> CaseResult:
    """One case, with a verdict for each of its steps and facts of any kind."""
    name = TEXTS.map(lambda text: f"a case {text}")
    containers = st.dictionaries(TEXTS, record(CaseContainer), min_size=1, max_size=2)
    case = draw(record(Case, name=name, containers=containers))
    steps = st.lists(
        record(StepResult), min_size=len(case.all_steps), max_size=len(case.all_steps)
    ).map(tuple)
    timeline = st.lists(OBSERVATIONS, max_size=3).map(tuple)
    return draw(record(CaseResult, case=st.just(case), steps=steps, timeline=timeline))


RESULTS: Final[st.SearchStrategy[RunResult]] = record(
    RunResult, cases=st.lists(case_results(), min_size=1, max_size=2).map(tuple)
)
