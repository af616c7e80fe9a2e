"""
The shapes of a picture: arrows with a head of its own for each fate, and marks on lanes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from runner.report.html.picture import Fate, Kind, Row
from runner.report.text import clean

LANE_HALF: Final = 7.0
_STOPS_BEFORE: Final = {Fate.DROPPED: 20.0, Fate.REJECTED: 26.0}
"""An arrow that does not arrive ends so far from its target."""
_OWN: Final = 34.0
"""How long the arrow of a signal is that has no sender on the picture."""


def at(number: float) -> str:
    """Write a coordinate."""
    return f"{number:.1f}".removesuffix(".0")


def element(name: str, css: str, **numbers: float) -> ET.Element:
    """Make an element with coordinates."""
    made = ET.Element(name, {key: at(value) for key, value in numbers.items()})
    if css:
        made.set("class", css)
    return made


def text(css: str, x: float, y: float, words: str, *, anchor: str = "") -> ET.Element:
    """Make a text."""
    made = element("text", css, x=x, y=y)
    if anchor:
        made.set("text-anchor", anchor)
    made.text = clean(words)
    return made


def arrow(row: Row, from_x: float, to_x: float, y: float) -> Iterator[ET.Element]:
    """Draw an arrow from lane to lane, with its label."""
    way = 1.0 if to_x >= from_x else -1.0
    start = from_x + way * LANE_HALF
    tip = to_x - way * (LANE_HALF + 1)
    end = tip - way * _STOPS_BEFORE.get(row.fate, 0.0) if row.fate else tip
    if row.label:
        yield text("label", (from_x + to_x) / 2, y - 5, row.label, anchor="middle")
    yield element("line", "shaft", x1=start, x2=end - way * 4, y1=y, y2=y)
    yield head(row.fate, end, y, way)


def mark(row: Row, x: float, y: float) -> Iterator[ET.Element]:
    """Draw what happens on one lane."""
    match row.kind:
        case Kind.SIGNAL:
            tip = x + LANE_HALF + 1
            yield text("label", tip + 8, y - 5, row.label)
            yield element("line", "shaft", x1=tip + _OWN, x2=tip + 4, y1=y, y2=y)
            yield head(row.fate, tip, y, -1.0)
        case Kind.END:
            yield element("rect", "end", x=x - 11, y=y - 2.5, width=22, height=5)
        case Kind.OUTPUT:
            yield element("rect", "dot", x=x - 2.5, y=y - 2.5, width=5, height=5)
        case _:
            yield element("circle", "dot", cx=x, cy=y, r=4)


def head(fate: Fate | None, x: float, y: float, way: float) -> ET.Element:
    """Draw the head of an arrow whose tip is at `x`; `way` 1 points to the right."""
    match fate:
        case Fate.DELIVERED:
            return _path("head full", f"M{at(x)} {at(y)}l{at(-way * 9)} -5v10z")
        case Fate.IGNORED:
            return element("circle", "head hollow", cx=x - way * 4, cy=y, r=4)
        case Fate.PENDING:
            near, far = at(x - way * 2), at(x - way * 6)
            return _path("head", f"M{near} {at(y - 6)}v12M{far} {at(y - 6)}v12")
        case Fate.DROPPED:
            left = at(x - 5)
            return _path("head", f"M{left} {at(y - 5)}l10 10M{left} {at(y + 5)}l10 -10")
        case Fate.REJECTED:
            left, centre = at(x - 5.5), at(y)
            circle = f"M{left} {centre}a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0"
            return _path("head", f"{circle}M{at(x - 4)} {at(y + 4)}l8 -8")
        case Fate.NOT_KNOWN:
            return text("head-words", x - way * 5, y + 4, "?", anchor="middle")
        case None:
            back = at(-way * 6)
            return _path("head", f"M{at(x)} {at(y)}l{back} -4M{at(x)} {at(y)}l{back} 4")


def _path(css: str, data: str) -> ET.Element:
    made = element("path", css)
    made.set("d", data)
    return made
