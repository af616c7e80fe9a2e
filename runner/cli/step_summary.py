"""
The summary of a step of GitHub Actions, to which the Markdown report is appended.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from runner.cli.tell import tell
from runner.errors import ReportNotWritten
from runner.model.result import RunResult
from runner.report import markdown
from runner.report.source_links import SourceLinks

SUMMARY_BYTES: Final = 1024 * 1024
"""GitHub refuses a summary that is longer, as a whole."""

LEAST_BYTES: Final = 4096
"""With less room a report says nothing."""

_VARIABLE: Final = "GITHUB_STEP_SUMMARY"


def append_step_summary(
    environment: Mapping[str, str], result: RunResult, links: SourceLinks
) -> Path | None:
    """
    Append the Markdown report to the summary of the step; give the file if that was done.

    Where there is no such file, nothing is done. One that has no room is told of, and left alone.

    Raises:
        ReportNotWritten: it cannot be read or written.
    """
    name = environment.get(_VARIABLE, "")
    if not name:
        return None
    path = Path(name)
    try:
        there = path.read_bytes() if path.exists() else b""
        begin = b"" if not there or there.endswith(b"\n\n") else b"\n\n"
        room = SUMMARY_BYTES - len(there) - len(begin)
        if room < LEAST_BYTES:
            tell(f"scenario-run: no room in the step summary: {len(there)} bytes are there already")
            return None
        text = markdown.render(result, links=links, budget_bytes=room)
        with path.open("ab") as file:
            file.write(begin + text.encode())
    except OSError as error:
        raise ReportNotWritten(
            f"cannot write {path}: {error.strerror or error}", advice=f"look at ${_VARIABLE}"
        ) from error
    return path
