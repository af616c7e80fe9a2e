"""
How many bytes of a text that must not be too long are left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def size_of(text: str) -> int:
    """Return how many bytes a text has as UTF-8."""
    return len(text.encode())


class Budget:
    """Bytes that pieces of a text are taken from, those that matter most first."""

    def __init__(self, most_bytes: int) -> None:
        self.left = most_bytes

    def takes(self, size: int) -> bool:
        """Take so many bytes if they are there, and return whether they were."""
        if size > self.left:
            return False
        self.left -= size
        return True

    def rows(self, rows: Iterable[str], *, share: float) -> Iterator[str]:
        """Yield the first rows that fit into this share of what is left now, a line each."""
        part = Budget(int(self.left * share))
        for row in rows:
            size = size_of(row) + 1
            if not (part.takes(size) and self.takes(size)):
                return
            yield row
