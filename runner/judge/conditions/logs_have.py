"""
`logs`: the container's output, line by line.

What is expected of a step that acts must have come of that step: a text, and the last text of
`in_order`, count only when printed after it. Once init was restarted, other steps ask for what
the new one has printed. `absent` and `in_order` speak of the whole output. Matches in one line are
in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.judge.condition import ENGINE, CheckContext, CheckResult, Condition
from runner.model.expectation import LogsHave, Pattern
from runner.model.observation import LineTooLong, LogMatched
from runner.model.verdict import Evidence


def evaluate(check: LogsHave, context: CheckContext) -> CheckResult:
    """Compare `logs` with the matches so far."""
    missing, present = _missing(check.contains, context), list(_present(check.absent, context))
    wrong = [*missing, *present, *_out_of_order(check.in_order, context)]
    blind = None if present else _too_long(check, context)
    if blind is not None:
        # A line that is yet to come may have what is missing, but none can take a line away.
        final = blind.pattern in check.absent or context.history.logs_ended
        seen = (
            f"a line of more than {blind.characters:,} characters is not kept whole, and "
            f"{blind.pattern} may match across it: look for a text, or an expression without "
            "`*`, `+` and the like"
        )
        return context.unknown(seen, Evidence.ENGINE, final=final)
    seen = "; ".join(wrong) if wrong else "logs have " + _seen_words(check, context)
    last_ns = context.history.matches[-1].at_ns if context.history.matches else context.since_ns
    at_ns = context.now_ns if wrong and not present else last_ns
    over = context.history.logs_ended and not context.history.may_restart
    return CheckResult(not wrong, seen, Evidence.ENGINE, at_ns, final=bool(present) or over)


def _too_long(check: LogsHave, context: CheckContext) -> LineTooLong | None:
    """Return a line that may have what was not found in it, where that would make a difference."""
    missed = {one for one in check.contains if not _matches(one, context)} | set(check.absent)
    if any(_out_of_order(check.in_order, context)):
        missed |= set(check.in_order)
    return next((one for one in context.history.too_long if one.pattern in missed), None)


def describe(check: LogsHave) -> str:
    """Return `logs with 'bye', no 'error'`."""
    words = [f"{pattern}" for pattern in check.contains]
    words += [f"no {pattern}" for pattern in check.absent]
    if check.in_order:
        words.append("in order " + ", ".join(map(str, check.in_order)))
    return "logs with " + ", ".join(words)


def _seen_words(check: LogsHave, context: CheckContext) -> str:
    lines = [_matches(pattern, context)[-1].line for pattern in check.contains]
    lines += [_all_matches(pattern, context)[-1].line for pattern in check.in_order]
    words = [repr(line) for line in dict.fromkeys(lines)]
    words += [f"no {pattern}" for pattern in check.absent]
    return ", ".join(words)


def _missing(patterns: tuple[Pattern, ...], context: CheckContext) -> Iterator[str]:
    for pattern in patterns:
        if not _matches(pattern, context):
            earlier = _all_matches(pattern, context)
            when = " after the step (only before it)" if earlier else ""
            yield f"no line with {pattern}{when}"


def _present(patterns: tuple[Pattern, ...], context: CheckContext) -> Iterator[str]:
    for pattern in patterns:
        for match in _all_matches(pattern, context)[:1]:
            yield f"the line {match.line!r}"


def _out_of_order(patterns: tuple[Pattern, ...], context: CheckContext) -> Iterator[str]:
    matches = context.history.matches
    used: list[int] = []
    for pattern in patterns:
        place = next(_later(pattern, matches, used), None)
        if place is None:
            yield f"no line with {pattern} in that order"
            return
        used.append(place)
    if not used or not context.of_step or matches[used[-1]].at_ns >= context.began_ns:
        return
    again = _later(patterns[-1], matches, used)
    if all(matches[place].at_ns < context.began_ns for place in again):
        yield f"no line with {patterns[-1]} after the step (only before it)"


def _later(pattern: Pattern, matches: tuple[LogMatched, ...], used: list[int]) -> Iterator[int]:
    """Yield the places of the matches that come after the used ones, or are in the last line."""
    last = max(used, default=-1)
    line = matches[used[-1]].line_number if used else 0
    for place, match in enumerate(matches):
        in_line = line != 0 and match.line_number == line and place not in used
        if match.pattern == pattern and (place > last or in_line):
            yield place


def _matches(pattern: Pattern, context: CheckContext) -> list[LogMatched]:
    restarted = context.history.restarted
    since_ns = context.began_ns if context.of_step else restarted.at_ns if restarted else 0
    return [match for match in _all_matches(pattern, context) if match.at_ns >= since_ns]


def _all_matches(pattern: Pattern, context: CheckContext) -> list[LogMatched]:
    return [match for match in context.history.matches if match.pattern == pattern]


CONDITION: Final = Condition(
    LogsHave,
    evaluate,
    describe,
    rests_on=lambda _: ENGINE,
    needs_quiet=lambda check: bool(check.absent),
    until_stopped=lambda check: bool(check.absent),
)
