"""
All that a Markdown report says of one case: why it went as it did, its steps, its timeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from runner.model.result import CaseResult, StepResult
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Failed, Finding, Passed, went_wrong
from runner.report.diagram import sequence_diagram
from runner.report.notes import notes
from runner.report.sentences import (
    deciding_step,
    earlier_tries,
    output_of,
    sentences,
    story,
    what_is_kept,
    when,
)
from runner.report.source_links import SourceLinks
from runner.report.text import (
    cell,
    code,
    escape,
    fence,
    head_and_tail,
    html,
    linked,
    one_line,
    prose,
    seconds,
    unbroken,
)
from runner.report.why import actual, diagnosis_title, predicted, rule_words
from runner.words import count

ICONS: Final = {"passed": "✅", "failed": "❌", "errored": "💥", "skipped": "⏭️", "flaky": "🔁"}

_MOST_OUTPUT: Final = 8 * 1024
_MOST_SIGNALS: Final = 20
_MOST_FACTS: Final = 300
"""A timeline that is longer is cut in the middle."""


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def case_details(
    case: CaseResult, links: SourceLinks, *, is_open: bool = False, drawn: bool = True
) -> str:
    """Return a block that can be folded; `drawn`: with a diagram of the signals."""
    state = " open" if is_open else ""
    icon, name = ICONS[case.verdict.kind], html(one_line(case.case.name))
    took = f", {seconds(case.took_s)}" if case.took_s > 0 else ""
    lines = [
        f"<details{state}><summary>{icon} {name} ({case.verdict.kind}{took})</summary>\n",
        *case_body(case, links, drawn=drawn),
        "</details>\n",
    ]
    return "\n".join(lines) + "\n"


def case_body(case: CaseResult, links: SourceLinks, *, drawn: bool = True) -> Iterator[str]:
    """Yield what stands inside the block."""
    yield from _purpose(case, links)
    yield from _verdict(case)
    yield from _why(case)
    if case.earlier:
        yield fence("\n".join(earlier_tries(case))) + "\n"
    yield from _step_table(case.steps)
    yield from _notes(case.steps)
    yield from _signal_table(case.steps)
    if case.timeline and drawn:
        yield fence(sequence_diagram(case), "mermaid") + "\n"
    yield from _timeline(case)
    output = output_of(case.timeline)
    if output.strip():
        yield "Container output:\n"
        yield fence(head_and_tail(output, _MOST_OUTPUT)) + "\n"
    kept = what_is_kept(case.timeline)
    if kept:
        yield "The container is kept:\n"
        yield fence("\n".join(kept), "sh") + "\n"


def place_of(case: CaseResult, links: SourceLinks) -> str:
    """Return file and line of the step that decided, or else of the case, as code with a link."""
    step = deciding_step(case)
    where = step.where if step else case.case.where
    return linked(code(f"{where.path}:{where.line}"), links.url(where))


def _purpose(case: CaseResult, links: SourceLinks) -> Iterator[str]:
    if case.case.why:
        yield f"{prose(case.case.why)}\n"
    source = escape(", ".join(map(one_line, case.case.source)))
    yield f"At {place_of(case, links)}" + (f". Source: {source}" if source else "") + "\n"


def _verdict(case: CaseResult) -> Iterator[str]:
    """Say what went wrong; the engine's own words, which errors hold, keep their lines."""
    said = sentences(case.verdict)
    if isinstance(case.verdict, Failed):
        yield "\n".join(f"- {escape(one_line(line))}" for line in said) + "\n"
    elif went_wrong(case.verdict):
        yield fence("\n".join(said)) + "\n"


def _why(case: CaseResult) -> Iterator[str]:
    if not case.explanations:
        return
    wrong = went_wrong(case.verdict)
    yield "**Why it went wrong:**\n" if wrong else "**What differs from the prediction:**\n"
    for one in case.explanations:
        rule = f" ({escape(rule_words(one))})" if one.rule else ""
        yield f"- {escape(one_line(' '.join(one.sentences)))}{rule}"
        if one.diagnosis:
            yield f"  <br>Diagnosis {prose(diagnosis_title(one))}."
        if one.advice:
            yield f"  <br>**Help:** {prose(one.advice)}."
    yield ""


def _signal_table(steps: Iterable[StepResult]) -> Iterator[str]:
    outcomes = [outcome for step in steps for outcome in step.signals]
    if not outcomes:
        return
    yield "| Signal | From | To | Predicted | Actual | Evidence |"
    yield "|---|---|---|---|---|---|"
    for outcome in outcomes[:_MOST_SIGNALS]:
        yield row(*outcome_cells(outcome))
    yield ""
    if len(outcomes) > _MOST_SIGNALS:
        yield f"_{count(len(outcomes) - _MOST_SIGNALS, 'more signal')} not listed._\n"


def outcome_cells(outcome: SignalOutcome) -> tuple[str, ...]:
    """Return the cells that say what was predicted of a signal, and what became of it."""
    known = f"{actual(outcome)}: {outcome.seen}"
    return (
        str(outcome.signal),
        outcome.sender.value,
        f"PID {outcome.pid}",
        cell(predicted(outcome)),
        f"**{cell(known)}**" if outcome.mispredicted else cell(known),
        outcome.evidence.value,
    )


def _step_table(steps: Iterable[StepResult]) -> Iterator[str]:
    yield "| Step | Verdict | Expected | Seen | Evidence | When |"
    yield "|---|---|---|---|---|---:|"
    for step in steps:
        verdict = unbroken(f"{ICONS[step.verdict.kind]} {step.verdict.kind}")
        findings = step.verdict.findings if isinstance(step.verdict, Passed | Failed) else ()
        if not findings:
            said = cell("; ".join(sentences(step.verdict)))
            yield row(cell(step.title), verdict, "", said, "", "")
        for number, finding in enumerate(findings):
            first = (cell(step.title), verdict) if number == 0 else ("", "")
            yield row(*first, *_finding_cells(finding))
    yield ""


def _notes(steps: Iterable[StepResult]) -> Iterator[str]:
    lines = [f"- {cell(step.title)}: {escape(note)}" for step in steps for note in notes(step)]
    if lines:
        yield from lines
        yield ""


def _finding_cells(finding: Finding) -> tuple[str, str, str, str]:
    seen = cell(finding.seen)
    return (
        cell(finding.expected),
        seen if finding.holds else f"**{seen}**",
        finding.evidence.value,
        unbroken(when(finding)),
    )


def _timeline(case: CaseResult) -> Iterator[str]:
    rows = [row(f"{at:.1f}", who, cell(what)) for at, who, what in story(case)]
    if not rows:
        return
    half = _MOST_FACTS // 2
    omitted = len(rows) - 2 * half
    if omitted > 0:
        rows = [*rows[:half], row("…", "", f"_{count(omitted, 'fact')} omitted_"), *rows[-half:]]
    yield "<details><summary>Timeline</summary>\n"
    yield "| ms | Who | What |"
    yield "|---:|---|---|"
    yield from rows
    yield "\n</details>\n"
