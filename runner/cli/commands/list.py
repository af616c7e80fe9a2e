"""
`--list`: the names of the cases.
"""

from __future__ import annotations

from collections import Counter

from runner.cli.command import Command
from runner.cli.selected import read_files, selected


def run(command: Command) -> int:
    """Print one name a line, as `--limit @FILE` takes them; with the file, where others have it."""
    checked = read_files(command)
    times = Counter(one.name for one in checked)
    for case in selected(command, checked):
        alone = times[case.name] <= 1
        print(case.name if alone else f"{case.where.path}::{case.name}")
    return 0
