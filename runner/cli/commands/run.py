"""
Running the selected cases on the engine, and telling and writing what came of them.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.json_lines import JsonLines, ProgressOnly
from runner.cli.last_run import last_result
from runner.cli.report_files import check_targets
from runner.cli.report_folder import open_store, set_aside
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
    if command.failed:
        last_result(command.report_dir)
    set_aside(command)
    cases = selected(command, read_files(command))
    console, settings = console_of(command, cases), settings_of(command)
    engine = open_engine("docker", settings.run_id)
    in_lines = command.output == "json-lines"
    screen = ProgressOnly if in_lines else Screen
    with open_store(command, settings) as store:
        with StopOnSignals(), progress_of(len(cases)) as progress:
            try:
                result = pipeline.run(
                    cases,
                    engine=engine,
                    settings=settings,
                    forks=command.forks,
                    listener=screen(console, progress),
                    store=JsonLines(store) if in_lines else store,
                )
            finally:
                engine.close()
        recap, code = console.recap(result), exit_code_of(result)
        return close_run(command, result, recap, code, store=store)
