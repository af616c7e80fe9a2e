"""Times have places, and a picture is SVG in which every text is text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from runner.report.html.axis import axis_of
from runner.report.html.picture import Band, Bar, Fate, Kind, Lane, Picture, Row, State
from runner.report.html.svg import svg

MS = 1_000_000
TIMES = st.lists(st.integers(0, 10**11), min_size=1, max_size=40).map(sorted)


@given(TIMES, st.integers(0, 10**11))
def test_later_is_below(times: list[int], at_ns: int) -> None:
    """Each row has a place of its own, and any other time lies between its neighbours."""
    axis = axis_of(times)

    assert all(low - high > 23.9 for high, low in zip(axis.places, axis.places[1:], strict=False))
    assert axis.places[0] <= axis.y(at_ns) <= axis.places[-1] < axis.height
    assert all(axis.y(one) == axis.places[len(times) - 1 - times[::-1].index(one)] for one in times)


def test_a_long_wait_says_how_long() -> None:
    """And takes more room than a short one, but not in proportion."""
    axis = axis_of([0, MS, 2 * MS, 2000 * MS, 12_000 * MS])

    steps = [low - high for high, low in zip(axis.places, axis.places[1:], strict=False)]
    assert [gap.took_ns // MS for gap in axis.gaps] == [1998, 10_000]
    assert steps == sorted(steps)
    assert steps[-1] < 4 * steps[0]


def test_every_fate_has_a_shape_of_its_own() -> None:
    """Colour is never the only sign."""
    shapes = set()
    for fate in Fate:
        row = Row(0, Kind.SIGNAL, "words", 0, 1, "SIGTERM", fate)
        root = ET.fromstring(svg(Picture((Lane("a"), Lane("b")), (row,), (), ()), "title"))
        (head,) = [one for one in root.iter() if "head" in one.get("class", "")]
        shaft = next(one for one in root.iter() if one.get("class") == "shaft")
        shapes.add((head.tag, head.get("d"), head.text, shaft.get("x2")))

    assert len(shapes) == len(Fate)


def test_no_text_becomes_markup() -> None:
    """Wherever it stands: lanes, labels, words, and what is told on hover."""
    nasty = "</title></svg><script>alert(1)</script>\x00\x1b[31m \ud800"
    row = Row(0, Kind.SIGNAL, nasty, 0, 1, nasty, Fate.DELIVERED, nasty)
    own = Row(1, Kind.OUTPUT, nasty, 0, more=nasty)
    picture = Picture(
        (Lane(nasty, nasty), Lane("b")),
        (row, own),
        (Bar(0, State.ZOMBIE, 0, 1),),
        (Band(0, 1, nasty),),
    )

    text = svg(picture, nasty)

    assert "<script" not in text
    root = ET.fromstring(text.encode(errors="replace"))
    assert {one.tag for one in root.iter()} <= {
        *("svg", "g", "line", "rect", "text", "title", "path", "circle"),
    }


def test_a_picture_without_facts_is_no_error() -> None:
    """A case that was not run."""
    assert ET.fromstring(svg(Picture((Lane("host"),), (), (), ()), "nothing")).tag == "svg"
