"""
YAML text to plain data, with the place of every key and value.

Scalars are resolved as the core schema of YAML 1.2 does, so that `no`, `on`, `0777` and `1:30`
stay texts. Duplicate keys, anchors that expand without bound, deep nesting and huge files are
refused. All problems are returned as values, none is raised.
"""

from __future__ import annotations

import errno
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import yaml

from runner.errors import Problem, Where
from runner.language.plain import Path, Plain
from runner.language.yaml_places import NextEvent, YamlPlaces, places_of, span_of, where_is

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

_KEY: Final = re.compile(r"(?P<indent> *)(?P<key>[\w-]+):")
_ENTRY: Final = re.compile(r"(?P<indent> *)- +(?P<key>[\w-]+):")


@dataclass(frozen=True)
class Document:
    """
    One YAML document of the file `path`, the `number`th from 0 in its `text`.

    `lines` is the text by line, for pictures of a place.
    """

    path: str
    text: str
    lines: tuple[str, ...]
    number: int
    data: Plain

    @functools.cached_property
    def _places(self) -> YamlPlaces:
        return places_of(_Loader, self.text, self.number)

    def where(self, path: Path, *, key: bool = False) -> Where:
        """Return the place of a value or of its key; for a path that is not there, its parent's."""
        return where_is(self._places.of(path, key=key), self.path, self.lines)

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
    next_event: NextEvent
    nodes: int = 0
    whole: bool = True
    anchors: dict[str, tuple[Plain, int]] = field(default_factory=dict[str, tuple[Plain, int]])

    def build(self, event: Any, depth: int = 0) -> Plain:
        kind = event.__class__
        if kind is yaml.AliasEvent:
            return self._anchored(event)
        before = self.nodes
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            self._too_much(event)
        if event.tag not in _OWN_TAGS:
            self.report("tags are not used in scenarios", event, f"leave out {event.tag}")
        if kind is yaml.ScalarEvent:
            value: Plain = event.value if event.style else plain_scalar(event.value)
        elif kind is yaml.SequenceStartEvent:
            value = self._sequence(depth + 1)
        else:
            value = self._mapping(depth + 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = value, self.nodes - before
        return value

    def _sequence(self, depth: int) -> list[Plain]:
        found: list[Plain] = []
        while type(event := self.next_event()) is not yaml.SequenceEndEvent:
            found.append(self.build(event, depth))
        return found

    def _mapping(self, depth: int) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        first: dict[str, Any] = {}
        while type(event := self.next_event()) is not yaml.MappingEndEvent:
            if type(event) is not yaml.ScalarEvent:
                self._no_key(event, depth)
            elif event.value in found:
                what = f"the key '{event.value}' stands twice in this mapping"
                self.report(what, event, f"first in line {self._where(first[event.value]).line}")
                self.build(self.next_event(), depth)
            else:
                first[event.value] = event
                found[event.value] = self.build(self.next_event(), depth)
        return found

    def _no_key(self, event: Any, depth: int) -> None:
        # `{{ axis }}` without quotes is a mapping in a mapping, as key of nothing.
        braces = isinstance(event, yaml.MappingStartEvent) and event.flow_style
        advice = 'a placeholder needs quotes, as in "{{ axis }}"' if braces else ""
        self.report("a key must be a text, not a list or a mapping", event, advice)
        self.whole = False
        self.build(event, depth)
        self.build(self.next_event(), depth)

    def _anchored(self, event: Any) -> Plain:
        if event.anchor not in self.anchors:
            what = f"there is no anchor '{event.anchor}' that is complete here"
            raise _TooMuch(what, self._where(event))
        value, size = self.anchors[event.anchor]
        self.nodes += size
        if self.nodes > MAX_NODES:
            self._too_much(event)
        return value

    def _too_much(self, event: Any) -> NoReturn:
        if self.nodes > MAX_NODES:
            start = Where(self.path, 1, 1)
            raise _TooMuch(f"the document expands to more than {MAX_NODES} values", start)
        what = f"the document is nested more than {MAX_DEPTH} levels deep"
        raise _TooMuch(what, self._where(event))

    def _where(self, event: Any) -> Where:
        return where_is(span_of(event, event), self.path, self.lines)

    def report(self, what: str, event: Any, advice: str = "") -> None:
        where = self._where(event)
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
    number = 0
    loader = _Loader(text)
    try:
        while not loader.check_event(yaml.StreamEndEvent):
            if not isinstance(loader.get_event(), yaml.DocumentStartEvent):
                continue
            builder = _Builder(path, lines, problems, loader.get_event)
            data = builder.build(loader.get_event())
            if builder.whole:
                documents.append(Document(path, text, lines, number, data))
            number += 1
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
        with open(path, "rb") as file:  # noqa: PTH123 - as a Path it takes four times as long
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
    word = _KEY.match(text)
    if "\t" in text[: column + 1]:
        advice = "YAML is indented with spaces, never with tabs"
    elif "expected '-' indicator" in words and word:
        advice = _under_its_entry(word, lines[:line])
    elif "mapping values are not allowed" in words and word and word.end() == column + 1:
        advice = f"indent '{word['key']}' as the keys that it belongs beside"
    elif "mapping values are not allowed" in words:
        advice = "a text with ': ' in it needs quotes"
    elif "cannot start any token" in words:
        advice = f"a text that begins with {text[column : column + 1]} needs quotes"
    else:
        advice = ""
    where = Where(path, line + 1, min(column, len(text)) + 1)
    return Problem(f"this is not YAML: {words}", where, text, advice)


def _under_its_entry(word: re.Match[str], above: tuple[str, ...]) -> str:
    """Say that a key belongs to the entry of a list above it, if there is one."""
    entries = (_ENTRY.match(line) for line in reversed(above))
    for entry in entries:
        if entry and len(entry["indent"]) <= len(word["indent"]):
            what = f"'{word['key']}' belongs to the entry above"
            return f"{what}: indent it as its '{entry['key']}'"
    return f"an entry of a list begins with '- ', as in - {word['key']}:"


def plain_scalar(text: str) -> str | int | float | bool | None:
    """Return what a scalar without quotes stands for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in "-+.0123456789":
        for pattern, convert in _NUMBERS:
            if pattern.match(text):
                return convert(text)
    return text
