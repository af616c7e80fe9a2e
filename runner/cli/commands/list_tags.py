"""
`--list-tags`: the tags of cases and steps.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.selected import read_files, selected
from runner.plan.tags import all_tags


def run(command: Command) -> int:
    """Print one tag a line, sorted."""
    for tag in all_tags(selected(command, read_files(command))):
        print(tag)
    return 0
