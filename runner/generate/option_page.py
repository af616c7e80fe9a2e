"""
The page of docs/reference about the command line, made from the table of options.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from runner.options.option import Option
from runner.options.table import OPTIONS

_INTRODUCTION: Final = """\
# Options

Made from the table of options by `make generate`; do not edit.

`scenario-run [OPTION ...] FILE|FOLDER ...` runs all cases of these files, and of the files below
these folders. An option with a name for it may also stand in `scenario-run.toml`, or in
`[tool.scenario-run]` of `pyproject.toml`, and in the environment. The command line wins over the
environment, that over the file, that over the default; `--show-config` says where each value came
from.

In the file, what may be given several times is a list, and a switch is `true` or `false`. In the
environment, these are words between commas, and `1` or `0`. `-h`, `--help` and `--version` print
what they say, and nothing is run.
"""
_COLUMNS: Final = ("option", "meaning", "default", "in scenario-run.toml", "in the environment")
"""Of a group of which nothing may be set, the first two say all there is."""


def option_page() -> str:
    """Return the text of options.md."""
    return _INTRODUCTION + "\n".join(_tables())


def _tables() -> Iterator[str]:
    on_the_command_line = (option for option in OPTIONS if not option.positional)
    for group, options in groupby(on_the_command_line, lambda option: option.group):
        rows = list(options)
        columns = _COLUMNS if any(option.may_be_set for option in rows) else _COLUMNS[:2]
        yield f"\n## {group.capitalize() or 'Output'}\n"
        yield _line(columns)
        yield "|" + "---|" * len(columns)
        yield from (_line(_cells(option)[: len(columns)]) for option in rows)
    yield ""


def _cells(option: Option) -> tuple[str, ...]:
    cells = f"`{_spelling(option)}`", option.help, _default(option)
    if not option.may_be_set:
        return (*cells, "", "")
    return (*cells, f"`{option.setting}`", f"`{option.variable}`")


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _spelling(option: Option) -> str:
    flags = f"{option.short}, {option.flag}" if option.short else option.flag
    value = option.metavar or "|".join(option.choices)
    return f"{flags} {value}".rstrip()


def _default(option: Option) -> str:
    if option.is_switch:
        return "off"
    number = str(option.default) if isinstance(option.default, int) else "none"
    return option.default_text or number
