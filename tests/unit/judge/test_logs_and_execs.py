"""`logs` and `exec`: what was not kept is never said to be missing."""

from __future__ import annotations

import pytest

from runner.judge.condition import CheckContext, CheckResult
from runner.judge.conditions import evaluate
from runner.model.engine_facts import ContainerStarted
from runner.model.expectation import ExecEndedWith, LogsHave, Pattern
from runner.model.observation import (
    ExecEnded,
    ExecStarted,
    LineTooLong,
    LogMatched,
    LogsEnded,
    Observation,
)
from tests.support.histories import MS, history

FIRST = Pattern("a.*b", regex=True)
SECOND = Pattern("second")
THIRD = Pattern("third")
LONG = LineTooLong(2 * MS, FIRST, 70_000)


def at_scene(*facts: Observation, of_step: bool = False, began_ms: int = 0) -> CheckContext:
    """Look at logs or an exec after some facts."""
    began_ns = began_ms * MS
    return CheckContext(history(ContainerStarted(0), *facts), began_ns, began_ns, 99 * MS, of_step)


def matched(at_ms: int, pattern: Pattern, line: int = 0) -> LogMatched:
    """A pattern is found in a line."""
    return LogMatched(at_ms * MS, pattern, "the line", line)


def verdict(result: CheckResult) -> str:
    """Give in one word what is seen."""
    if result.known:
        return f"{result.holds} for good" if result.final else str(result.holds)
    return "unknown for good" if result.final else "unknown"


@pytest.mark.parametrize(
    ("check", "facts", "expected"),
    [
        (LogsHave(absent=(FIRST,)), [], "True"),
        (LogsHave(absent=(FIRST,)), [LONG], "unknown for good"),
        (LogsHave(absent=(FIRST,)), [LONG, matched(3, FIRST)], "False for good"),
        (LogsHave(absent=(SECOND,)), [LONG], "True"),
        (LogsHave(contains=(FIRST,)), [], "False"),
        (LogsHave(contains=(FIRST,)), [LONG], "unknown"),
        (LogsHave(contains=(FIRST,)), [LONG, LogsEnded(9 * MS)], "unknown for good"),
        (LogsHave(contains=(FIRST,)), [LONG, matched(3, FIRST)], "True"),
        (LogsHave(contains=(SECOND,)), [LONG], "False"),
        (LogsHave(in_order=(FIRST, SECOND)), [matched(1, SECOND)], "False"),
        (LogsHave(in_order=(FIRST, SECOND)), [LONG, matched(1, SECOND)], "unknown"),
        (LogsHave(in_order=(FIRST, SECOND)), [matched(1, FIRST), matched(2, SECOND)], "True"),
    ],
)
def test_a_line_that_is_too_long_is_judged_only_by_what_was_found(
    check: LogsHave, facts: list[Observation], expected: str
) -> None:
    """`absent` cannot be said of it; what is missing may yet come in another line."""
    result = evaluate(check, at_scene(*facts))

    assert verdict(result) == expected
    assert result.known or "more than 70,000 characters" in result.seen


def test_of_several_lines_that_must_not_be_the_first_one_is_shown() -> None:
    """Of each text one is enough."""
    lines = [LogMatched(at * MS, SECOND, f"the line {at}") for at in (1, 2)]

    result = evaluate(LogsHave(absent=(SECOND,)), at_scene(*lines))

    assert (result.holds, result.seen) == (False, "the line 'the line 1'")


@pytest.mark.parametrize("check", [LogsHave((SECOND,)), LogsHave(in_order=(SECOND,))])
def test_of_several_lines_with_a_text_the_last_one_is_shown(check: LogsHave) -> None:
    """With its time."""
    lines = [LogMatched(at * MS, SECOND, f"the line {at}") for at in (1, 2)]

    result = evaluate(check, at_scene(*lines))

    assert (result.seen, result.at_ns) == ("logs have 'the line 2'", 2 * MS)


@pytest.mark.parametrize(
    ("lines", "holds"), [((1, 1), True), ((1, 2), False), ((0, 0), False), ((2, 1), False)]
)
def test_matches_of_one_line_are_in_any_order(lines: tuple[int, int], *, holds: bool) -> None:
    """The pieces in which it came make no difference; lines themselves are in order."""
    facts = [matched(1, SECOND, lines[0]), matched(2, FIRST, lines[1])]

    assert evaluate(LogsHave(in_order=(FIRST, SECOND)), at_scene(*facts)).holds == holds
    assert evaluate(LogsHave(in_order=(SECOND, FIRST)), at_scene(*facts)).holds


def test_one_match_stands_for_one_text_in_order() -> None:
    """The same text twice in order asks for two lines with it."""
    twice = LogsHave(in_order=(SECOND, FIRST, SECOND))
    one_line = [matched(1, SECOND, 1), matched(1, FIRST, 1)]

    assert not evaluate(twice, at_scene(*one_line)).holds
    assert evaluate(twice, at_scene(*one_line, matched(2, SECOND, 2))).holds


def test_the_last_text_in_order_is_one_of_the_step() -> None:
    """An earlier line does not count for it, and another one after the step does."""
    check = LogsHave(in_order=(FIRST, SECOND))
    before = [matched(1, FIRST, 1), matched(2, SECOND, 2)]

    early = evaluate(check, at_scene(*before, of_step=True, began_ms=3))
    late = evaluate(check, at_scene(*before, matched(4, SECOND, 3), of_step=True, began_ms=3))

    assert (early.holds, late.holds) == (False, True)


def test_a_program_that_still_runs_has_not_ended_with_anything() -> None:
    """It may yet; of one that was never started, nothing will be known."""
    ended_with = ExecEndedWith((0,))

    assert verdict(evaluate(ended_with, at_scene(ExecStarted(1 * MS, 0, ("x",))))) == "False"
    assert verdict(evaluate(ended_with, at_scene())) == "unknown for good"


@pytest.mark.parametrize(
    ("cut", "cut_stderr", "pattern", "expected"),
    [
        (0, 0, Pattern("gone"), "False for good"),
        (9, 0, Pattern("gone"), "unknown for good"),
        (9, 9, Pattern("gone"), "False for good"),
        (9, 0, Pattern("kept"), "True for good"),
        (9, 0, Pattern("ail"), "True for good"),
        (9, 0, Pattern("^ail", regex=True), "unknown for good"),
        (0, 0, Pattern("^ail", regex=True), "True for good"),
    ],
)
def test_what_an_exec_wrote_and_is_not_kept_is_not_missing(
    cut: int, cut_stderr: int, pattern: Pattern, expected: str
) -> None:
    """The first line that is kept may lack its beginning."""
    ended = ExecEnded(2 * MS, 0, 0, "ail\nkept\n", "", cut=cut, cut_stderr=cut_stderr)
    context = at_scene(ExecStarted(1 * MS, 0, ("x",)), ended)

    result = evaluate(ExecEndedWith((0,), stdout=(pattern,)), context)
    assert verdict(result) == expected
    assert ("it exited 0" in result.seen) is result.holds
    assert verdict(evaluate(ExecEndedWith((1,), stdout=(pattern,)), context)) == "False for good"


def test_what_comes_next_in_order_may_stand_in_the_line_of_the_last_one() -> None:
    """Not only in that of the first one."""
    in_line = [matched(1, THIRD, 1), matched(2, SECOND, 2), matched(2, FIRST, 2)]

    assert evaluate(LogsHave(in_order=(THIRD, FIRST, SECOND)), at_scene(*in_line)).holds
