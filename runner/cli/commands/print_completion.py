"""
`--print-completion`: the script by which a shell completes the command line.
"""

from __future__ import annotations

from runner.cli.completion import completion_script
from runner.cli.options import Command, build_parser


def run(command: Command) -> int:
    """Print the script for the shell that was named."""
    values = {"paths": "files", "report_dir": "folders"}
    print(completion_script(build_parser(), command.shell, values))
    return 0
