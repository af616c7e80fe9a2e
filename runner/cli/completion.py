"""
Completion scripts for shells, made from the same parsers as the command lines.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Literal

import shtab

from runner.options.table import Shell

Values = Literal["files", "folders"] | Sequence[str]
"""What the values of an argument can be."""


def completion_script(
    parser: argparse.ArgumentParser, shell: Shell, values: Mapping[str, Values]
) -> str:
    """
    Return the script that a shell reads to complete the words of a program.

    `values` says by the name of an argument what it takes, where the parser does not know.
    """
    # argparse has no public list of its arguments.
    for action in parser._actions:  # noqa: SLF001
        if action.dest in values:
            setattr(action, "complete", _complete(values[action.dest]))  # noqa: B010 - shtab's own
    return shtab.complete(parser, shell)


def _complete(values: Values) -> object:
    match values:
        case "files":
            return shtab.FILE
        case "folders":
            return shtab.DIRECTORY
        case _:
            return shtab.cmd(f"echo {' '.join(values)}")
