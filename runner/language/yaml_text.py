"""
YAML text to plain data, with the place of every key and value.

Scalars are resolved as the core schema of YAML 1.2 does, so that `no`, `on`, `0777` and `1:30`
stay texts. Duplicate keys, anchors that expand without bound, deep nesting and huge files are
refused. All problems are returned as values, none is raised.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, Final

import yaml

from runner.errors import Problem, Where
from runner.language.plain import Path, Plain

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 50
MAX_NODES: Final = 100_000

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_OWN_TAGS: Final = {"", None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))}
_CONSTANTS: Final[Mapping[str, bool | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_NUMBERS: Final[tuple[tuple[re.Pattern[str], Callable[[str], int | float]], ...]] = (
    (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z"), int),
    (re.compile(r"0o[0-7]{1,20}\Z"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,16}\Z"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]{1,3})?\Z"), float),
    (re.compile(r"[-+]?(?:0|[1-9][0-9]*)[eE][-+]?[0-9]{1,3}\Z"), float),
)


@dataclass(frozen=True, slots=True)
class Document:
    """
    One YAML document of a file.

    `places` has the place of the value at each path, `keys` the place of each mapping's key, and
    `lines` the text of the file by line, for pictures of a place.
    """

    data: Plain
    places: Mapping[Path, Where]
    keys: Mapping[Path, Where]
    lines: tuple[str, ...]

    def where(self, path: Path, *, key: bool = False) -> Where:
        """Return the place of a value or of its key; for a path that is not there, its parent's."""
        while path:
            found = (self.keys.get(path) if key else None) or self.places.get(path)
            if found is not None:
                return found
            path = path[:-1]
        return self.places[()]

    def line(self, where: Where) -> str:
        """Return the text of a line."""
        return self.lines[where.line - 1] if where.line <= len(self.lines) else ""


@dataclass(slots=True)
class _Builder:
    """
    Builds one document from the parser's events.

    Not by PyYAML's own composer: that recurses without a bound in C, and what an alias stands for
    has to be counted as often as it is used.
    """

    path: str
    lines: tuple[str, ...]
    problems: list[Problem]
    next_event: Callable[[], Any]
    nodes: int = 0
    whole: bool = True
    places: dict[Path, Where] = field(default_factory=dict[Path, Where])
    keys: dict[Path, Where] = field(default_factory=dict[Path, Where])
    anchors: dict[str, tuple[Plain, int]] = field(default_factory=dict[str, tuple[Plain, int]])

    def build(self, event: Any, path: Path) -> Plain:
        self.places[path] = where = self.where(event, event)
        if isinstance(event, yaml.AliasEvent):
            return self._anchored(event, where)
        before = self.nodes
        self._count(1)
        if len(path) > MAX_DEPTH:
            raise _TooMuch(f"the document is nested more than {MAX_DEPTH} levels deep", where)
        if event.tag not in _OWN_TAGS:
            self.report("tags are not used in scenarios", where, f"leave out {event.tag}")
        if isinstance(event, yaml.ScalarEvent):
            value: Plain = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(event, path)
        else:
            value = self._mapping(event, path)
        if event.anchor is not None:
            self.anchors[event.anchor] = value, self.nodes - before
        return value

    def _sequence(self, start: Any, path: Path) -> list[Plain]:
        found: list[Plain] = []
        event = self.next_event()
        while not isinstance(event, yaml.SequenceEndEvent):
            found.append(self.build(event, (*path, len(found))))
            event = self.next_event()
        self.places[path] = self.where(start, event)
        return found

    def _mapping(self, start: Any, path: Path) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        event = self.next_event()
        while not isinstance(event, yaml.MappingEndEvent):
            self._entry(event, found, path)
            event = self.next_event()
        self.places[path] = self.where(start, event)
        return found

    def _entry(self, event: Any, found: dict[str, Plain], path: Path) -> None:
        place = self.where(event, event)
        if not isinstance(event, yaml.ScalarEvent):
            # `{{ axis }}` without quotes is a mapping in a mapping, as key of nothing.
            braces = isinstance(event, yaml.MappingStartEvent) and event.flow_style
            advice = 'a placeholder needs quotes, as in "{{ axis }}"' if braces else ""
            self.report("a key must be a text, not a list or a mapping", place, advice)
            self.whole = False
            self.build(event, (*path, ""))
            self.build(self.next_event(), (*path, ""))
            return
        key = str(event.value)
        if key in found:
            first = self.keys[(*path, key)]
            what = f"the key '{key}' stands twice in this mapping"
            self.report(what, place, f"first in line {first.line}")
            self.build(self.next_event(), (*path, ""))
            return
        self.keys[(*path, key)] = place
        found[key] = self.build(self.next_event(), (*path, key))

    def _anchored(self, event: Any, where: Where) -> Plain:
        if event.anchor not in self.anchors:
            raise _TooMuch(f"there is no anchor '{event.anchor}' that is complete here", where)
        value, size = self.anchors[event.anchor]
        self._count(size)
        return value

    def _count(self, more: int) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            start = Where(self.path, 1, 1)
            raise _TooMuch(f"the document expands to more than {MAX_NODES} values", start)

    def where(self, first: Any, last: Any) -> Where:
        start: yaml.Mark = first.start_mark
        end: yaml.Mark = last.end_mark
        same_line = start.line == end.line
        line = self.lines[start.line] if start.line < len(self.lines) else ""
        after = end.column if same_line else len(line.rstrip())
        return Where(self.path, start.line + 1, start.column + 1, max(1, after - start.column))

    def report(self, what: str, where: Where, advice: str = "") -> None:
        line = self.lines[where.line - 1] if where.line <= len(self.lines) else ""
        self.problems.append(Problem(what, where, line, advice))


class _TooMuch(Exception):  # noqa: N818 - a reason to stop building, shown as a Problem
    def __init__(self, what: str, where: Where) -> None:
        super().__init__(what)
        self.where = where


def read(path: str, content: bytes) -> tuple[list[Document], list[Problem]]:
    """
    Read all documents of a file.

    Returns:
        The documents that could be read, and everything that is wrong with the text.
    """
    text, problem = _decode(path, content)
    if problem is not None:
        return [], [problem]
    lines = tuple(text.splitlines())
    problems: list[Problem] = []
    documents: list[Document] = []
    loader = _Loader(text)
    try:
        while not loader.check_event(yaml.StreamEndEvent):
            event = loader.get_event()
            if isinstance(event, yaml.StreamStartEvent | yaml.DocumentEndEvent):
                continue
            builder = _Builder(path, lines, problems, loader.get_event)
            data = builder.build(loader.get_event(), ())
            if builder.whole:
                documents.append(Document(data, builder.places, builder.keys, lines))
    except _TooMuch as error:
        line = lines[error.where.line - 1] if error.where.line <= len(lines) else ""
        problems.append(Problem(str(error), error.where, line))
    except yaml.MarkedYAMLError as error:
        problems.append(_not_yaml(path, lines, error))
    finally:
        loader.dispose()
    if not documents and not problems:
        advice = "a scenario needs at least `name`, `container` and `steps`"
        problems.append(Problem("the file is empty", Where(path, 1, 1), "", advice))
    return documents, problems


def content_of(path: str) -> bytes:
    """
    Return the bytes of a file; of one that is too big for a scenario, enough to tell.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with FilePath(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except ValueError as error:  # a path with a NUL in it
        raise OSError(errno.EINVAL, str(error)) from error


def _decode(path: str, content: bytes) -> tuple[str, Problem | None]:
    start = Where(path, 1, 1)
    if len(content) > MAX_BYTES:
        what = f"the file has more than the {MAX_BYTES} bytes that a scenario may have"
        return "", Problem(what, start, "", "is this a scenario at all?")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        where = Where(path, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        what = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        return "", Problem(what, where, "", "save the file as UTF-8")
    text = text.replace("\r\n", "\n")
    bad = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    if bad:
        before = text[: bad.start()]
        where = Where(path, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        return "", Problem(f"the character U+{ord(bad[0]):04X} is not allowed in YAML", where)
    return text, None


def _not_yaml(path: str, lines: tuple[str, ...], error: yaml.MarkedYAMLError) -> Problem:
    mark, words = error.problem_mark, str(error.problem)
    if "unexpected end of stream" in words and "quoted" in str(error.context):
        # Where it began helps; where the file ends does not.
        mark, words = error.context_mark, "this quote is never closed"
    line, column = (mark.line, mark.column) if mark else (0, 0)
    line = min(line, len(lines) - 1)  # an error needs a text, and so at least one line
    text = lines[line]
    advice = ""
    if "\t" in text[: column + 1]:
        advice = "YAML is indented with spaces, never with tabs"
    elif "mapping values are not allowed" in words:
        advice = "a text with ': ' in it needs quotes"
    elif "cannot start any token" in words:
        advice = f"a text that begins with {text[column : column + 1]} needs quotes"
    where = Where(path, line + 1, min(column, len(text)) + 1)
    return Problem(f"this is not YAML: {words}", where, text, advice)


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    text = str(event.value)
    return text if event.style else plain_scalar(text)


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return what a scalar without quotes stands for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "-+.0123456789":
        for pattern, convert in _NUMBERS:
            if pattern.match(text):
                return convert(text)
    return text
