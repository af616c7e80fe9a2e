"""
One line of output that may be very long, searched for patterns while it comes in.

A text is found wherever it stands. An expression is searched for in what is kept of the line: all
of it up to `window` characters, of a longer line the end. What is reported of a line does not
depend on the pieces in which it comes: a match that the next characters could still undo, as one
of `$`, is reported only when they are known, or at the end of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from runner.model.expectation import Pattern
from runner.observe.reach import core_of, reach_of

WINDOW: Final = 64 * 1024
"""
Characters of a line in which an expression is searched for whose matches have no longest.

Many such take time by the square of the length, and `re` lets no other thread run meanwhile: in a
million characters, `a.*b` may look for minutes.
"""

_QUICK: Final = 4 * 1024
_SHOWN_OF_LINE: Final = 200
_SHOWN_BEFORE: Final = 80


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern is found in the line; `shown` is a part of the line with it."""

    pattern: Pattern
    shown: str


@dataclass(frozen=True, slots=True)
class TooLong:
    """The line is so long that an expression may match it that will not be found."""

    pattern: Pattern
    characters: int


class LineSearch:
    """The line that is coming in, and what is still searched for in it."""

    def __init__(self, patterns: Sequence[Pattern], window: int = WINDOW) -> None:
        self._texts = tuple(one for one in patterns if not one.regex)
        self._expressions = tuple(_Expression(one, window) for one in patterns if one.regex)
        self._overlap = max((len(one.text) - 1 for one in self._texts), default=0)
        self._window = window
        self._begin()

    def _begin(self) -> None:
        self._length = 0
        self._head = ""
        self._tail = ""
        self._pieces: list[str] = []
        self._size = 0
        self._open_texts = list(self._texts)
        self._open = list(self._expressions)
        for expression in self._open:
            expression.begin()

    @property
    def begun(self) -> bool:
        """Whether a part of a line has come."""
        return self._length > 0

    @property
    def kept(self) -> str:
        """The end of the line, as far as it is needed."""
        if len(self._pieces) != 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    @property
    def quick(self) -> bool:
        """Whether `settle` is quick enough to be called for each piece."""
        return self._size <= _QUICK

    def add(self, piece: str) -> Iterator[Found | TooLong]:
        """Take the next characters of the line; give the texts that are found with them."""
        self._length += len(piece)
        self._head += piece[: _SHOWN_OF_LINE - len(self._head)]
        yield from self._texts_in(piece)
        if self._open:
            self._pieces.append(piece)
            self._size += len(piece)
        if self._size > self._window:
            yield from self.settle()

    def settle(self) -> Iterator[Found | TooLong]:
        """Search for expressions as far as the line has come."""
        if self._size:
            yield from self._search(ended=False)
            yield from self._shorten()

    def end(self) -> Iterator[Found]:
        """Search for expressions in the line, which is complete, and begin the next one."""
        yield from self._search(ended=True)
        self._begin()

    def whole_lines(self, lines: str) -> Iterator[list[Found]]:
        """Search lines that have come whole; of those with a match, give what is found in each."""
        # Most of a flood has none of the texts, and is not even cut into lines.
        texts = [pattern for pattern in self._texts if pattern.text in lines]
        if not texts and not self._expressions:
            return
        for line in lines.split("\n"):
            found = [
                Found(pattern, _shown(line, line.find(pattern.text), len(pattern.text)))
                for pattern in texts
                if pattern.text in line
            ]
            for expression in self._expressions:
                match = expression.compiled.search(line)
                if match is not None:
                    length = match.end() - match.start()
                    found.append(Found(expression.pattern, _shown(line, match.start(), length)))
            if found:
                yield found

    def _texts_in(self, piece: str) -> Iterator[Found]:
        if not self._open_texts:
            return
        known = self._tail + piece
        for pattern in tuple(self._open_texts):
            place = known.find(pattern.text)
            if place >= 0:
                self._open_texts.remove(pattern)
                yield Found(pattern, self._shown(known, place, len(pattern.text)))
        self._tail = known[-self._overlap :] if self._overlap else ""

    def _search(self, *, ended: bool) -> Iterator[Found]:
        if not self._open:
            return
        text = self.kept
        begin = self._length - len(text)
        for expression in tuple(self._open):
            match = expression.search(text, begin, ended=ended)
            if match is not None:
                self._open.remove(expression)
                length = match.end() - match.start()
                yield Found(expression.pattern, self._shown(text, match.start(), length))

    def _shorten(self) -> Iterator[TooLong]:
        """Forget what no expression needs that is not found yet, and more of too long a line."""
        text = self.kept
        keep = max((one.needs(len(text)) for one in self._open), default=0)
        if keep > self._window:
            keep = self._window // 2
            for expression in self._open:
                if expression.loses():
                    yield TooLong(expression.pattern, self._length)
        self._pieces = [text[max(0, len(text) - keep) :]]
        self._size = len(self._pieces[0])

    def _shown(self, text: str, place: int, length: int) -> str:
        before = self._length - len(text)
        if before + place + length <= len(self._head):
            return self._head
        return _shown(text, place, length, before)


class _Expression:
    """An expression, and from where on in the line it may still match."""

    def __init__(self, pattern: Pattern, window: int) -> None:
        self.pattern = pattern
        core = core_of(pattern.text)
        self.compiled = re.compile(core)
        self._reach = reach_of(core)
        self._needs = self._reach.ahead + self._reach.behind + 1
        self._bounded = self._needs <= window // 2
        self.begin()

    def begin(self) -> None:
        """A line begins."""
        self._from = 0
        self._lost = False

    def search(self, text: str, begin: int, *, ended: bool) -> re.Match[str] | None:
        """
        Return a match that nothing after `text` can undo; `ended`: nothing comes after it.

        `text` begins at the character `begin` of the line.
        """
        ahead = self._reach.ahead
        if not (ended or self._reach.steady or self._bounded):
            return None
        # At index 0 `^` would match, and look-behind must not see what is not there any more.
        blind = self._reach.behind + 1 if begin else 0
        match = self.compiled.search(text, max(self._from - begin, blind))
        if match is None or not (ended or self._reach.steady or match.start() + ahead <= len(text)):
            if self._bounded:
                self._from = max(self._from, begin + len(text) - ahead + 1)
            return None
        return match

    def needs(self, length: int) -> int:
        """Return how many of the last characters must be kept, of so many."""
        return self._needs if self._bounded else length

    def loses(self) -> bool:
        """The line is cut: say whether a match may be lost by that, the first time only."""
        first = not self._bounded and not self._lost
        self._lost = self._lost or first
        return first


def _shown(text: str, place: int, length: int, before: int = 0) -> str:
    """Return what to show of a line with a match; `before`: so many characters are left out."""
    if before + place + length <= _SHOWN_OF_LINE:
        return text[:_SHOWN_OF_LINE]
    first = max(0, place - _SHOWN_BEFORE)
    return ("…" if before + first else "") + text[first : first + _SHOWN_OF_LINE]
