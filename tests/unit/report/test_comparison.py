"""`--compare`: what broke, what got fixed, and which shutdown times moved."""

from __future__ import annotations

import dataclasses

import pytest

from runner.model.result import CaseResult
from runner.model.summary import summary_of
from runner.report.comparison import compare, lines_of
from tests.support.results import ERRORED, FAILED, PASSED, named, run_of


def compared(old: list[CaseResult], new: list[CaseResult]) -> tuple[bool, list[str]]:
    """Whether it is worse, and what is said."""
    comparison = compare(summary_of(run_of(*old)), summary_of(run_of(*new)))
    return comparison.worse, list(lines_of(comparison))


def stopped(took_s: float) -> CaseResult:
    """A case whose shutdown took so long."""
    steps = tuple(dataclasses.replace(one, shutdown_s=took_s) for one in PASSED.steps[:1])
    return dataclasses.replace(PASSED, steps=steps)


def test_the_same_has_only_a_last_line() -> None:
    """Nothing differs."""
    worse, lines = compared([PASSED], [PASSED])

    assert not worse
    assert lines == ["0 broken, 0 fixed, 0 still failing, 0 new, 0 gone, 0 shutdown times moved"]


def test_each_change_is_named_with_its_reason() -> None:
    """Broken first; cases are told apart by file and name."""
    old = [named(PASSED, "a"), named(FAILED, "b"), named(ERRORED, "c"), named(PASSED, "gone")]
    new = [named(FAILED, "a"), named(PASSED, "b"), named(ERRORED, "c"), named(PASSED, "new")]

    worse, lines = compared(old, new)

    assert worse
    assert [line.split()[0] for line in lines[:-1:2]] == [
        *("BROKEN", "FIXED", "STILL", "NEW", "GONE")
    ]
    where = PASSED.case.where
    assert lines[0] == f"BROKEN  {where.path}:{where.line}  a"
    assert lines[1].startswith("        passed, now failed: expected init exited 0; saw")
    assert lines[3].startswith("        now passed; was failed: expected init exited 0; saw")
    assert lines[-1].startswith("1 broken, 1 fixed, 1 still failing, 1 new, 1 gone, 0 shutdown")


@pytest.mark.parametrize(
    ("old_s", "new_s", "moved"),
    [
        (0.02, 0.06, False),
        (0.02, 0.08, True),
        (2.0, 2.3, False),
        (2.0, 2.5, True),
        (10.2, 0.05, True),
    ],
)
def test_a_time_has_moved_by_more_than_noise(old_s: float, new_s: float, *, moved: bool) -> None:
    """By more than 50 ms and more than a fifth; that alone makes nothing worse."""
    worse, lines = compared([stopped(old_s)], [stopped(new_s)])

    assert not worse
    assert lines[-1].endswith("1 shutdown time moved" if moved else "0 shutdown times moved")
    if moved:
        assert lines[0].startswith("TIME    ")
        assert " -> " in lines[1]


def test_a_new_case_that_fails_makes_it_worse_and_a_fixed_one_does_not() -> None:
    """As for the exit code."""
    assert compared([], [FAILED])[0]
    assert not compared([FAILED], [PASSED])[0]
    assert not compared([FAILED], [FAILED])[0]
