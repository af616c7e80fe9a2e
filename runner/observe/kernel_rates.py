"""
Who makes more events than can be read beside those of everybody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Final

MOST_A_SECOND: Final = 10_000
"""
A tenth of what is read in a second by a reader that has a processor for itself, and a sixth of what
a processor's buffer holds. A shell that sends itself a signal in a loop makes more, one that starts
a program for each makes some 2,000.
"""

_SECOND_NS: Final = 1_000_000_000


class Rates:
    """Counts the events of each source, by the trace's clock."""

    def __init__(self) -> None:
        self._counts: Counter[Hashable] = Counter()
        self._since_ns = 0

    def too_many(self, source: Hashable, at_ns: int) -> bool:
        """Count an event; say, once a second, that the source has made too many in that second."""
        if at_ns - self._since_ns >= _SECOND_NS:
            self._counts.clear()
            self._since_ns = at_ns
        self._counts[source] += 1
        return self._counts[source] == MOST_A_SECOND
