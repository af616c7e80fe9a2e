"""
A picture as SVG. Texts go in by way of an element tree, so that none of them can be read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from runner.report.html.axis import TOP, Axis, axis_of
from runner.report.html.picture import Band, Bar, Fate, Kind, Lane, Picture, Row, State
from runner.report.html.svg_marks import LANE_HALF, arrow, at, element, mark, text
from runner.report.text import clean, seconds

_TIME_RIGHT: Final = 58
_BAND_X: Final = 68
_FIRST_LANE: Final = 118
_LANES_APART: Final = 86
_WORDS_WIDE: Final = 800
_MOST_LETTERS: Final = 118
_MOST_BOLD: Final = 104
_LANE_LETTERS: Final = 13
_NAMED_BAR: Final = 44
_BAND_LETTER: Final = 5.6


def svg(picture: Picture, title: str) -> str:
    """Draw a picture; `title` is what who cannot see it is told."""
    axis = axis_of([row.at_ns for row in picture.rows])
    words_x = _FIRST_LANE + _LANES_APART * (len(picture.lanes) - 1) + 72
    wide, high = words_x + _WORDS_WIDE, axis.height
    root = ET.Element(
        "svg",
        {
            "viewBox": f"0 0 {at(wide)} {at(high)}",
            "width": at(wide),
            "height": at(high),
            "role": "img",
            "aria-label": clean(title),
            "class": "picture",
        },
    )
    root.extend(_steps(picture, axis, wide))
    root.extend(_bands(picture, axis))
    for number, lane in enumerate(picture.lanes):
        root.extend(_lane(lane, _x(number), high))
    root.extend(_bar(bar, picture, axis) for bar in picture.bars if axis.times)
    root.extend(_gaps(axis))
    for row, y in zip(picture.rows, axis.places, strict=True):
        root.append(_row(row, y, words_x, wide))
    return ET.tostring(root, encoding="unicode")


def _x(lane: int) -> float:
    return _FIRST_LANE + _LANES_APART * lane


def _steps(picture: Picture, axis: Axis, wide: float) -> Iterator[ET.Element]:
    for row, y in zip(picture.rows, axis.places, strict=True):
        if row.kind is Kind.STEP:
            yield element("line", "step-line", x1=0, x2=wide, y1=y - 12, y2=y - 12)


def _bands(picture: Picture, axis: Axis) -> Iterator[ET.Element]:
    """Draw grace periods beside the times."""
    for band in picture.bands if axis.times else ():
        top, low = axis.y(band.from_ns), axis.y(band.until_ns)
        group = element("g", "")
        shape = element("rect", "grace", x=_BAND_X, y=top, width=16, height=max(3.0, low - top))
        group.append(shape)
        _told(group, _lasted(f"grace period of {band.text}", band))
        words_of_band = f"grace {band.text}"
        if low - top >= len(words_of_band) * _BAND_LETTER:
            middle = (top + low) / 2
            words = text("grace-words", _BAND_X + 12, middle, words_of_band, anchor="middle")
            words.set("transform", f"rotate(-90 {at(_BAND_X + 12)} {at(middle)})")
            group.append(words)
        yield group


def _lasted(what: str, one: Band | Bar) -> str:
    span = f"{one.from_ns / 1e9:.3f} s to {one.until_ns / 1e9:.3f} s"
    return f"{what}: {span} ({seconds((one.until_ns - one.from_ns) / 1e9)})"


def _lane(lane: Lane, x: float, high: float) -> Iterator[ET.Element]:
    head = element("g", "")
    head.append(text("lane-label", x, 18, _short(lane.label, _LANE_LETTERS), anchor="middle"))
    head.append(text("lane-name", x, 33, _short(lane.name, _LANE_LETTERS), anchor="middle"))
    _told(head, f"{lane.label} {lane.name}".strip())
    yield head
    yield element("line", "lane", x1=x, x2=x, y1=TOP - 22, y2=high)


def _bar(bar: Bar, picture: Picture, axis: Axis) -> ET.Element:
    top, low = axis.y(bar.from_ns), axis.y(bar.until_ns)
    x, high = _x(bar.lane), max(3.0, low - top)
    group = element("g", "")
    group.append(
        element(
            "rect",
            f"bar {bar.state.name.lower()}",
            x=x - LANE_HALF,
            y=top,
            width=2 * LANE_HALF,
            height=high,
            rx=2,
        )
    )
    lane = picture.lanes[bar.lane]
    _told(group, _lasted(f"{lane.label} {lane.name}: {bar.state.value}", bar))
    if bar.state is not State.ALIVE and high >= _NAMED_BAR:
        words = text("state", x + 18, top + high / 2, bar.state.value, anchor="middle")
        words.set("transform", f"rotate(-90 {at(x + 18)} {at(top + high / 2)})")
        group.append(words)
    return group


def _gaps(axis: Axis) -> Iterator[ET.Element]:
    for gap in axis.gaps:
        yield text("gap", _TIME_RIGHT, gap.y + 4, f"↕ {seconds(gap.took_ns / 1e9)}", anchor="end")


_BEFORE: Final = {Kind.PASSED: "✓ ", Kind.WRONG: "✗ ", Kind.STEP: "▸ "}


def _row(row: Row, y: float, words_x: float, wide: float) -> ET.Element:
    """Draw one row: time, arrow or mark, words; and an area that tells more."""
    kind = row.kind.value
    fate = f" {_class(row.fate)}" if row.fate is not None else ""
    group = element("g", f"row {kind}{fate}")
    group.append(element("rect", "area", x=0, y=y - 12, width=wide, height=24))
    group.append(text("time", _TIME_RIGHT, y + 4, f"{row.at_ns / 1e9:.3f} s", anchor="end"))
    if row.lane is not None and row.to is not None:
        group.extend(arrow(row, _x(row.lane), _x(row.to), y))
    elif row.lane is not None:
        group.extend(mark(row, _x(row.lane), y))
    if row.kind is Kind.OUTPUT and row.lane is not None:
        from_x = _x(row.lane) + LANE_HALF + 4
        group.append(element("line", "leader", x1=from_x, x2=words_x - 6, y1=y, y2=y))
    words = f"{_BEFORE.get(row.kind, '')}{_times(row)}"
    bold = row.kind in {Kind.STEP, Kind.WRONG, Kind.OUTPUT}
    words = _short(words, _MOST_BOLD if bold else _MOST_LETTERS)
    group.append(text("words", words_x, y + 4, words))
    _told(group, "\n".join(filter(None, (f"{row.at_ns / 1e9:.6f} s", _times(row), row.more))))
    return group


def _class(fate: Fate) -> str:
    return fate.value.replace(" ", "-")


def _times(row: Row) -> str:
    again = f" ({row.times} times, until {row.until_ns / 1e9:.3f} s)" if row.times > 1 else ""
    return f"{row.text}{again}"


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _told(group: ET.Element, words: str) -> None:
    """Show these words when the pointer rests on the group."""
    title = ET.Element("title")
    title.text = clean(words)
    group.insert(0, title)
