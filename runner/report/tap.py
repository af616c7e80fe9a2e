"""
The results in the Test Anything Protocol, version 14, for `prove` and the like.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Skipped, went_wrong
from runner.report.sentences import deciding_step, sentences
from runner.report.text import clean, one_line
from runner.report.why import reasons


def render(result: RunResult) -> str:
    """Return the document: a test point for each case, with its reasons where it went wrong."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: RunResult) -> Iterator[str]:
    yield "TAP version 14"
    yield f"1..{len(result.cases)}"
    path = ""
    for number, case in enumerate(result.cases, start=1):
        if case.case.where.path != path:
            path = case.case.where.path
            yield f"# {one_line(path)}"
        yield from _test_point(number, case)
    if result.interrupted:
        yield "Bail out! interrupted"


def _test_point(number: int, case: CaseResult) -> Iterator[str]:
    word = "not ok" if went_wrong(case.verdict) else "ok"
    point = f"{word} {number} - {_escaped(case.case.name)}"
    if isinstance(case.verdict, Skipped):
        yield f"{point} # SKIP {_escaped(case.verdict.reason)}"
        return
    yield point
    if went_wrong(case.verdict):
        yield "  ---"
        yield from _diagnostics(case)
        yield "  ..."


def _diagnostics(case: CaseResult) -> Iterator[str]:
    """Yield a YAML mapping. Its texts are JSON strings, which are YAML, too."""
    step = deciding_step(case)
    where = step.where if step else case.case.where
    said, *others = [*sentences(case.verdict), ""]
    yield f"  message: {_quoted(said)}"
    yield f"  severity: {'fail' if case.verdict.kind == 'failed' else 'error'}"
    yield f"  at: {{file: {_quoted(where.path)}, line: {where.line}}}"
    if step:
        yield f"  step: {_quoted(step.title)}"
    more = [*filter(None, others), *reasons(case)]
    if more:
        yield "  details:"
        yield from (f"    - {_quoted(line)}" for line in more)
    yield f"  duration_ms: {case.took_s * 1000:.0f}"


def _escaped(text: str) -> str:
    """A number sign would begin a directive."""
    return one_line(text).replace("\\", "\\\\").replace("#", "\\#")


def _quoted(text: str) -> str:
    return json.dumps(clean(text).strip(), ensure_ascii=False)
