"""
Since when each check of an expectation has held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runner.judge.condition import CheckResult


@dataclass(frozen=True, slots=True)
class HeldSince:
    """
    Since when each check has held, in their order; None: it does not hold.

    `once` are the numbers of those that have held before, whether they still do or not.
    """

    since_ns: tuple[int | None, ...] = ()
    once: frozenset[int] = frozenset()

    def after(self, results: Sequence[CheckResult], at_ns: int) -> HeldSince:
        """
        Take into account how the checks stand at a new fact.

        What is learnt late counts from when it happened; but once a check has held and does not
        any more, what it rests on may be older than that.
        """
        before = self.since_ns or (None,) * len(results)
        since: list[int | None] = []
        for number, (result, since_ns) in enumerate(zip(results, before, strict=True)):
            if not result.holds:
                since.append(None)
            elif since_ns is not None:
                since.append(since_ns)
            else:
                since.append(at_ns if number in self.once else min(at_ns, result.at_ns))
        held = {number for number, since_ns in enumerate(before) if since_ns is not None}
        return HeldSince(tuple(since), self.once | held)

    @property
    def all_ns(self) -> int | None:
        """Since when all have held; None: some do not."""
        known = [one for one in self.since_ns if one is not None]
        return max(known, default=None) if len(known) == len(self.since_ns) else None
