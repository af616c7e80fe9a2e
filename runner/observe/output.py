"""
The container's output: decoded, cut into lines, and held against the patterns of the case.

Matching is done on every byte, line by line, as it streams by; what is kept for reading may be
much less. A line that is not complete yet (a prompt) is matched too, each pattern once a line.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from runner.engine.contract import Output
from runner.model.expectation import Pattern, Stream
from runner.model.observation import LineTooLong, LogMatched, LogText
from runner.observe.line_search import WINDOW, Found, LineSearch, TooLong

_MATCHES_KEPT = 50

OutputFact = LogText | LogMatched | LineTooLong


class OutputDecoder:
    """
    Turns the output of init into observations; each start of init has a `source` of its own.

    Of the matches of one pattern, the first fifty after each `start_step` are reported, and of the
    lines that are too long for it the first. `window`: see `LineSearch`.
    """

    def __init__(
        self, patterns: Sequence[Pattern], container: str = "", window: int = WINDOW
    ) -> None:
        self._patterns = patterns
        self._container = container
        self._window = window
        self._streams: dict[tuple[str, Stream], _Stream] = {}
        self._counts: Counter[Pattern] = Counter()
        self._too_long: set[Pattern] = set()
        self._lines = 0

    def start_step(self) -> None:
        """Report matches afresh: a step has acted."""
        self._counts.clear()
        self._too_long.clear()

    def feed(self, output: Output) -> Iterator[OutputFact]:
        """Yield the text that these bytes bring, and what is found with them."""
        key = output.source, output.stream
        stream = self._streams.get(key)
        if stream is None:
            stream = self._streams[key] = _Stream(output.stream, self._patterns, self._window)
        stream.at_ns = output.at_ns
        yield from self._take(stream, stream.decoder.decode(output.data))

    def settle(self) -> Iterator[OutputFact]:
        """Nothing more has come for now: search the long lines that are not complete."""
        for stream in self._streams.values():
            if stream.search.begun and not stream.search.quick:
                yield from self._facts(stream, stream.search.settle())

    def end(self, at_ns: int, source: str) -> Iterator[OutputFact]:
        """The output of a source has ended, and so its last lines are complete."""
        for stream in Stream:
            ended = self._streams.pop((source, stream), None)
            if ended is None:
                continue
            ended.at_ns = at_ns
            yield from self._take(ended, ended.decoder.decode(b"", final=True))
            if ended.search.begun:
                yield from self._facts(ended, ended.search.end())

    def _take(self, stream: _Stream, text: str) -> Iterator[OutputFact]:
        if not text:
            return
        yield LogText(stream.at_ns, stream.name, text, container=self._container)
        if not stream.matched:
            return
        if stream.search.begun and "\n" in text:
            line, _, text = text.partition("\n")
            yield from self._facts(stream, stream.search.add(line))
            yield from self._facts(stream, stream.search.end())
            stream.line = 0
        lines, newline, rest = text.rpartition("\n")
        if newline:
            for found in stream.search.whole_lines(lines):
                yield from self._facts(stream, found)
                stream.line = 0
        if rest:
            yield from self._facts(stream, stream.search.add(rest))
            if stream.search.quick:
                yield from self._facts(stream, stream.search.settle())

    def _facts(self, stream: _Stream, findings: Iterable[Found | TooLong]) -> Iterator[OutputFact]:
        for one in findings:
            if stream.line == 0:
                self._lines += 1
                stream.line = self._lines
            match one:
                case Found(pattern=pattern, shown=shown):
                    self._counts[pattern] += 1
                    if self._counts[pattern] <= _MATCHES_KEPT:
                        yield LogMatched(
                            stream.at_ns,
                            pattern,
                            shown.rstrip("\r"),
                            line_number=stream.line,
                            container=self._container,
                        )
                case TooLong(pattern=pattern, characters=characters):
                    if pattern not in self._too_long:
                        self._too_long.add(pattern)
                        yield LineTooLong(
                            stream.at_ns, pattern, characters, container=self._container
                        )


class _Stream:
    """
    One output stream. `line` numbers the line that is coming in, 0 as long as nothing is found in
    it; `at_ns` is when the last bytes came.
    """

    def __init__(self, name: Stream, patterns: Sequence[Pattern], window: int) -> None:
        own = [one for one in patterns if one.stream in {None, name}]
        self.name = name
        self.matched = bool(own)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.search = LineSearch(own, window)
        self.line = 0
        self.at_ns = 0
