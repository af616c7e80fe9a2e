"""
Where the values and keys of a YAML document stand in its file.

Most files are right, and nobody asks where anything stands in them: so this reads the text a second
time, when somebody does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from runner.errors import Where
from runner.language.plain import Path

Span = tuple[int, int, int, int]
"""Where something begins and ends: line and column, line and column, counted from 0."""

NextEvent = Callable[[], Any]


def span_of(first: Any, last: Any) -> Span:  # noqa: ANN401 - PyYAML's events are untyped
    """Return where it begins with one event of the parser and ends with another."""
    start, end = first.start_mark, last.end_mark
    return start.line, start.column, end.line, end.column


def where_is(span: Span, path: str, lines: tuple[str, ...]) -> Where:
    """Return the place, of which a caret line underlines no more than the first line."""
    start, column, end, after = span
    if start != end:
        after = len(lines[start].rstrip()) if start < len(lines) else 0
    return Where(path, start + 1, column + 1, max(1, after - column))


@dataclass(slots=True)
class YamlPlaces:
    """The places of the value at each path, and of each mapping's key."""

    values: dict[Path, Span] = field(default_factory=dict[Path, Span])
    keys: dict[Path, Span] = field(default_factory=dict[Path, Span])

    def of(self, path: Path, *, key: bool) -> Span:
        """Return the place of a value or of its key; for a path that is not there, its parent's."""
        while path:
            found = (self.keys.get(path) if key else None) or self.values.get(path)
            if found is not None:
                return found
            path = path[:-1]
        return self.values[()]


def places_of(loader: Any, text: str, number: int) -> YamlPlaces:  # noqa: ANN401
    """Return the places of a document by its number, from 0, in a text that can be read so far."""
    events = loader(text)
    try:
        for _ in range(number + 1):
            while not isinstance(events.get_event(), yaml.DocumentStartEvent):
                pass
        found = YamlPlaces()
        _note(found, events.get_event, events.get_event(), ())
        return found
    finally:
        events.dispose()


def _note(found: YamlPlaces, next_event: NextEvent, start: Any, path: Path) -> None:  # noqa: ANN401
    end = start
    if isinstance(start, yaml.SequenceStartEvent):
        number, end = 0, next_event()
        while not isinstance(end, yaml.SequenceEndEvent):
            _note(found, next_event, end, (*path, number))
            number, end = number + 1, next_event()
    elif isinstance(start, yaml.MappingStartEvent):
        end = next_event()
        while not isinstance(end, yaml.MappingEndEvent):
            place = (*path, str(end.value))
            found.keys.setdefault(place, span_of(end, end))
            value = next_event()
            _note(found, next_event, value, place)
            end = next_event()
    found.values.setdefault(path, span_of(start, end))
