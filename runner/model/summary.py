"""
Summaries: what became of a run and of its cases, without the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runner.errors import Where
from runner.model.explanation import Explanation
from runner.model.result import CaseResult, EngineFacts, RunResult
from runner.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """
    One case: its name, where it stands, and what became of it.

    `earlier` are the verdicts of tries before the last one. `shutdown_s` says of each step in which
    init was asked to end, and ended, how long that took.
    """

    name: str
    scenario: str
    row: Mapping[str, str]
    where: Where
    tags: tuple[str, ...]
    verdict: Verdict
    flaky: bool
    took_s: float
    shutdown_s: tuple[float, ...] = ()
    earlier: tuple[Verdict, ...] = ()
    explanations: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class TotalsSummary:
    """How many cases ended how; `flaky` are those of the passed ones that did not at once."""

    cases: int
    passed: int
    failed: int
    errored: int
    skipped: int
    flaky: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run, as a `RunResult`."""

    totals: TotalsSummary
    run_id: str
    version: str
    started_at: str
    took_s: float
    engine: EngineFacts
    interrupted: bool
    cases: tuple[CaseSummary, ...]


def summary_of_case(result: CaseResult) -> CaseSummary:
    """Sum up one case."""
    case = result.case
    return CaseSummary(
        name=case.name,
        scenario=case.scenario,
        row=case.row,
        where=case.where,
        tags=case.tags,
        verdict=result.verdict,
        flaky=result.flaky,
        took_s=result.took_s,
        shutdown_s=tuple(one.shutdown_s for one in result.steps if one.shutdown_s is not None),
        earlier=result.earlier,
        explanations=result.explanations,
    )


def summary_of(result: RunResult) -> RunSummary:
    """Sum up a run."""
    totals = result.totals
    return RunSummary(
        totals=TotalsSummary(
            cases=totals.cases,
            passed=totals.passed,
            failed=totals.failed,
            errored=totals.errored,
            skipped=totals.skipped,
            flaky=totals.flaky,
        ),
        run_id=result.run_id,
        version=result.version,
        started_at=result.started_at,
        took_s=result.took_s,
        engine=result.engine,
        interrupted=result.interrupted,
        cases=tuple(map(summary_of_case, result.cases)),
    )
