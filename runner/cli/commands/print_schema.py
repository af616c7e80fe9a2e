"""
`--print-schema`: the JSON Schema of scenario files.
"""

from __future__ import annotations

import sys
from typing import Final

from runner import shipped
from runner.cli.command import Command

SCHEMA_FILE: Final = "scenario.v1.json"


def run(command: Command) -> int:  # noqa: ARG001 - as every command
    """Print the schema that comes with the program."""
    sys.stdout.write((shipped.folder("schemas") / SCHEMA_FILE).read_text(encoding="utf-8"))
    return 0
