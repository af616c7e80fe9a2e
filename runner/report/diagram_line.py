"""
One line of a diagram: an arrow between two lanes, or a note over lanes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOST: Final = "H"
INSIDE: Final = "P"
INIT: Final = "I"
OTHERS: Final = "C"

Lane = tuple[str, str]
"""Which kind of lane, and of which container (the host has none)."""


@dataclass(slots=True)
class DiagramLine:
    """
    What was drawn of a fact; a later fact may say what became of it.

    With a `target` it is an arrow: `lost` if what was sent did not arrive, `answer` if it goes
    back. Without one it is a note over the lane, or over all if there is no lane either. `since_ns`
    is from when its time is counted.
    """

    at_ns: int
    since_ns: int
    text: str
    lane: Lane | None = None
    target: Lane | None = None
    lost: bool = False
    answer: bool = False
    times: int = 1

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """The lanes that it needs."""
        return tuple(one for one in (self.lane, self.target) if one is not None)

    def same(self, other: DiagramLine) -> bool:
        """Whether another line says the same, at another time."""
        mine, its = (
            (one.text, one.lane, one.target, one.lost, one.answer) for one in (self, other)
        )
        return mine == its and self.lane is not None
