"""
Which reports a run writes, and writing them: each to a temporary name in its folder first, so that
none is ever half-written.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.archive import result_json
from runner.cli.ci import source_links
from runner.cli.command import Command
from runner.errors import ReportNotWritten, UsageError
from runner.model.result import RunResult
from runner.report import html, junit, markdown, tap


@dataclass(frozen=True, slots=True)
class ReportFile:
    """
    A kind of report: the option that names a file for it, its name in the folder of reports ("": it
    is not there), and how it is made.
    """

    option: str
    name: str
    render: Callable[[Command, RunResult], str]


REPORT_FILES: Final = (
    ReportFile(
        "junit",
        "junit.xml",
        lambda command, result: junit.render(result, dialect=command.junit_dialect),
    ),
    ReportFile(
        "markdown",
        "report.md",
        lambda _, result: markdown.render(result, links=source_links(os.environ, Path.cwd())),
    ),
    ReportFile("html", "report.html", lambda _, result: html.render(result)),
    ReportFile("json", "result.json", lambda _, result: result_json.dump(result)),
    ReportFile("tap", "", lambda _, result: tap.render(result)),
)
"""All kinds, in the order in which they are written."""


def folder_is_written(command: Command) -> bool:
    """
    Return whether the folder of reports is written: if no file is named, or if the folder is.
    """
    named = any(getattr(command, kind.option) is not None for kind in REPORT_FILES)
    return not named or command.origins["report_dir"].origin != "default"


def check_targets(command: Command) -> None:
    """
    Look at the options before a run, not after it.

    Raises:
        UsageError: two of them name the same file.
    """
    kinds: dict[Path, ReportFile] = {}
    for path, kind in _targets(command):
        other = kinds.setdefault(path, kind)
        if other is not kind:
            raise UsageError(
                f"--{other.option} and --{kind.option} would both write {path}",
                advice="name another file for one of them",
            )


def _targets(command: Command) -> Iterator[tuple[Path, ReportFile]]:
    for kind in REPORT_FILES:
        if kind.name and folder_is_written(command):
            yield command.report_dir / kind.name, kind
        named: Path | None = getattr(command, kind.option)
        if named is not None:
            yield named, kind


def reports_of(command: Command, result: RunResult) -> Mapping[Path, str]:
    """Return the reports of a run by their files."""
    return {path: kind.render(command, result) for path, kind in _targets(command)}


def write_all(reports: Mapping[Path, str]) -> list[Path]:
    """
    Write every report; a folder is made if need be. Give the paths.

    Raises:
        ReportNotWritten: the first one that could not be written; the others are tried all the
            same, and what stood there before is left as it was.
    """
    failure: ReportNotWritten | None = None
    written: list[Path] = []
    for path, text in reports.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, text)
            written.append(path)
        except OSError as error:
            failure = failure or ReportNotWritten(
                f"cannot write {path}: {error.strerror or error}",
                advice="name a place that can be written to, as in --report-dir DIR",
            )
    if failure is not None:
        raise failure
    return written


def _write(path: Path, text: str) -> None:
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # Not ours to replace: /dev/stdout, a pipe, a link to where people want it.
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
        return
    number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        # mkstemp makes files that nobody else can read; reports are for others.
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
