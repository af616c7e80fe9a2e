"""
Running the selected cases on the engine, and telling and writing what came of them.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.report_files import check_targets
from runner.cli.running import (
    Screen,
    close_run,
    console_of,
    exit_code_of,
    progress_of,
    settings_of,
)
from runner.cli.selected import read_files, selected
from runner.cli.stop_on_signals import StopOnSignals
from runner.engine import open_engine
from runner.run import pipeline


def run(command: Command) -> int:
    """Run the cases; print the results as they come, and write the reports."""
    check_targets(command)
    cases = selected(command, read_files(command))
    console, settings = console_of(command), settings_of(command)
    engine = open_engine("docker", settings.run_id)
    with StopOnSignals():
        try:
            result = pipeline.run(
                cases,
                engine=engine,
                settings=settings,
                forks=command.forks,
                listener=Screen(console, progress_of(len(cases))),
            )
        finally:
            engine.close()
    return close_run(command, result, console.recap(result), exit_code_of(result))
