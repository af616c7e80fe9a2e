"""
A run as GitHub-flavoured Markdown, for step summaries, merge requests and people.

Where a reader refuses what is too long, the report says less rather than nothing: it is rendered
again with fewer details until it fits.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Final

from runner.model.result import CaseResult, RunResult, StepResult
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Failed, Finding, Passed, went_wrong
from runner.report.diagram import sequence_diagram
from runner.report.notes import notes
from runner.report.sentences import (
    deciding_step,
    earlier_tries,
    evidence_used,
    headline,
    output_of,
    sentences,
    story,
    what_is_kept,
    when,
)
from runner.report.text import (
    cell,
    code,
    code_cell,
    escape,
    fence,
    head_and_tail,
    html,
    one_line,
    prose,
    seconds,
    shortened,
    unbroken,
)
from runner.report.why import actual, diagnosis_title, predicted, rule_words
from runner.words import count

BUDGET_BYTES: Final = 900 * 1024
"""GitHub refuses a step summary of more than 1 MiB as a whole."""

_ICONS: Final = {"passed": "✅", "failed": "❌", "errored": "💥", "skipped": "⏭️", "flaky": "🔁"}
_WORST_FIRST: Final = ("failed", "errored", "skipped", "passed")
_MOST_OUTPUT: Final = 8 * 1024
_MOST_IN_CELL: Final = 400
_DIAGRAMS_OF_PASSED: Final = 3
_MOST_SIGNALS: Final = 20
_MISPREDICTIONS_IN_SUMMARY: Final = 20
_MOST_UNFOLDED: Final = 3
"""More passed rows than these are folded into one block of their scenario."""


def render(result: RunResult, *, budget_bytes: int = BUDGET_BYTES) -> str:
    """Return the report, with as many details as the budget allows."""
    for level in (_everything, _details_of_failures, _tables_only, _summary_only):
        text = _text(level(result))
        if len(text.encode()) <= budget_bytes:
            return text
    rows = range(1, len(_wrong(result)) + 1)
    fitting = bisect_right(
        rows, budget_bytes, key=lambda most: len(_text(_summary_only(result, most)).encode())
    )
    return _cut(_text(_summary_only(result, fitting)), budget_bytes)


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _cut(text: str, most_bytes: int) -> str:
    return text.encode()[:most_bytes].decode(errors="ignore")


def _everything(result: RunResult) -> Iterator[str]:
    yield from _top(result)
    yield from _tables(result)
    yield from _details(result, lambda _: True)
    yield from _foot(result)


def _details_of_failures(result: RunResult) -> Iterator[str]:
    yield from _top(result)
    yield from _tables(result)
    yield from _details(result, lambda case: not isinstance(case.verdict, Passed))
    yield f"_Details of {count(result.totals.passed, 'passed case')} omitted for length._\n"
    yield from _foot(result)


def _tables_only(result: RunResult) -> Iterator[str]:
    yield from _top(result)
    yield from _tables(result)
    yield f"_Details of {count(result.totals.cases, 'case')} omitted for length._\n"
    yield from _foot(result)


def _summary_only(result: RunResult, most_rows: int | None = None) -> Iterator[str]:
    yield from _heading(result)
    yield f"_{count(result.totals.cases, 'case')} omitted for length, but for what went wrong._\n"
    yield from _mispredictions(
        result, _MISPREDICTIONS_IN_SUMMARY if most_rows is None else most_rows
    )
    yield from _what_went_wrong(result, most_rows)
    yield from _foot(result)


def _top(result: RunResult) -> Iterator[str]:
    yield from _heading(result)
    yield from _mispredictions(result)
    yield from _what_went_wrong(result)
    yield from _flaky(result)


def _heading(result: RunResult) -> Iterator[str]:
    totals = result.totals
    counts = {
        "passed": totals.passed,
        "failed": totals.failed,
        "errored": totals.errored,
        "skipped": totals.skipped,
        "flaky": totals.flaky,
    }
    words = " · ".join(
        f"{_ICONS[kind]} {number} {kind}" for kind, number in counts.items() if number
    )
    interrupted = " · interrupted" if result.interrupted else ""
    took = seconds(result.took_s)
    yield f"### scenario-run: {words or 'no cases'} in {took}{interrupted}\n"


def _mispredictions(result: RunResult, most_rows: int | None = None) -> Iterator[str]:
    found = [(case, outcome) for case in result.cases for outcome in case.mispredictions]
    if not found:
        return
    yield "#### Mispredictions\n"
    yield "Something else became of these signals than the kernel's rules predict.\n"
    yield "| Case | Signal | From | To | Predicted | Actual | Evidence |"
    yield "|---|---|---|---|---|---|---|"
    for case, outcome in found[:most_rows]:
        yield _row(cell(case.case.name), *_outcome_cells(outcome))
    yield ""
    omitted = len(found) - len(found[:most_rows])
    if omitted:
        yield f"_{count(omitted, 'more misprediction')} omitted for length._\n"


def _wrong(result: RunResult) -> list[CaseResult]:
    return [case for case in result.cases if went_wrong(case.verdict)]


def _what_went_wrong(result: RunResult, most_rows: int | None = None) -> Iterator[str]:
    wrong = _wrong(result)
    if not wrong:
        return
    yield "#### What went wrong\n"
    yield "| | Case | What | Where |"
    yield "|---|---|---|---|"
    for case in wrong[:most_rows]:
        step = deciding_step(case)
        place = code_cell(str(step.where if step else case.case.where).rpartition(":")[0])
        what = cell(shortened(headline(case), _MOST_IN_CELL))
        yield _row(_ICONS[case.verdict.kind], cell(case.case.name), what, place)
    yield ""
    omitted = len(wrong) - len(wrong[:most_rows])
    if omitted:
        yield f"_{count(omitted, 'more case')} that went wrong omitted for length._\n"


def _flaky(result: RunResult) -> Iterator[str]:
    flaky = [case for case in result.cases if case.flaky]
    if not flaky:
        return
    yield "#### Flaky\n"
    yield "| | Case | Earlier tries |"
    yield "|---|---|---|"
    for case in flaky:
        tries = cell(shortened("; ".join(earlier_tries(case)), _MOST_IN_CELL))
        yield _row(_ICONS["flaky"], cell(case.case.name), tries)
    yield ""


def _tables(result: RunResult) -> Iterator[str]:
    for path, in_file in groupby(result.cases, key=lambda case: case.case.where.path):
        yield f"#### {code(path)}\n"
        for scenario, group in groupby(in_file, key=lambda case: case.case.scenario):
            cases = list(group)
            yield from _matrix_table(scenario, cases) if cases[0].case.row else _plain(cases)


def _plain(cases: Sequence[CaseResult]) -> Iterator[str]:
    for case in cases:
        icon, took = _ICONS[case.verdict.kind], seconds(case.took_s)
        yield f"- {icon} **{escape(one_line(case.case.name))}** ({case.verdict.kind}, {took})"
        if case.case.why:
            yield f"  <br>{prose(case.case.why)}"
    yield ""


def _matrix_table(scenario: str, cases: Sequence[CaseResult]) -> Iterator[str]:
    passed = sum(isinstance(case.verdict, Passed) for case in cases)
    kinds = {case.verdict.kind for case in cases}
    icon = next(_ICONS[kind] for kind in _WORST_FIRST if kind in kinds)
    yield f"- {icon} **{escape(one_line(scenario))}** ({passed} of {len(cases)} passed)"
    if cases[0].case.why:
        yield f"  <br>{prose(cases[0].case.why)}"
    yield ""
    axes = list(cases[0].case.row)
    yield _row("", *map(cell, axes), "What was seen", "Time")
    yield _row(*["---"] * (len(axes) + 2), "---:")
    for case in cases:
        said = _seen(case) if isinstance(case.verdict, Passed) else headline(case)
        said = shortened(said, _MOST_IN_CELL)
        values = [code_cell(case.case.row.get(axis, "")) for axis in axes]
        icon = unbroken(f"{_ICONS[case.verdict.kind]} {case.verdict.kind}")
        yield _row(icon, *values, cell(said), unbroken(seconds(case.took_s)))
    yield ""


def _seen(case: CaseResult) -> str:
    findings = case.verdict.findings if isinstance(case.verdict, Passed) else ()
    return "; ".join(dict.fromkeys(one_line(one.seen) for one in findings))


def _details(result: RunResult, chosen: Callable[[CaseResult], bool]) -> Iterator[str]:
    yield "#### Details\n"
    passed = (case.case.name for case in result.cases if isinstance(case.verdict, Passed))
    drawn = set(islice(passed, _DIAGRAMS_OF_PASSED))
    cases = [case for case in result.cases if chosen(case)]
    for (_, scenario), rows in groupby(cases, lambda row: (row.case.where.path, row.case.scenario)):
        yield from _scenario_details(scenario, list(rows), drawn)


def _scenario_details(
    scenario: str, cases: Sequence[CaseResult], drawn: Collection[str]
) -> Iterator[str]:
    passed = [case for case in cases if isinstance(case.verdict, Passed)]
    folded = len(passed) > _MOST_UNFOLDED
    for case in cases:
        if not (folded and isinstance(case.verdict, Passed)):
            yield from _case(case, drawn)
    if folded:
        name = html(one_line(scenario))
        yield f"<details><summary>{_ICONS['passed']} {name} ({len(passed)} passed)</summary>\n"
        for case in passed:
            yield from _case(case, drawn)
        yield "</details>\n"


def _case(case: CaseResult, drawn: Collection[str]) -> Iterator[str]:
    is_open = " open" if went_wrong(case.verdict) else ""
    icon, name = _ICONS[case.verdict.kind], html(one_line(case.case.name))
    yield f"<details{is_open}><summary>{icon} {name} ({case.verdict.kind})</summary>\n"
    if case.case.why:
        yield f"**Why:** {prose(case.case.why)}\n"
    if case.case.source:
        yield f"**Source:** {escape(', '.join(map(one_line, case.case.source)))}\n"
    if went_wrong(case.verdict):
        yield fence("\n".join(sentences(case.verdict))) + "\n"
    yield from _why(case)
    if case.earlier:
        yield fence("\n".join(earlier_tries(case))) + "\n"
    yield from _step_table(case.steps)
    yield from _notes(case.steps)
    yield from _signal_table(case.steps)
    if case.timeline and (not isinstance(case.verdict, Passed) or case.case.name in drawn):
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
    yield "</details>\n"


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
            yield f"  <br>Help: {prose(one.advice)}."
    yield ""


def _signal_table(steps: Iterable[StepResult]) -> Iterator[str]:
    outcomes = [outcome for step in steps for outcome in step.signals]
    if not outcomes:
        return
    yield "| Signal | From | To | Predicted | Actual | Evidence |"
    yield "|---|---|---|---|---|---|"
    for outcome in outcomes[:_MOST_SIGNALS]:
        yield _row(*_outcome_cells(outcome))
    yield ""
    if len(outcomes) > _MOST_SIGNALS:
        yield f"_{count(len(outcomes) - _MOST_SIGNALS, 'more signal')} not listed._\n"


def _outcome_cells(outcome: SignalOutcome) -> tuple[str, ...]:
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
        verdict = unbroken(f"{_ICONS[step.verdict.kind]} {step.verdict.kind}")
        findings = step.verdict.findings if isinstance(step.verdict, Passed | Failed) else ()
        if not findings:
            said = cell("; ".join(sentences(step.verdict)))
            yield _row(cell(step.title), verdict, "", said, "", "")
        for number, finding in enumerate(findings):
            first = (cell(step.title), verdict) if number == 0 else ("", "")
            yield _row(*first, *_finding_cells(finding))
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
    rows = [_row(f"{at:.1f}", who, cell(what)) for at, who, what in story(case)]
    if rows:
        yield "| ms | Who | What |"
        yield "|---:|---|---|"
        yield from rows
        yield ""


def _foot(result: RunResult) -> Iterator[str]:
    engine = result.engine
    facts = [
        f"{engine.name} {engine.version}",
        f"kernel {engine.kernel}" if engine.kernel else "",
        f"cgroup {engine.cgroup}" if engine.cgroup else "",
        engine.arch,
        evidence_used(engine),
        f"scenario-run {result.version}",
        f"run {result.run_id}",
        result.started_at,
    ]
    yield f"<sub>{escape(' · '.join(one_line(fact) for fact in facts if fact))}</sub>\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
