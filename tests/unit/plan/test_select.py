"""Selection: which cases, which part of them, and how often."""

from __future__ import annotations

from runner.model.case import Case, absolute
from runner.model.expectation import InitIs, InitState
from runner.plan.select import Selection, repeated, select, shard
from tests.support.cases import case, snapshot

RUNNING = snapshot(InitIs(InitState.RUNNING))
CASES = [case(RUNNING, name=f"case {number}") for number in range(100)]


def test_without_a_wish_every_case_is_selected_once() -> None:
    """In order."""
    assert [one.name for one in select(CASES, Selection())] == [one.name for one in CASES]


def test_only_cases_of_the_given_names_are_selected() -> None:
    """None are none, which is not the same as no wish."""
    path = CASES[0].where.path
    only = {absolute((path, name)) for name in ("case 7", "case 3", "gone")}
    only.add(absolute(("other.yml", "case 5")))

    chosen = select(CASES, Selection(only=only))

    assert [one.name for one in chosen] == ["case 3", "case 7"]
    assert select(CASES, Selection(only=())) == ()


def test_every_run_of_a_case_is_in_the_shard_of_the_case() -> None:
    """The part is chosen before the case is repeated; a timeout goes for each run."""
    first = CASES[0]
    number = next(one for one in (1, 2) if shard([first], one, 2))

    chosen = select([first], Selection(shard=(number, 2), repeat=2, timeout_s=3.0))

    assert [one.name for one in chosen] == ["case 0 (run 1 of 2)", "case 0 (run 2 of 2)"]
    assert {one.timeout_s for one in chosen} == {3.0}


def test_every_case_is_in_one_shard_and_stays_there() -> None:
    """Whatever other cases there are."""
    parts = [shard(CASES, number, 4) for number in range(1, 5)]

    assert sorted(one.name for part in parts for one in part) == sorted(one.name for one in CASES)
    assert all(len(part) > 10 for part in parts)
    assert shard(CASES[:50], 2, 4) == tuple(one for one in parts[1] if one in CASES[:50])


def test_repeated_cases_have_names_of_their_own() -> None:
    """So that reports keep them apart."""
    once: list[Case] = [case(name="a")]

    assert repeated(once, 1) == tuple(once)
    assert [one.name for one in repeated(once, 2)] == ["a (run 1 of 2)", "a (run 2 of 2)"]
