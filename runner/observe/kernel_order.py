"""
The lines of both instances of the kernel's trace, read and put into the order of their times.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
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
from runner.observe.kernel_events import Delivered, Generated
from runner.observe.kernel_rates import Rates
from runner.observe.kernel_trace import Item, TraceReader

_INSTANCES: Final = {"1 ": 0, "2 ": 1}
_TICK_NS: Final = 1000
"""The times of lines are cut to microseconds."""


class TraceOrder:
    """
    Takes lines as they come and gives what they say in the order of time, once all lines of that
    time have been read.

    What belongs together is in the right order even within a microsecond: a signal (in the second)
    is sent before it is taken, and births and ends (in the first) take longer than that.

    `too_many` is told of a task that makes too many signals as soon as that is read, before its
    turn: nothing else is read in time until it is left out. It says whether it is left out now.
    """

    def __init__(self, too_many: Callable[[int], bool] = lambda _: False) -> None:
        self._too_many = too_many
        self._rates = Rates()
        self._readers = (TraceReader(), TraceReader())
        self._held: tuple[deque[tuple[int, Item | Identity]], ...] = (deque(), deque())
        self._last_ns = [0, 0]

    def take(self, line: str) -> Sequence[Item | Identity | Scope | Until]:
        """Take a line; give what is known by it now, and last that this was all of it."""
        instance = _INSTANCES.get(line[:2])
        if instance is None:
            return self._take_other(line)
        for item in self._readers[instance].read(line[2:]):
            self._last_ns[instance] = item.at_ns
            self._held[instance].append((item.at_ns, item))
            if isinstance(item, Generated | Delivered):
                self._count(item)
        return ()

    def _take_other(self, line: str) -> Sequence[Item | Identity | Scope | Until]:
        if until := read_until(line):
            return self._release(until)
        if identity := read_identity(line):
            self._held[0].append((self._last_ns[0], identity))
        elif scope := read_scope(line):
            return (scope,)
        elif clock_ns := read_clock(line):
            self._readers = (TraceReader(clock_ns), TraceReader(clock_ns))
        return ()

    def _count(self, signal: Generated | Delivered) -> None:
        task = signal.actor
        if self._rates.too_many(task, signal.at_ns) and self._too_many(task):
            for reader in self._readers:
                reader.mute(task)

    def rest(self) -> Sequence[Item | Identity | Until]:
        """Return what is left when no more lines will come."""
        return self._release(Until(max(self._last_ns) + 2 * _TICK_NS, (True, True)))

    def _release(self, until: Until) -> list[Item | Identity | Until]:
        # Where more waits to be read, that is not older than what was read last.
        limit_ns = min(
            until.at_ns - _TICK_NS if drained else last_ns
            for drained, last_ns in zip(until.drained, self._last_ns, strict=True)
        )
        first, second = self._held
        released: list[Item | Identity | Until] = []
        while True:
            first_ns = first[0][0] if first else limit_ns
            second_ns = second[0][0] if second else limit_ns
            if min(first_ns, second_ns) >= limit_ns:
                return [*released, until]
            released.append((second if second_ns <= first_ns else first).popleft()[1])
