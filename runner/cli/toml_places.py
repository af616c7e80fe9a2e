"""
Where a key of a TOML file stands; the parser of the standard library does not say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from runner.errors import Where


def place_of_key(path: str, text: str, keys: Sequence[str]) -> Where:
    """
    Return where a key is given a value; `keys` lead to it from the top of a file that can be read.

    The file is read again, a line more each time, until the key is there: its statement
    begins after the last line up to which the file could be read without it.
    """
    lines = text.splitlines(keepends=True)
    begins = 0
    for number in range(1, len(lines) + 1):
        try:
            data = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value of several lines
        if _has(data, keys):
            break
        begins = number
    line = lines[begins] if begins < len(lines) else ""
    indent = len(line) - len(line.lstrip())
    return Where(path, begins + 1, indent + 1, max(1, len(keys[-1])))


def place_of_error(path: str, text: str, error: tomllib.TOMLDecodeError) -> tuple[str, Where]:
    """Take what tomllib says apart: the words, and the place."""
    match = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
    if match is None:
        return str(error), Where(path, text.count("\n") + 1, 1)
    return match[1], Where(path, int(match[2]), int(match[3]))


def _has(data: Mapping[str, Any], keys: Sequence[str]) -> bool:
    inside: Any = data
    for key in keys:
        if not isinstance(inside, dict) or key not in inside:
            return False
        inside = inside[key]  # pyright: ignore[reportUnknownVariableType]
    return True
