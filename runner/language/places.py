"""
Where things stand in the user's files, whatever has been put together from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from runner.errors import Problem, Where
from runner.language.plain import Path


class Places(Protocol):
    """Knows the place of the value, or of the key, at each path of some plain data."""

    def where(self, path: Path, *, key: bool = False) -> Where:
        """Return the place; for a path that is not there, its parent's."""
        ...

    def line(self, where: Where) -> str:
        """Return the text of the line of a place."""
        ...


class Problems:
    """Collects what is wrong in one row of a scenario, each problem with the line it stands in."""

    def __init__(self, places: Places, row: str = "", found: list[Problem] | None = None) -> None:
        self.found: list[Problem] = [] if found is None else found
        self._places = places
        self._row = row

    def at(self, path: Path, what: str, advice: str = "", *, key: bool = False) -> None:
        """Add a problem with the value at this path, or with its key."""
        where = self._places.where(path, key=key)
        self.found.append(Problem(what, where, self._places.line(where), advice, self._row))

    def of(self, places: Places) -> Problems:
        """Return what collects into the same list, by other places."""
        return Problems(places, self._row, self.found)

    def add(self, problems: Iterable[Problem]) -> None:
        """Add problems that were found where nobody knew of the row."""
        self.found += (replace(one, row=self._row) for one in problems)
