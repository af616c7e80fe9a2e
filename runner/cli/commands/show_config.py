"""
`--show-config`: the settings, and where each came from.
"""

from __future__ import annotations

from pathlib import Path

from runner.cli.command import Command


def run(command: Command) -> int:
    """Print one setting a line."""
    for name, setting in command.origins.items():
        print(f"{name} = {_plain(setting.value)!r}  ({setting.origin})")
    for name, value in command.defaults.items():
        print(f"defaults.{name} = {value!r}  ([defaults])")
    return 0


def _plain(value: object) -> object:
    """Return the value as it would stand in the file."""
    match value:
        case tuple():
            return list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        case Path():
            return str(value)
        case _:
            return value
