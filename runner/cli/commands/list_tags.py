"""
`--list-tags`: the tags of cases and steps.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.selected import load, selected
from runner.plan.tags import all_tags


def run(command: Command) -> int:
    """Print one tag a line, sorted."""
    for tag in all_tags(selected(command, load(command).cases)):
        print(tag)
    return 0
