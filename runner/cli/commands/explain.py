"""
`--explain`: each case as a document of its own, with all defaults filled in.
"""

from __future__ import annotations

import dataclasses

from runner.cli.command import Command
from runner.cli.selected import read_files, selected
from runner.plan.explain import explained


def run(command: Command) -> int:
    """Print the documents of the selected cases, each once."""
    checked = read_files(command)
    chosen = {case.key: case for case in selected(dataclasses.replace(command, repeat=1), checked)}
    print("".join(explained(checked, chosen=chosen)), end="")
    return 0
