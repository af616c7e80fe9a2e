"""
The folder of the reports at the start of a run: nothing in it may look like a report of this run.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

from runner.archive.case_file import CaseFile
from runner.archive.file_names import CASES_FILE, PREVIOUS_FILE, RESULT_FILE
from runner.cli.command import Command
from runner.cli.report_files import REPORT_FILES, folder_is_written
from runner.model.settings import Settings

MUTATION_FILES: Final = ("mutation.json", "mutation.md")


@contextlib.contextmanager
def open_store(command: Command, settings: Settings) -> Generator[CaseFile]:
    """Open the file of cases: of the folder, or where that is not written, a temporary one."""
    if folder_is_written(command):
        with CaseFile(command.report_dir / CASES_FILE, settings) as store:
            yield store
        return
    with (
        tempfile.TemporaryDirectory(prefix="scenario-run-") as name,
        CaseFile(Path(name) / CASES_FILE, settings) as store,
    ):
        yield store


def set_aside(command: Command) -> None:
    """
    Keep the last result under another name, and remove the other reports, where the folder is
    written.
    """
    folder = command.report_dir
    if not folder_is_written(command):
        return
    with contextlib.suppress(OSError):
        (folder / RESULT_FILE).replace(folder / PREVIOUS_FILE)
    reports = {one.name for one in REPORT_FILES if one.name} - {RESULT_FILE}
    for name in (CASES_FILE, *MUTATION_FILES, *reports):
        # What cannot be removed cannot be written either, and that is told then.
        with contextlib.suppress(OSError):
            (folder / name).unlink()
