"""
Where things stand in the user's files, whatever has been put together from them.
"""

from __future__ import annotations

from typing import Protocol

from runner.errors import Problem, Where
from runner.language.plain import Path


class Places(Protocol):
    """Knows the place of the value, or of the key, at each path of some plain data."""

    def where(self, path: Path, *, key: bool = False) -> Where:
        """Give the place; for a path that is not there, its parent's."""
        ...

    def line(self, where: Where) -> str:
        """Give the text of the line of a place."""
        ...


def problem_at(
    places: Places, where: Where, what: str, *, advice: str = "", row: str = ""
) -> Problem:
    """Make a problem with the line it stands in."""
    return Problem(what, where, places.line(where), advice, row)
