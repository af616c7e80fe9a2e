"""
The result of the last run, in the folder of its reports.
"""

from __future__ import annotations

from pathlib import Path

from runner.archive.file_names import CASES_FILE, PREVIOUS_FILE, RESULT_FILE
from runner.errors import UsageError


def last_result(folder: Path) -> Path:
    """
    Return the path of the result of the last run that came to its end.

    Raises:
        UsageError: a run was killed since.
    """
    result, cases = folder / RESULT_FILE, folder / CASES_FILE
    if not result.exists() and cases.exists():
        raise UsageError(
            f"the last run was killed, and has left only {cases}",
            advice=f"make its reports first: scenario-run --rejudge {cases}",
        )
    previous = folder / PREVIOUS_FILE
    return previous if previous.exists() and not result.exists() else result
