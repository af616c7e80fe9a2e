"""
What the console says of one case: a first line, and the lines below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from runner.kernel.prediction import Outcome
from runner.model.case import Case
from runner.model.observation import Interrupted, StepBegan
from runner.model.repeated import RUN
from runner.model.result import CaseResult, StepResult
from runner.model.verdict import (
    NOT_BEGUN,
    Errored,
    Failed,
    Finding,
    Passed,
    Skipped,
    Verdict,
    went_wrong,
)
from runner.report.notes import notes
from runner.report.sentences import deciding_step, earlier_tries, when
from runner.report.text import clean, one_line, seconds
from runner.report.why import reasons

WORDS: Final[Mapping[str, str]] = {
    "passed": "ok",
    "failed": "failed",
    "errored": "errored",
    "skipped": "skipping",
    "interrupted": "interrupted",
    "not begun": "not begun",
}
"""The word before what is said, by what became of a case or a step."""

_PROCESSES: Final = re.compile(r" \((?:\d+ [^(),+]+)(?:, \d+ [^(),+]+)*\)")
_TARGET: Final = re.compile(r"\bkill\(-?\d+, [^)]*\) (?=accepted)")
_CLOCK: Final = re.compile(", by the kernel's clock")
_STATUS: Final = re.compile(r"\(128 \+ \d+, as (\S+) gives\)")
_MEANING: Final = re.compile(
    rf"(?::|,) (?:[^;()]|\(2\))*? \(({'|'.join(one.value for one in Outcome)})\)"
)


def kind_of(result: CaseResult) -> str:
    """Return what became of a case: its verdict, or that it was interrupted or has not begun."""
    if isinstance(result.verdict, Skipped) and result.verdict.reason == NOT_BEGUN:
        return "not begun"
    if not any(isinstance(fact, Interrupted) for fact in result.timeline):
        return result.verdict.kind
    return "interrupted" if len(result.timeline) > 1 else "not begun"


def is_wrong(result: CaseResult) -> bool:
    """Return whether a case has failed or errored, and not for an interrupt."""
    return kind_of(result) in {"failed", "errored"}


def row_of(case: Case) -> str:
    """Return the values of the matrix, as in `[signal=SIGTERM, run=2]`; "" where there is none."""
    row = ", ".join(f"{axis}={value}" for axis, value in case.row.items())
    return f"[{one_line(row)}]" if row else ""


def took(*results: CaseResult | StepResult) -> str:
    """Return how long it took, as `(21 ms)`, or `(0.02 to 1.30 s)` of several; "" if it did not."""
    low, high = min(one.took_s for one in results), max(one.took_s for one in results)
    if high <= 0:
        return ""
    first, last = f"{low:.2f}", f"{high:.2f}"
    same = seconds(low) == seconds(high) or first == last
    return f"({seconds(high) if same else f'{first} to {last} s'})"


def seen(verdict: Passed) -> str:
    """Return what was seen, each sentence once."""
    said = dict.fromkeys(one_line(one.seen) for one in verdict.findings)
    return "; ".join(said) or "done"


def seen_in_short(verdict: Passed) -> str:
    """Return the same without PIDs, lists of processes, whose clock, and what an outcome means."""
    text = _STATUS.sub(
        r"(128 + \1)", _PROCESSES.sub("", _TARGET.sub("", _CLOCK.sub("", seen(verdict))))
    )
    return _MEANING.sub(r" (\1)", text)


def first_words(result: CaseResult) -> str:
    """Return what a case comes to: where its steps led to, or which of them went wrong."""
    number = len(result.steps)
    match result.verdict:
        case Passed():
            several = f"after {number} steps: " if number > 1 else ""
            verdict = result.steps[-1].verdict if result.steps else result.verdict
            return several + (seen_in_short(verdict) if isinstance(verdict, Passed) else "")
        case Skipped(reason=reason):
            return one_line(reason)
        case Failed() | Errored():
            step = deciding_step(result)
            at = result.steps.index(step) + 1 if step is not None else 0
            return f"step {at} of {number} [{one_line(step.title)}]" if step and number > 1 else ""


def lines_below(result: CaseResult) -> Iterator[str]:
    """Yield what is to be known besides; one that begins with blanks belongs to the one before."""
    if is_wrong(result):
        step = deciding_step(result)
        yield from wrong_lines(result.verdict)
        yield f"at {one_line(str(step.where if step else result.case.where))}"
    yield from (note for step in result.steps for note in notes(step))
    yield from tries(result)
    yield from reasons(result)


def wrong_lines(verdict: Verdict) -> Iterator[str]:
    """Yield what was expected and what was seen; what was seen by several checks is said once."""
    if isinstance(verdict, Errored):
        yield from clean(verdict.what).splitlines()
        yield from clean(verdict.advice).splitlines()
    if isinstance(verdict, Failed):
        wrong = [one for one in verdict.findings if one.wrong]
        for said, findings in groupby(wrong, _saw):
            yield f"expected: {_expected(list(findings))}"
            yield f"saw:      {said}"
        yield f"decided because: {one_line(verdict.why)}"
        not_decided = [one for one in verdict.findings if one.open]
        for said, findings in groupby(not_decided, lambda one: one_line(one.seen)):
            yield f"not decided: {_expected(list(findings))}; at last: {said}"


def in_short(verdict: Verdict) -> str:
    """Return `expected ...; saw ...`, or why nothing could be judged."""
    if isinstance(verdict, Errored):
        return one_line(clean(verdict.what).strip().partition("\n")[0])
    wrong = [one for one in verdict.findings if one.wrong] if isinstance(verdict, Failed) else []
    said = [
        f"expected {_expected(list(findings))}; saw {words}"
        for words, findings in groupby(wrong, lambda one: one_line(one.seen))
    ]
    return "; ".join(said)


def tries(result: CaseResult) -> Iterator[str]:
    """Yield how a case went before the last try."""
    number = len(result.earlier) + 1
    if result.flaky:
        yield f"flaky: passed at try {number}"
    elif result.earlier:
        yield f"tried {number} times; before that:"
    yield from earlier_tries(result)


def interrupted_words(result: CaseResult) -> str:
    """Return the case that was interrupted, and in which step."""
    begun = [fact.step for fact in result.timeline if isinstance(fact, StepBegan)]
    name = one_line(result.case.name)
    if not begun or begun[-1] < 0:
        return f"{name}, getting ready"
    return f"{name}, in step [{one_line(result.case.all_steps[begun[-1]].title)}]"


def is_over(step: StepResult, result: CaseResult) -> bool:
    """Return whether a step was not run because the case had ended before it."""
    return isinstance(step.verdict, Skipped) and went_wrong(result.verdict)


def values_by_axis(rows: Sequence[CaseResult]) -> Mapping[str, list[str]] | None:
    """Return the values of each axis; None if these rows are not all that these values make."""
    axes = list(rows[0].case.row)
    values = {
        axis: list(dict.fromkeys(one_line(row.case.row.get(axis, "")) for row in rows))
        for axis in axes
    }
    all_of_them = 1
    for one in values.values():
        all_of_them *= len(one)
    return values if all_of_them == len(rows) else None


def axes_of_values(result: CaseResult) -> Mapping[str, str]:
    """Return the values of the matrix that may stand in what is said, longest first."""
    telling = [
        (axis, value)
        for axis, value in result.case.row.items()
        if axis != RUN and len(value) > 1 and any(map(str.isalpha, value))
    ]
    return {value: axis for axis, value in sorted(telling, key=lambda one: -len(one[1]))}


def _expected(findings: Sequence[Finding]) -> str:
    return "; ".join(dict.fromkeys(one_line(one.expected) for one in findings))


def _saw(finding: Finding) -> str:
    return f"{one_line(finding.seen)}  ({when(finding)}, evidence: {finding.evidence.value})"
