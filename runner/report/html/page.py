"""
A run as one HTML page that needs nothing else: no network, no other file.

The overview is there at once. The details of each case, its picture among them, are packed, and
the page's script unpacks them when they are looked at, so that a thousand cases open quickly.
Templates escape whatever they are given, and the page allows no script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FunctionLoader, StrictUndefined

from runner.model.result import CaseResult, RunResult
from runner.report.html.build_picture import picture_of
from runner.report.html.case_details import details_of
from runner.report.html.overview import Entry, entries_of, files_of, what_went_wrong
from runner.report.html.picture import Fate, State
from runner.report.html.svg import svg
from runner.report.sentences import evidence_used
from runner.report.text import clean, one_line, seconds
from runner.words import count

_FOLDER: Final = Path(__file__).parent
_MOST_SHOWN: Final = 20
"""Cases that went wrong and are told of at the top; all of them are in the list below."""

_ICONS: Final = {"passed": "✓", "failed": "✗", "errored": "!", "skipped": "-", "flaky": "↻"}


def render(run: RunResult) -> str:
    """Return the page."""
    entries = entries_of(run)
    style, script = _file("report.css"), _file("report.js")
    wrong = what_went_wrong(run, entries)
    # A file can hold no half of a character, and text of a container may have one.
    page = _filled(
        "page.html.j2",
        run=run,
        counts=_counts(run),
        took=seconds(run.took_s),
        wrong=wrong[:_MOST_SHOWN],
        wrong_omitted=len(wrong) - len(wrong[:_MOST_SHOWN]),
        files=files_of(run, entries),
        tags=sorted({tag for entry in entries.values() for tag in entry.tags}),
        facts=list(_facts(run)),
        packed=[(number, _packed(run.cases[number], entry)) for number, entry in entries.items()],
        style=style,
        script=script,
        policy=_policy(style, script),
    )
    return page.encode(errors="replace").decode()


def _counts(run: RunResult) -> dict[str, int]:
    totals = run.totals
    return {
        "failed": totals.failed,
        "errored": totals.errored,
        "flaky": totals.flaky,
        "skipped": totals.skipped,
        "passed": totals.passed,
    }


def _facts(run: RunResult) -> Iterator[str]:
    engine = run.engine
    yield one_line(f"{engine.name} {engine.version}")
    for name, value in (("kernel", engine.kernel), ("cgroup", engine.cgroup), ("", engine.arch)):
        if value:
            yield one_line(f"{name} {value}")
    yield evidence_used(engine)
    yield one_line(f"scenario-run {run.version}")
    yield one_line(f"run {run.run_id}")
    yield one_line(run.started_at)


def _packed(result: CaseResult, entry: Entry) -> str:
    picture = picture_of(result)
    title = (
        f"Timeline of {entry.name}: {count(len(picture.rows), 'event')} on "
        f"{count(len(picture.lanes), 'lane')}; the table below has the same in words"
    )
    fates = sorted(
        {row.fate.value for row in picture.rows if row.fate is not None}, key=_FATES.index
    )
    drawn = {bar.state for bar in picture.bars}
    view = _filled(
        "case.html.j2",
        case=details_of(result, entry),
        picture=picture,
        fates=fates,
        states=[(state.name.lower(), state.value) for state in State if state in drawn],
    )
    parts = {"details": view, "picture": svg(picture, title) if picture.rows else ""}
    stored = json.dumps(parts, ensure_ascii=False).encode(errors="replace")
    return base64.b64encode(zlib.compress(stored, 9)).decode()


_FATES: Final = [fate.value for fate in Fate]


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: our own style and script, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_file),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _filled(name: str, **values: object) -> str:
    """Fill a template in; every one of them may use these."""
    shared = {"icons": _ICONS, "spans": spans, "clean": clean}
    return _environment().get_template(name).render(**shared, **values)


def spans(text: str) -> list[str]:
    """Cut a text at its back-ticks: every second part, from the second on, is code."""
    return re.split(r"`([^`]+)`", clean(text))
