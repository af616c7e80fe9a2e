"""
What the commands share that run cases: settings, the screen, and the exit code of a run.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping

from runner.archive import result_json
from runner.cli.command import Command
from runner.cli.exit_codes import ENGINE, FAILED, INTERRUPTED
from runner.cli.report_files import write_all
from runner.errors import ReportNotWritten
from runner.model.case import Case
from runner.model.result import CaseResult, RunResult
from runner.model.settings import Settings
from runner.model.verdict import Errored, Evidence, Verdict, went_wrong
from runner.options.table import Color
from runner.report import junit, markdown
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


def reports_of(command: Command, result: RunResult) -> Mapping[str, str]:
    """Return the reports of a run by the names of their files."""
    return {
        "junit.xml": junit.render(result, dialect=command.junit_dialect),
        "report.md": markdown.render(result),
        "result.json": result_json.dump(result),
    }


def close_run(command: Command, reports: Mapping[str, str], recap: Iterable[str], code: int) -> int:
    """Write the reports, print what sums up the run, and return its exit code."""
    try:
        written = write_all(command.report_dir, reports)
        outcome = "reports: " + " ".join(map(str, written))
    except ReportNotWritten as error:
        outcome, code = f"scenario-run: {error}", code if code == INTERRUPTED else error.exit_code
    print("\n".join(recap))
    print(outcome, file=sys.stderr if outcome.startswith("scenario-run") else sys.stdout)
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
