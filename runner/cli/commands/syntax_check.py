"""
`--syntax-check`: the files are read, and nothing else.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.selected import load


def run(command: Command) -> int:
    """Print how many files and cases are correct; what is wrong is an error of loading."""
    loaded = load(command)
    files, cases = len(loaded.paths), len(loaded.cases)
    print(
        f"{files} file{'s' if files != 1 else ''} with {cases} case{'s' if cases != 1 else ''}: "
        "all correct"
    )
    return 0
