"""
The tables of a Markdown report that sum up a run: what went wrong and why, and the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Failed, went_wrong
from runner.report.markdown_case import ICONS, outcome_cells, place_of, row
from runner.report.markdown_scenario import MOST_IN_CELL, worst_icon
from runner.report.sentences import deciding_step, earlier_tries, evidence_used, headline, when
from runner.report.source_links import SourceLinks
from runner.report.text import (
    cell,
    code_cell,
    escape,
    linked,
    one_line,
    prose,
    seconds,
    shortened,
    unbroken,
)


@dataclass(frozen=True, slots=True)
class Table:
    """
    A table that may be cut. `noun` is what a row is, `share` which part of the budget it may take.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[str]
    noun: str
    share: float


def heading(result: RunResult) -> str:
    """Return how many cases ended how, and how long all took."""
    totals = result.totals
    numbers = ((ICONS[kind], getattr(totals, kind), kind) for kind in ICONS)
    words = " · ".join(f"{icon} {number} {kind}" for icon, number, kind in numbers if number)
    interrupted = " · interrupted" if result.interrupted else ""
    return f"### scenario-run: {words or 'no cases'} in {seconds(result.took_s)}{interrupted}\n\n"


def foot(result: RunResult) -> str:
    """Return where it was run, and when."""
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
    return f"<sub>{escape(' · '.join(one_line(fact) for fact in facts if fact))}</sub>\n"


def mispredictions(result: RunResult) -> Table:
    """Return the signals that did something else than the kernel's rules predict."""
    return Table(
        title="#### Mispredictions\n\n"
        "Something else became of these signals than the kernel's rules predict.\n",
        head=("Case", "Signal", "From", "To", "Predicted", "Actual", "Evidence"),
        rows=[
            row(cell(case.case.name), *outcome_cells(outcome))
            for case in result.cases
            for outcome in case.mispredictions
        ],
        noun="more misprediction",
        share=0.25,
    )


def what_went_wrong(result: RunResult, links: SourceLinks) -> Table:
    """Return the cases that failed or errored, each with its reason."""
    return Table(
        title="#### What went wrong\n",
        head=("Case", "What was expected and seen, why, and what helps"),
        rows=[_wrong_row(case, links) for case in result.cases if went_wrong(case.verdict)],
        noun="more failed or errored case",
        share=0.5,
    )


def _wrong_row(case: CaseResult, links: SourceLinks) -> str:
    place = place_of(case, links).replace("|", "\\|")
    return row(
        f"{ICONS[case.verdict.kind]} **{cell(case.case.name)}** <br>{place}",
        " <br>".join((*_expected_and_seen(case), *_reasons(case))),
    )


def _expected_and_seen(case: CaseResult) -> Iterator[str]:
    """Yield the first check that does not hold; or else what the verdict says."""
    findings = case.verdict.findings if isinstance(case.verdict, Failed) else ()
    wrong = next((one for one in findings if one.wrong), None)
    if wrong is None:
        yield _cell(headline(case))
        return
    step = deciding_step(case)
    of = f"{_cell(step.title)}: " if step else ""
    yield f"{of}expected {_cell(wrong.expected)}, saw **{_cell(wrong.seen)}** {when(wrong)}"


def _reasons(case: CaseResult) -> Iterator[str]:
    for one in case.explanations[:1]:
        yield f"**Why:** {_cell(' '.join(one.sentences[:1]))}"
        if one.advice:
            help_text = prose(shortened(one_line(one.advice), MOST_IN_CELL))
            yield f"**Help:** {help_text}".replace("|", "\\|")


def _cell(text: str) -> str:
    return cell(shortened(one_line(text), MOST_IN_CELL))


def flaky(result: RunResult) -> Table:
    """Return the cases that passed, but not at the first try."""
    return Table(
        title="#### Flaky\n",
        head=("", "Case", "Earlier tries"),
        rows=[
            row(
                ICONS["flaky"],
                cell(case.case.name),
                _cell("; ".join(earlier_tries(case))),
            )
            for case in result.cases
            if case.flaky
        ],
        noun="more flaky case",
        share=0.25,
    )


def files(result: RunResult, links: SourceLinks) -> Table:
    """Return each file with how many of its cases ended how."""
    totals = result.totals
    kinds = [kind for kind in ICONS if getattr(totals, kind)]
    return Table(
        title="#### Files\n",
        head=("", "File", *(kind.capitalize() for kind in kinds), "Time"),
        rows=[
            _file_row(list(cases), kinds, links)
            for _, cases in groupby(result.cases, key=lambda one: one.case.where.path)
        ],
        noun="more file",
        share=0.5,
    )


def _file_row(cases: Sequence[CaseResult], kinds: Sequence[str], links: SourceLinks) -> str:
    where = cases[0].case.where
    found = [one.verdict.kind for one in cases] + ["flaky" for one in cases if one.flaky]
    numbers = map(found.count, kinds)
    icon = worst_icon(cases)
    path = linked(code_cell(where.path), links.url(where, line=False))
    time = unbroken(seconds(sum(one.took_s for one in cases)))
    return row(icon, path, *(str(number or "") for number in numbers), time)
