"""
Pending signals: a mask as /proc shows it, and how often each real-time signal waits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from runner.kernel.masks import holds, signals_in
from runner.kernel.signals import SIGRTMIN, Signal


@dataclass(frozen=True, slots=True)
class Pending:
    """
    The pending signals of a process or of one thread.

    `mask` is ShdPnd or SigPnd of proc_pid_status(5). `again` counts the instances of real-time
    signals beyond the first, which /proc does not show; standard signals never have any.
    """

    mask: int = 0
    again: tuple[tuple[Signal, int], ...] = ()

    def holds(self, signal: Signal) -> bool:
        """Return whether the signal is pending."""
        return holds(self.mask, signal)

    def count(self, signal: Signal) -> int:
        """Return how many instances are pending."""
        return dict(self.again).get(signal, 0) + 1 if self.holds(signal) else 0

    def signals(self) -> tuple[Signal, ...]:
        """List the pending signals in order of their numbers, each once."""
        return signals_in(self.mask)

    def add(self, signal: Signal) -> Pending:
        """Queue one more: a standard signal that is pending already is lost."""
        if not self.holds(signal):
            return replace(self, mask=self.mask | bit(signal))
        return self if signal < SIGRTMIN else self._with_count(signal, self.count(signal) + 1)

    def take(self, signal: Signal) -> Pending:
        """Remove one instance."""
        left = self.count(signal) - 1
        return self._with_count(signal, left) if left > 0 else self.without(bit(signal))

    def without(self, mask: int) -> Pending:
        """Remove all instances of the signals in the mask."""
        again = tuple((signal, more) for signal, more in self.again if not holds(mask, signal))
        return Pending(self.mask & ~mask, again)

    def _with_count(self, signal: Signal, count: int) -> Pending:
        counts = {**dict(self.again), signal: count - 1}
        again = tuple((one, more) for one, more in sorted(counts.items()) if more > 0)
        return replace(self, again=again)


def bit(signal: Signal) -> int:
    """Return the mask that holds just this signal."""
    return 1 << (signal - 1)
