"""
`--syntax-check`: the files are read, and nothing else.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.selected import read_paths
from runner.plan.find import find_files
from runner.words import count


def run(command: Command) -> int:
    """Print how many files and cases are correct; what is wrong is an error of loading."""
    paths = find_files(command.paths)
    cases = read_paths(command, paths)
    print(f"{count(len(paths), 'file')} with {count(len(cases), 'case')}: all correct")
    return 0
