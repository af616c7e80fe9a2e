"""
The container's output: decoded, cut into lines, and held against the patterns of the case.

Matching is done on every byte, line by line, as it streams by; what is kept for reading may be
much less. A line that is not complete yet (a prompt) is matched too, each pattern once a line.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator, Sequence

from runner.engine.contract import Output
from runner.model.expectation import Pattern, Stream
from runner.model.observation import LogMatched, LogText
from runner.model.selection import line_matches

_LONGEST_LINE = 64 * 1024
_SHOWN_OF_LINE = 200
_MATCHES_KEPT = 50


class OutputDecoder:
    """
    Turns the output of init into observations.

    Of the matches of one pattern, the first fifty after each `turn_page` are reported.
    """

    def __init__(self, patterns: Sequence[Pattern], container: str = "") -> None:
        self._container = container
        self._streams = {stream: _LineMatcher(stream, patterns) for stream in Stream}
        self._counts: Counter[Pattern] = Counter()

    def turn_page(self) -> None:
        """Report matches anew: a step has acted."""
        self._counts.clear()

    def feed(self, output: Output) -> Iterator[LogText | LogMatched]:
        """Give the text and the matches that these bytes bring."""
        matcher = self._streams[output.stream]
        text = matcher.decode(output.data)
        if not text:
            return
        yield LogText(output.at_ns, output.stream, text, container=self._container)
        for pattern, line in matcher.matches(text):
            self._counts[pattern] += 1
            if self._counts[pattern] <= _MATCHES_KEPT:
                shown = line[:_SHOWN_OF_LINE]
                yield LogMatched(output.at_ns, pattern, shown, container=self._container)


class _LineMatcher:
    def __init__(self, stream: Stream, patterns: Sequence[Pattern]) -> None:
        self._patterns = [p for p in patterns if p.stream in {None, stream}]
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""
        self._found: set[Pattern] = set()

    def decode(self, data: bytes) -> str:
        return self._decoder.decode(data)

    def matches(self, text: str) -> Iterator[tuple[Pattern, str]]:
        if not self._patterns:
            return
        first, *others = text.split("\n")
        self._line = (self._line + first)[:_LONGEST_LINE]
        yield from self._matches_of_line()
        for line in others:
            self._line = line[:_LONGEST_LINE]
            self._found.clear()
            yield from self._matches_of_line()

    def _matches_of_line(self) -> Iterator[tuple[Pattern, str]]:
        for pattern in self._patterns:
            if pattern not in self._found and line_matches(pattern, self._line):
                self._found.add(pattern)
                yield pattern, self._line.rstrip("\r")
