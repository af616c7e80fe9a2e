"""
The noun `logs`: the container's output, line by line.

What is expected of a step that acts must have come of that step: a text, and the last text of
`in_order`, count only when printed after it. Once init was started anew, other steps ask for what
the new one has printed. `absent` and `in_order` speak of the whole output.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.judge.sight import Sight, View
from runner.model.expectation import LogsHave, Pattern
from runner.model.observation import LogMatched
from runner.model.verdict import Evidence


def sight_of_logs(check: LogsHave, view: View) -> Sight:
    """Hold `logs` against the matches so far."""
    wrong = [
        *_missing(check.contains, view),
        *_present(check.absent, view),
        *_out_of_order(check.in_order, view),
    ]
    present = any(True for _ in _present(check.absent, view))
    seen = "; ".join(wrong) if wrong else "logs have " + _seen_words(check, view)
    last_ns = view.scene.matches[-1].at_ns if view.scene.matches else view.since_ns
    at_ns = view.now_ns if wrong and not present else last_ns
    over = view.scene.logs_ended and not view.scene.may_restart
    return Sight(not wrong, seen, Evidence.ENGINE, at_ns, final=present or over)


def words_of_logs(check: LogsHave) -> str:
    """Say what is expected."""
    words = [f"{pattern}" for pattern in check.contains]
    words += [f"no {pattern}" for pattern in check.absent]
    if check.in_order:
        words.append("in order " + ", ".join(map(str, check.in_order)))
    return "logs with " + ", ".join(words)


def _seen_words(check: LogsHave, view: View) -> str:
    lines = [_matches(pattern, view)[-1].line for pattern in check.contains]
    lines += [_all_matches(pattern, view)[-1].line for pattern in check.in_order]
    words = [repr(line) for line in dict.fromkeys(lines)]
    words += [f"no {pattern}" for pattern in check.absent]
    return ", ".join(words)


def _missing(patterns: tuple[Pattern, ...], view: View) -> Iterator[str]:
    for pattern in patterns:
        if not _matches(pattern, view):
            earlier = _all_matches(pattern, view)
            when = " after the step (only before it)" if earlier else ""
            yield f"no line with {pattern}{when}"


def _present(patterns: tuple[Pattern, ...], view: View) -> Iterator[str]:
    for pattern in patterns:
        for match in _all_matches(pattern, view)[:1]:
            yield f"the line {match.line!r}"


def _out_of_order(patterns: tuple[Pattern, ...], view: View) -> Iterator[str]:
    matches = iter(view.scene.matches)
    last: LogMatched | None = None
    for pattern in patterns:
        last = next((match for match in matches if match.pattern == pattern), None)
        if last is None:
            yield f"no line with {pattern} in its turn"
            return
    while last is not None and view.of_step and last.at_ns < view.began_ns:
        last = next((match for match in matches if match.pattern == patterns[-1]), None)
        if last is None:
            yield f"no line with {patterns[-1]} after the step (only before it)"


def _matches(pattern: Pattern, view: View) -> list[LogMatched]:
    restarted = view.scene.restarted
    since_ns = view.began_ns if view.of_step else restarted.at_ns if restarted else 0
    return [match for match in _all_matches(pattern, view) if match.at_ns >= since_ns]


def _all_matches(pattern: Pattern, view: View) -> list[LogMatched]:
    return [match for match in view.scene.matches if match.pattern == pattern]
