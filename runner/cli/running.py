"""
What the commands share that run cases: settings, the screen, and the exit code of a run.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

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
from runner.report.progress import Progress
from runner.run import pipeline


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


def console_of(command: Command) -> Console:
    """Return what turns results into lines, as the terminal and the options want them."""
    return Console(color=in_color(command.color), width=width(), verbosity=command.verbose)


def progress_of(total: int) -> Progress:
    """Return the status line for so many cases."""
    return Progress(sys.stderr, total=total, live=sys.stderr.isatty(), width=width())


def width() -> int:
    """Return how many characters fit on a line."""
    return shutil.get_terminal_size().columns


def in_color(wanted: Color) -> bool:
    """Return whether there are colours."""
    if wanted != "auto":
        return wanted == "always"
    dumb = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not dumb


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
    try:
        reports = dict(reports_of(command, result))
        if folder_is_written(command):
            reports |= {command.report_dir / name: text for name, text in (more or {}).items()}
        written = write_all(reports)
        if store is not None and folder_is_written(command):
            written += store.written()
        summary = append_step_summary(os.environ, result, links) if command.step_summary else None
        written += [summary] if summary else []
        outcome, failure = ["reports: " + " ".join(map(str, written))], ""
    except ReportNotWritten as error:
        outcome, failure = [], f"scenario-run: {error}"
        code = code if code == INTERRUPTED else error.exit_code
    if command.output == "text":
        print("\n".join(recap), flush=True)
    annotate(os.environ, annotations.of_results(result, links))
    if command.output == "text":
        print(*outcome, sep="\n", end="\n" if outcome else "")
    if failure:
        tell(failure)
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

    def finished(self, case: Case) -> None:
        """As `Listener.finished`."""
        self._progress.finished(case.name)

    def result(self, result: CaseResult) -> None:
        """As `Listener.result`."""
        with self._progress.paused():
            print("\n".join(self._console.lines_for(result)), flush=True)
