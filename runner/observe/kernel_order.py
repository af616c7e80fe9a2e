"""
The lines of both instances of the kernel's trace, read and put into the order of their times.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from runner.engine.trace.lines import (
    Identity,
    Scope,
    Until,
    read_clock,
    read_identity,
    read_scope,
    read_until,
)
from runner.observe.kernel_trace import Item, TraceReader

_TICK_NS: Final = 1000
"""The times of lines are cut to microseconds."""


class TraceOrder:
    """
    Takes lines as they come and gives what they say in the order of time, once all lines of that
    time have been read.

    What belongs together is in the right order even within a microsecond: a signal (in the second)
    is sent before it is taken, and births and ends (in the first) take longer than that.
    """

    def __init__(self) -> None:
        self._readers = (TraceReader(), TraceReader())
        self._held: tuple[deque[tuple[int, Item | Identity]], ...] = (deque(), deque())
        self._last_ns = [0, 0]

    def take(self, line: str) -> Iterator[Item | Identity | Scope | Until]:
        """Take a line; give what is known by it now, and last that this was all of it."""
        instance = {"1 ": 0, "2 ": 1}.get(line[:2])
        if instance is not None:
            for item in self._readers[instance].read(line[2:]):
                self._last_ns[instance] = item.at_ns
                self._held[instance].append((item.at_ns, item))
        elif identity := read_identity(line):
            self._held[0].append((self._last_ns[0], identity))
        elif until := read_until(line):
            yield from self._release(until)
            yield until
        elif scope := read_scope(line):
            yield scope
        elif clock_ns := read_clock(line):
            self._readers = (TraceReader(clock_ns), TraceReader(clock_ns))

    def rest(self) -> Iterator[Item | Identity | Until]:
        """Give what is left when no more lines will come."""
        until = Until(max(self._last_ns) + 2 * _TICK_NS, (True, True))
        yield from self._release(until)
        yield until

    def _release(self, until: Until) -> Iterator[Item | Identity]:
        # Where more waits to be read, that is not older than what was read last.
        limits = [
            until.at_ns - _TICK_NS if drained else last_ns
            for drained, last_ns in zip(until.drained, self._last_ns, strict=True)
        ]
        limit_ns = min(limits)
        first, second = self._held
        while True:
            first_ns = first[0][0] if first else limit_ns
            second_ns = second[0][0] if second else limit_ns
            if min(first_ns, second_ns) >= limit_ns:
                return
            yield (second if second_ns <= first_ns else first).popleft()[1]
