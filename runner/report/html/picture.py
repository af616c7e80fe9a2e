"""
The timeline picture of a case: what is drawn, in times and lanes, before anything has a place.

Times are nanoseconds since the first fact of the case.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Fate(enum.Enum):
    """What became of a signal; each has a colour, a line and a head of its own."""

    DELIVERED = "delivered"
    IGNORED = "ignored"
    PENDING = "pending"
    DROPPED = "dropped"
    REJECTED = "rejected"
    NOT_KNOWN = "not known"


class State(enum.Enum):
    """What a process is in for a while."""

    ALIVE = "running"
    STOPPED = "stopped"
    PAUSED = "paused"
    ZOMBIE = "zombie"


class Kind(enum.Enum):
    """What a row tells of: it decides how its words look, and whether it is drawn on a lane."""

    STEP = "step"
    SIGNAL = "signal"
    EVENT = "event"
    END = "end"
    OUTPUT = "output"
    PASSED = "passed"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Lane:
    """One column: the sender on the host, init, or a process; `name` stands below `label`."""

    label: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A process in one state for a while."""

    lane: int
    state: State
    from_ns: int
    until_ns: int


@dataclass(frozen=True, slots=True)
class Row:
    """
    One thing that happened, in words, with a mark on `lane` or an arrow from there `to` another.

    `label` stands at the arrow, and `fate` is what became of the signal. `more` is for who looks
    closer. `times` is how many times the same happened, until `until_ns`.
    """

    at_ns: int
    kind: Kind
    text: str
    lane: int | None = None
    to: int | None = None
    label: str = ""
    fate: Fate | None = None
    more: str = ""
    times: int = 1
    until_ns: int = 0


@dataclass(frozen=True, slots=True)
class Band:
    """A grace period of so long (`text`): from the stop signal until it was over, or init ended."""

    from_ns: int
    until_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """
    A whole picture. `rows` are in the order of their times; `omitted` are not among them.

    `processes_omitted` is how many processes have no lane.
    """

    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]
    omitted: int = 0
    processes_omitted: int = 0
