"""
`--show-config`: the settings as scenario-run.toml has them, and where each came from.
"""

from __future__ import annotations

from pathlib import Path

from runner.cli.command import Command
from runner.cli.toml_text import toml_entry
from runner.options.option import Option
from runner.options.table import OPTIONS


def run(command: Command) -> int:
    """Print one setting a line; where it came from is a comment."""
    for option in OPTIONS:
        if option.name in command.origins:
            setting = command.origins[option.name]
            print(f"{_line(option, setting.value)}  # {setting.origin}")
    if command.defaults:
        print("\n[defaults]")
    for name, value in command.defaults.items():
        print(toml_entry(name, value))
    return 0


def _line(option: Option, value: object) -> str:
    if value is None:
        return f"# {option.setting} is not set"
    return toml_entry(option.setting, _plain(value))


def _plain(value: object) -> object:
    """Return the value as it stands in the file."""
    match value:
        case Path():
            return str(value)
        case float():
            # All numbers with a fraction are times. Imported here: it knows pydantic.
            from runner.language.fields import duration_text  # noqa: PLC0415

            return duration_text(value)
        case _:
            return value
