"""
The long texts of a JUnit document: as much of them as readers take.

GitLab refuses what is too long, and others get slow. What went wrong takes its room first; without
any left, a case still says what was concluded and why, and that the rest is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from runner.model.result import CaseResult, StepResult
from runner.model.verdict import went_wrong
from runner.report.budget import Budget, size_of
from runner.report.notes import notes
from runner.report.sentences import output_of, sentences, story
from runner.report.text import clean, head_and_tail, html, one_line
from runner.report.why import reasons

TEXTS_BYTES: Final = 2 * 1024 * 1024
"""What the long texts of all cases take together, so that 5,000 cases stay under 10 MB."""

_MOST_OUTPUT: Final = 64 * 1024
_OMITTED: Final = "(omitted for length: result.json has all)"


@dataclass(frozen=True, slots=True)
class CaseText:
    """`details` of what went wrong, for the failure; `output` for `system-out`."""

    details: str
    output: str


def texts_of(cases: Sequence[CaseResult], most_bytes: int = TEXTS_BYTES) -> list[CaseText]:
    """Return the texts of these cases, in their order."""
    budget = Budget(most_bytes)
    wrong_first = sorted(range(len(cases)), key=lambda at: not went_wrong(cases[at].verdict))
    texts = {at: _text_of(cases[at], budget) for at in wrong_first}
    return [texts[at] for at in range(len(cases))]


def _text_of(case: CaseResult, budget: Budget) -> CaseText:
    said = [f"{one_line(step.title)}: {note}" for step in case.steps for note in notes(step)]
    notes_text = "\n".join(said)
    timeline = "\n".join(f"{at_ms:10.3f} ms  {who:7} {what}" for at_ms, who, what in story(case))
    printed = output_of(case.timeline)
    printed = f"container output:\n{printed}" if printed.strip() else ""
    if went_wrong(case.verdict):
        concluded = "\n".join(_concluded(case))
        return CaseText(
            details=_within(budget, concluded, timeline),
            output=_within(budget, notes_text, printed),
        )
    return CaseText(details="", output=_within(budget, notes_text, timeline, printed))


def _within(budget: Budget, always: str, *rest: str) -> str:
    """Join what is always said with the rest, or say that this is left out."""
    parts = [head_and_tail(part, _MOST_OUTPUT) for part in (always, *rest) if part]
    whole = clean("\n\n".join(parts))
    if not any(rest) or budget.takes(size_of(html(whole))):
        return whole
    return clean("\n\n".join(filter(None, (head_and_tail(always, _MOST_OUTPUT), _OMITTED))))


def _concluded(case: CaseResult) -> Iterator[str]:
    yield from sentences(case.verdict)
    yield from reasons(case)
    yield ""
    for step in case.steps:
        yield from _step_lines(step)


def _step_lines(step: StepResult) -> Iterator[str]:
    said = "; ".join(map(one_line, sentences(step.verdict)))
    yield f"{step.verdict.kind:8} {one_line(step.title)}" + (f": {said}" if said else "")
    yield from (f"{'':8} {note}" for note in notes(step))
