"""
result.json: what became of a run and of each case, for scripts; the facts are in cases.jsonl.gz.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from runner.archive.damage import check_version, damage
from runner.archive.json_text import compact, indented, parsed
from runner.archive.stored import (
    OUTPUT,
    RESULT_SCHEMA_FILE,
    RESULT_SCHEMA_NAME,
    SUMMARY,
    CaseOutput,
    RunTotals,
)
from runner.model.result import CaseResult, RunResult
from runner.model.summary import RunSummary, summary_of, summary_of_case

_ADVICE: Final = "give a result.json"


def dump(result: RunResult) -> str:
    """Write the summary of a run as JSON."""
    return indented(_stored(summary_of(result)))


def load(text: str | bytes) -> RunSummary:
    """
    Read the summary of a run back.

    Raises:
        UsageError: the text is none, or one of another version, or damaged.
    """
    stored = parsed(text, _ADVICE)
    check_version(stored, RESULT_SCHEMA_NAME)
    body = {name: value for name, value in stored.items() if name != "schema"}
    try:
        summary = SUMMARY.validate_json(compact(body), strict=True)
    except ValidationError as error:
        raise damage(stored, RESULT_SCHEMA_FILE, "this result") from error
    # Validation alone lets keys be missing or too many; writing it again shows that.
    if _stored(summary) != stored:
        raise damage(stored, RESULT_SCHEMA_FILE, "this result")
    return summary


def line_of_case(result: CaseResult) -> str:
    """Write the line of a case for `--output json-lines`."""
    return compact(OUTPUT.dump_python(CaseOutput(summary_of_case(result)), mode="json"))


def last_line(result: RunResult) -> str:
    """Write the line with the totals for `--output json-lines`."""
    summary = summary_of(result)
    totals = RunTotals(
        totals=summary.totals,
        run_id=summary.run_id,
        version=summary.version,
        started_at=summary.started_at,
        took_s=summary.took_s,
        engine=summary.engine,
        interrupted=summary.interrupted,
    )
    return compact(OUTPUT.dump_python(totals, mode="json"))


def _stored(summary: RunSummary) -> dict[str, Any]:
    return {"schema": RESULT_SCHEMA_NAME, **SUMMARY.dump_python(summary, mode="json")}
