"""
`--syntax-check`: the files are read, and nothing else.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.selected import read_files
from runner.plan.find import find_files
from runner.words import count


def run(command: Command) -> int:
    """Print how many files and cases are correct; what is wrong is an error of loading."""
    files, cases = len(find_files(command.paths)), len(read_files(command))
    print(f"{count(files, 'file')} with {count(cases, 'case')}: all correct")
    return 0
