"""
`exec`: how the last exec step's program ended and what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.judge.condition import ENGINE, CheckContext, CheckResult, Condition
from runner.model.expectation import ExecEndedWith, Pattern
from runner.model.observation import ExecEnded
from runner.model.selection import line_matches
from runner.model.verdict import Evidence

_SHOWN = 300


def evaluate(check: ExecEndedWith, context: CheckContext) -> CheckResult:
    """Compare `exec` with the end of the program."""
    if context.history.exec_started is None:
        return context.unknown("nothing was exec'd", Evidence.ENGINE, final=True)
    ended = context.history.exec_ended
    if ended is None:
        return CheckResult(False, "it is still running", Evidence.ENGINE, context.now_ns)
    if ended.exit_code is None:
        seen = "the engine does not know its exit code"
        return CheckResult(False, seen, Evidence.ENGINE, ended.at_ns, final=True, known=False)
    wrong, cut = list(_wrong(check, ended)), list(_cut_away(check, ended))
    seen = "; ".join(wrong or cut or [f"it exited {ended.exit_code}", *_output_words(check)])
    holds, known = not (wrong or cut), bool(wrong) or not cut
    return CheckResult(holds, seen, Evidence.ENGINE, ended.at_ns, final=True, known=known)


def describe(check: ExecEndedWith) -> str:
    """Return `exec exited 0, stdout with 'bye'`."""
    words: list[str] = []
    if check.exit_codes is not None:
        words.append("exec exited " + " or ".join(map(str, check.exit_codes)))
    return ", ".join([*words, *_output_words(check)])


def _output_words(check: ExecEndedWith) -> list[str]:
    stdout = [f"stdout with {pattern}" for pattern in check.stdout]
    return stdout + [f"stderr with {pattern}" for pattern in check.stderr]


def _wrong(check: ExecEndedWith, ended: ExecEnded) -> Iterator[str]:
    if check.exit_codes is not None and ended.exit_code not in check.exit_codes:
        yield f"it exited {ended.exit_code}"
    for name, text, cut, pattern in _not_found(check, ended):
        if not cut:
            yield f"{name} without {pattern}: {_tail(text)!r}"


def _cut_away(check: ExecEndedWith, ended: ExecEnded) -> Iterator[str]:
    for name, _, cut, pattern in _not_found(check, ended):
        if cut:
            yield (
                f"the first {cut:,} bytes of {name} are not kept, and may have {pattern}: let the "
                "program write less, or look for it by grep in the container"
            )


def _not_found(check: ExecEndedWith, ended: ExecEnded) -> Iterator[tuple[str, str, int, Pattern]]:
    """Yield each pattern that is not found in what is kept: where, the text, and what is cut."""
    err_cut = ended.cut_stderr
    for name, text, cut, patterns in (
        ("stdout", ended.stdout, ended.cut - err_cut, check.stdout),
        ("stderr", ended.stderr, err_cut, check.stderr),
    ):
        lines = text.splitlines()
        for pattern in patterns:
            # Where the head is cut, the first line has no beginning that `^` could stand for.
            whole = lines[1:] if cut and pattern.regex else lines
            if not any(line_matches(pattern, line) for line in whole):
                yield name, text, cut, pattern


def _tail(text: str) -> str:
    return text if len(text) <= _SHOWN else "…" + text[-_SHOWN:]


CONDITION: Final = Condition(ExecEndedWith, evaluate, describe, rests_on=lambda _: ENGINE)
