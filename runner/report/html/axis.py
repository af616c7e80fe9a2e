"""
The time axis of a picture: downwards, one row for each thing that happened.

A container starts in half a second, a handler runs in microseconds, and a grace period takes ten
seconds. So the distance of two rows grows with the logarithm of the time between them, and long
waits say how long they are.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

TOP: Final = 62.0
_ROW: Final = 24.0
_PER_DECADE: Final = 20.0
_FROM_NS: Final = 20_000_000
_TOLD_NS: Final = 100_000_000
_BELOW: Final = 16.0


@dataclass(frozen=True, slots=True)
class Gap:
    """A wait worth to be told: where it is on the axis, and how long."""

    y: float
    took_ns: int


@dataclass(frozen=True, slots=True)
class Axis:
    """Where on a picture each row is, and any other time between them."""

    times: tuple[int, ...]
    places: tuple[float, ...]
    gaps: tuple[Gap, ...]
    height: float

    def y(self, at_ns: int) -> float:
        """Return the place of a time: that of its row, or in proportion between two rows."""
        if not self.times:
            return TOP
        after = bisect_right(self.times, at_ns)
        if after == 0:
            return self.places[0]
        if after == len(self.times):
            return self.places[-1]
        before_ns, after_ns = self.times[after - 1], self.times[after]
        share = (at_ns - before_ns) / (after_ns - before_ns)
        return self.places[after - 1] + share * (self.places[after] - self.places[after - 1])


def axis_of(times: Sequence[int]) -> Axis:
    """Lay out rows at these times, which are in order."""
    places: list[float] = []
    gaps: list[Gap] = []
    y = TOP
    for at, at_ns in enumerate(times):
        if at > 0:
            took_ns = at_ns - times[at - 1]
            step = _ROW + _PER_DECADE * math.log10(1 + took_ns / _FROM_NS)
            if took_ns >= _TOLD_NS:
                gaps.append(Gap(y + step / 2, took_ns))
            y += step
        places.append(y)
    return Axis(tuple(times), tuple(places), tuple(gaps), y + _BELOW)
