"""
Running the selected cases on the engine, and telling and writing what came of them.
"""

from __future__ import annotations

import os
import shutil
import sys

from runner.archive import result_json
from runner.cli.command import Command
from runner.cli.exit_codes import ENGINE, FAILED, INTERRUPTED
from runner.cli.report_files import write_all
from runner.cli.selected import read_files, selected
from runner.cli.stop_on_signals import StopOnSignals
from runner.engine import open_engine
from runner.errors import ReportNotWritten
from runner.model.case import Case
from runner.model.result import CaseResult, RunResult
from runner.model.settings import Settings
from runner.model.verdict import Evidence, went_wrong
from runner.options.table import Color
from runner.report import junit, markdown
from runner.report.console import Console
from runner.report.progress import Progress
from runner.run import pipeline


def run(command: Command) -> int:
    """Run the cases; print the results as they come, and write the reports."""
    cases = selected(command, read_files(command))
    width = shutil.get_terminal_size().columns
    console = Console(color=_in_color(command.color), width=width, verbosity=command.verbose)
    progress = Progress(sys.stderr, total=len(cases), live=sys.stderr.isatty(), width=width)
    settings = Settings(
        run_id=pipeline.new_run_id(),
        quiet_s=command.quiet_period,
        keep=command.keep,
        retries=command.retries,
        fail_fast=command.fail_fast,
        evidence=None if command.evidence == "auto" else Evidence(command.evidence),
        strict_oracle=command.strict_oracle,
        strict_shutdown=command.strict_shutdown,
    )
    engine = open_engine("docker", settings.run_id)
    with StopOnSignals():
        try:
            result = pipeline.run(
                cases,
                engine=engine,
                settings=settings,
                forks=command.forks,
                listener=_Screen(console, progress),
            )
        finally:
            engine.close()
    return _report(command, console, result)


def _report(command: Command, console: Console, result: RunResult) -> int:
    reports = {
        "junit.xml": junit.render(result, dialect=command.junit_dialect),
        "report.md": markdown.render(result),
        "result.json": result_json.dump(result),
    }
    code = _exit_code(result)
    try:
        written = write_all(command.report_dir, reports)
        outcome = "reports: " + " ".join(map(str, written))
    except ReportNotWritten as error:
        outcome, code = f"scenario-run: {error}", code if code == INTERRUPTED else error.exit_code
    print("\n".join(console.recap(result)))
    print(outcome, file=sys.stderr if outcome.startswith("scenario-run") else sys.stdout)
    return code


def _exit_code(result: RunResult) -> int:
    """Return the exit code: interrupted, then a failure of the engine, then failed cases."""
    if result.interrupted:
        return INTERRUPTED
    verdicts = [case.verdict for case in result.cases]
    if any(verdict.kind == "errored" and verdict.engine for verdict in verdicts):
        return ENGINE
    return FAILED if any(map(went_wrong, verdicts)) else 0


class _Screen:
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


def _in_color(wanted: Color) -> bool:
    if wanted != "auto":
        return wanted == "always"
    dumb = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not dumb
