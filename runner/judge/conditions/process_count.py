"""
`processes`: how many are alive, how many are zombies, and whether they are still the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from runner.judge.bounds import bounds_words, within
from runner.judge.condition import SNAPSHOT, CheckContext, CheckResult, Condition
from runner.kernel.processes import ProcessState
from runner.model.expectation import ProcessCount
from runner.model.observation import ProcessSnapshot
from runner.model.process import Process
from runner.model.selection import selects
from runner.model.verdict import Evidence
from runner.words import count


def evaluate(check: ProcessCount, context: CheckContext) -> CheckResult:
    """Compare the counts with the last snapshot."""
    snapshot = context.snapshot_or_none_left
    if snapshot is None:
        return context.unknown("the processes are in no snapshot yet", Evidence.PROC)
    found = [process for process in snapshot.processes if selects(check.selector, process)]
    zombies = _zombies_since(check, found, snapshot, context)
    seen: list[str] = []
    holds, since_ns = True, snapshot.at_ns
    if check.alive is not None:
        alive = sum(process.state.alive for process in found)
        seen.append(f"{alive} alive")
        holds &= within(check.alive, alive)
    if check.zombies is not None:
        seen.append(count(len(zombies), "zombie"))
        holds &= within(check.zombies, len(zombies))
        since_ns = min([since_ns, *zombies])
    if check.unchanged:
        before = context.history.earlier_snapshot
        if before is None:
            return context.unknown("no snapshot before the step", Evidence.PROC)
        difference = _difference(before, snapshot)
        seen.append(difference or "the same processes as before")
        holds &= not difference
    names = ", ".join(f"{process.pid} {process.comm}" for process in found)
    words = ", ".join(seen) + (f" ({names})" if names else "")
    result = context.by_snapshot(snapshot, words, holds=holds)
    return replace(result, at_ns=context.since(since_ns))


def _zombies_since(
    check: ProcessCount, found: Sequence[Process], snapshot: ProcessSnapshot, context: CheckContext
) -> list[int]:
    """Return since when those are zombies that have been so for long enough to count."""
    longer_ns = round(_counts_after_s(check, context.quiet_s) * 1e9)
    since = (
        context.history.zombie_since_ns(process)
        for process in found
        if process.state is ProcessState.ZOMBIE
    )
    return [at_ns for at_ns in since if snapshot.until_ns - at_ns > longer_ns]


def _counts_after_s(check: ProcessCount, quiet_s: float) -> float:
    """
    Return how long a process must have been a zombie to count as one.

    Every process is one between its end and the moment at which its parent waits for it.
    """
    longer_s = check.zombies_longer_than_s
    return quiet_s if longer_s is None else longer_s


def _difference(before: ProcessSnapshot, now: ProcessSnapshot) -> str:
    old = {(one.pid, one.started): one for one in before.processes}
    new = {(one.pid, one.started): one for one in now.processes}
    gone = [f"{old[key].pid} {old[key].comm} is gone" for key in old.keys() - new.keys()]
    born = [f"{new[key].pid} {new[key].comm} is new" for key in new.keys() - old.keys()]
    return ", ".join(sorted(gone) + sorted(born))


def describe(check: ProcessCount) -> str:
    """`2 alive, 0 zombies`."""
    words: list[str] = []
    if check.alive is not None:
        words.append(f"{bounds_words(check.alive)} alive")
    if check.zombies is not None:
        longer_s = check.zombies_longer_than_s
        age = f" for longer than {longer_s:g} s" if longer_s is not None else ""
        words.append(f"{bounds_words(check.zombies)} zombies{age}")
    if check.unchanged:
        words.append("the same processes as before")
    return ", ".join(words)


def _lasts_longer_s(check: ProcessCount, quiet_s: float) -> float:
    return _counts_after_s(check, quiet_s) if check.zombies is not None else 0.0


CONDITION: Final = Condition(
    ProcessCount,
    evaluate,
    describe,
    rests_on=lambda _: SNAPSHOT,
    needs_quiet=lambda _: True,
    lasts_longer_s=_lasts_longer_s,
)
