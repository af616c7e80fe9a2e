"""
What the commands share that run cases: settings, the screen, and the exit code of a run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from runner.archive.case_file import CaseFile
from runner.cli.ci import annotate, source_links
from runner.cli.command import Command
from runner.cli.exit_codes import ENGINE, FAILED, INTERRUPTED
from runner.cli.report_files import folder_is_written, reports_of, write_all
from runner.cli.step_summary import append_step_summary
from runner.cli.tell import tell
from runner.errors import ReportNotWritten
from runner.model.case import Case
from runner.model.result import CaseResult, RunResult
from runner.model.settings import Settings
from runner.model.verdict import Errored, Evidence, Verdict, went_wrong
from runner.options.table import Color
from runner.report import annotations
from runner.report.console import Console
from runner.report.console_style import Style
from runner.report.progress import Progress
from runner.run import pipeline

_USUAL_WIDTH: Final = 80
_NARROWEST: Final = 40


def settings_of(command: Command) -> Settings:
    """Return the settings of a new run."""
    return Settings(
        run_id=pipeline.new_run_id(),
        quiet_s=command.quiet_period,
        keep=command.keep,
        retries=command.retries,
        fail_fast=command.fail_fast,
        evidence=None if command.evidence == "auto" else Evidence(command.evidence),
        strict_oracle=command.strict_oracle,
        strict_shutdown=command.strict_shutdown,
    )


def console_of(command: Command, cases: Sequence[Case], *, verbosity: int | None = None) -> Console:
    """Return what turns results into lines, as the terminal and the options want them."""
    wanted = command.verbose - command.quiet if verbosity is None else verbosity
    return Console(cases, style=style_of(command), verbosity=wanted)


def progress_of(total: int, *, wrong: str = "failed") -> Progress:
    """Return the status line for so many cases; `wrong` is a word for those that are not good."""
    live = sys.stderr.isatty() and not is_dumb()
    style = Style(width=width(sys.stderr), ellipsis=ellipsis_of(sys.stderr))
    return Progress(sys.stderr, total=total, live=live, style=style, wrong=wrong)


def style_of(command: Command) -> Style:
    """Return how lines are made for standard output."""
    return Style(
        color=in_color(command.color),
        width=width(sys.stdout),
        ellipsis=ellipsis_of(sys.stdout),
    )


def width(stream: TextIO) -> int:
    """Return how many characters fit on a line: of the terminal; as with pytest, else 80."""
    try:
        given = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        given = 0
    if given <= 0:
        try:
            given = os.get_terminal_size(stream.fileno()).columns
        except (OSError, ValueError):
            given = 0
    return given if given >= _NARROWEST else _USUAL_WIDTH


def ellipsis_of(stream: TextIO) -> str:
    """Return what stands for what is cut off, in the stream's encoding."""
    try:
        "…".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "..."
    return "…"


def in_color(wanted: Color) -> bool:
    """Return whether there are colours."""
    if wanted != "auto":
        return wanted == "always"
    return sys.stdout.isatty() and not is_dumb() and not os.environ.get("NO_COLOR")


def is_dumb() -> bool:
    """Return whether the terminal understands no control sequences."""
    return os.environ.get("TERM") in {"dumb", "unknown"}


def exit_code_of(result: RunResult) -> int:
    """Return the exit code: interrupted, then a failure of the engine, then failed cases."""
    if result.interrupted:
        return INTERRUPTED
    verdicts = [case.verdict for case in result.cases]
    if engine_failed(verdicts):
        return ENGINE
    return FAILED if any(map(went_wrong, verdicts)) else 0


def engine_failed(verdicts: Iterable[Verdict]) -> bool:
    """Return whether the engine was the cause of one of them."""
    return any(isinstance(one, Errored) and one.engine for one in verdicts)


def close_run(
    command: Command,
    result: RunResult,
    recap: Iterable[str],
    code: int,
    *,
    more: Mapping[str, str] | None = None,
    store: CaseFile | None = None,
) -> int:
    """
    Write the reports, print what sums up the run, and return its exit code.

    `more` are reports beside those of every run, by their names in the folder of reports. `store`
    has written the cases; None where there was nothing to write.
    """
    links = source_links(os.environ, Path.cwd())
    lines = list(recap)
    try:
        reports = dict(reports_of(command, result))
        if folder_is_written(command):
            reports |= {command.report_dir / name: text for name, text in (more or {}).items()}
        written = write_all(reports)
        if store is not None and folder_is_written(command):
            written += store.written()
        summary = append_step_summary(os.environ, result, links) if command.step_summary else None
        written += [summary] if summary else []
        if not command.quiet:
            lines += style_of(command).wrapped("reports: " + " ".join(map(str, written)))
    except ReportNotWritten as error:
        code = code if code == INTERRUPTED else error.exit_code
        tell(f"scenario-run: {error}")
    if command.output == "text":
        print("\n".join(lines), flush=True)
    annotate(os.environ, annotations.of_results(result, links))
    return code


class Screen:
    """A `Listener` that shows results on standard output and progress on standard error."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress
        self.note = progress.note
        self.progress = progress.progress

    def started(self, case: Case) -> None:
        """As `Listener.started`."""
        self._progress.started(case.name)

    def finished(self, result: CaseResult) -> None:
        """As `Listener.finished`."""
        self._progress.finished(result.case.name, wrong=went_wrong(result.verdict))

    def result(self, result: CaseResult) -> None:
        """As `Listener.result`."""
        show(self._progress, self._console.lines_for(result))


def show(progress: Progress, lines: Iterable[str]) -> None:
    """Print lines above the status line."""
    text = "\n".join(lines)
    if text:
        with progress.paused():
            print(text, flush=True)
