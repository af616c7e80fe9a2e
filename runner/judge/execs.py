"""
The noun `exec`: how the last exec step's program ended and what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.judge.sight import Sight, View
from runner.model.expectation import ExecEndedWith, Pattern
from runner.model.observation import ExecEnded
from runner.model.selection import line_matches
from runner.model.verdict import Evidence

_SHOWN = 300


def sight_of_exec(check: ExecEndedWith, view: View) -> Sight:
    """Hold `exec` against the end of the program."""
    if view.scene.exec_started is None:
        seen = "nothing was exec'd"
        return Sight(False, seen, Evidence.ENGINE, view.now_ns, final=True, known=False)
    ended = view.scene.exec_ended
    if ended is None:
        return Sight(False, "it is still running", Evidence.ENGINE, view.now_ns)
    if ended.exit_code is None:
        seen = "the engine does not know its exit code"
        return Sight(False, seen, Evidence.ENGINE, ended.at_ns, final=True, known=False)
    wrong = list(_wrong(check, ended))
    found = [f"stdout with {one}" for one in check.stdout]
    found += [f"stderr with {one}" for one in check.stderr]
    seen = "; ".join(wrong or [f"it exited {ended.exit_code}", *found])
    return Sight(not wrong, seen, Evidence.ENGINE, ended.at_ns, final=True)


def words_of_exec(check: ExecEndedWith) -> str:
    """Say what is expected."""
    words: list[str] = []
    if check.exit_codes is not None:
        words.append("exec exited " + " or ".join(map(str, check.exit_codes)))
    words += [f"stdout with {pattern}" for pattern in check.stdout]
    words += [f"stderr with {pattern}" for pattern in check.stderr]
    return ", ".join(words)


def _wrong(check: ExecEndedWith, ended: ExecEnded) -> Iterator[str]:
    if check.exit_codes is not None and ended.exit_code not in check.exit_codes:
        yield f"it exited {ended.exit_code}"
    for name, text, patterns in (
        ("stdout", ended.stdout, check.stdout),
        ("stderr", ended.stderr, check.stderr),
    ):
        for pattern in patterns:
            if not _has(text, pattern):
                yield f"{name} without {pattern}: {_tail(text)!r}"


def _has(text: str, pattern: Pattern) -> bool:
    return any(line_matches(pattern, line) for line in text.splitlines())


def _tail(text: str) -> str:
    return text if len(text) <= _SHOWN else "…" + text[-_SHOWN:]
