"""
`--list`: the names of the cases.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.selected import read_files, selected


def run(command: Command) -> int:
    """Print one name a line, as `--limit @FILE` takes them."""
    for case in selected(command, read_files(command)):
        print(case.name)
    return 0
