"""
What is told of one case beside its picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from runner.model.result import CaseResult, StepResult
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Failed, Finding, Passed, went_wrong
from runner.report.html.overview import Entry, Reason, reason
from runner.report.notes import notes
from runner.report.sentences import (
    earlier_tries,
    output_of,
    sentences,
    story,
    what_is_kept,
    when,
)
from runner.report.text import clean, head_and_tail, one_line
from runner.report.why import actual, predicted

MOST_EVENTS: Final = 400
MOST_SIGNALS: Final = 40
_MOST_OUTPUT: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One row of what was expected against what was seen; `mark` is a verdict's word."""

    step: str
    mark: str
    expected: str
    seen: str
    evidence: str
    when: str


@dataclass(frozen=True, slots=True)
class SignalRow:
    """What was predicted for a signal, and what became of it."""

    signal: str
    sender: str
    to: str
    predicted: str
    actual: str
    seen: str
    evidence: str
    mispredicted: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of the whole timeline, in words."""

    ms: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """All that is told of a case; `wrong` says that it failed or errored."""

    entry: Entry
    wrong: bool
    findings: tuple[Finding, ...]
    decided: str
    advice: str
    why: str
    source: str
    reasons: tuple[Reason, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    earlier: tuple[str, ...]
    signals: tuple[SignalRow, ...]
    signals_omitted: int
    output: str
    kept: tuple[str, ...]
    events: tuple[Event, ...]
    events_omitted: int


def details_of(result: CaseResult, entry: Entry) -> CaseDetails:
    """Return the details of one case."""
    verdict, case = result.verdict, result.case
    outcomes = [outcome for step in result.steps for outcome in step.signals]
    events = [Event(f"{ms:.1f}", who, what) for ms, who, what in story(result)]
    said = sentences(verdict)
    return CaseDetails(
        entry,
        went_wrong(verdict),
        tuple(one for one in verdict.findings if one.wrong) if isinstance(verdict, Failed) else (),
        f"Decided because: {one_line(verdict.why)}."
        if isinstance(verdict, Failed)
        else ("" if isinstance(verdict, Passed) else one_line(said[0])),
        said[1] if verdict.kind == "errored" and len(said) > 1 else "",
        clean(case.why),
        one_line(", ".join(case.source)),
        tuple(map(reason, result.explanations)),
        tuple(check for step in result.steps for check in _checks(step)),
        tuple(f"{one_line(step.title)}: {note}" for step in result.steps for note in notes(step)),
        tuple(earlier_tries(result)),
        tuple(map(_signal_row, outcomes[:MOST_SIGNALS])),
        max(0, len(outcomes) - MOST_SIGNALS),
        head_and_tail(output_of(result.timeline), _MOST_OUTPUT).rstrip("\n"),
        tuple(what_is_kept(result.timeline)),
        tuple(events[:MOST_EVENTS]),
        max(0, len(events) - MOST_EVENTS),
    )


def _checks(step: StepResult) -> list[Check]:
    title, verdict = one_line(step.title), step.verdict
    if not isinstance(verdict, Passed | Failed) or not verdict.findings:
        said = one_line("; ".join(sentences(verdict)))
        return [Check(title, verdict.kind, "", said, "", "")]
    return [
        Check(
            title,
            "passed" if one.holds else "failed" if one.wrong else "skipped",
            one_line(one.expected),
            one_line(one.seen) + (" (not decided)" if one.open else ""),
            one.evidence.value,
            when(one),
        )
        for one in verdict.findings
    ]


def _signal_row(outcome: SignalOutcome) -> SignalRow:
    return SignalRow(
        str(outcome.signal),
        outcome.sender.value,
        f"PID {outcome.pid}",
        predicted(outcome),
        actual(outcome),
        one_line(outcome.seen),
        outcome.evidence.value,
        outcome.mispredicted,
    )
