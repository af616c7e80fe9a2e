"""
`--print-completion`: the script by which a shell completes the command line.
"""

from __future__ import annotations

from runner.cli.command import Command
from runner.cli.completion import completion_script
from runner.cli.parser import build_parser
from runner.options.table import OPTIONS


def run(command: Command) -> int:
    """Print the script for the shell that was named."""
    values = {option.name: option.completes for option in OPTIONS if option.completes}
    print(completion_script(build_parser(), command.print_completion or "bash", values))
    return 0
