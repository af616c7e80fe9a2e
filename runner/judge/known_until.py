"""
Until when all is known that checks rest on: snapshots, the kernel trace, the engine's news.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from runner.history.container_history import NEVER, ContainerHistory
from runner.judge.conditions import condition_of
from runner.model.expectation import Check
from runner.model.observation import Way
from runner.model.verdict import Errored, Undecided

ASK_AGAIN_NS: Final = 1_000_000_000
TOO_BUSY: Final = "the machine was too busy: run fewer cases at a time (--forks)"


def evidence_until(
    history: ContainerHistory,
    checks: Sequence[Check],
    until_ns: int,
    now_ns: int,
    *,
    may_take_snapshots: bool,
) -> Undecided | Errored | None:
    """
    Wait until all that these checks rest on is known until that time; None: it is.

    `may_take_snapshots` says that there is more evidence than the engine's.
    """
    snapshots = (
        rest_on_snapshots(history, checks, may_take_snapshots=may_take_snapshots)
        and history.can_be_looked_at
    )
    known = {
        Way.SNAPSHOT: snapshot_until_ns(history) if snapshots else until_ns,
        Way.TRACE: history.trace_ns if any_traced(history, checks) else until_ns,
        Way.ENGINE: history.engine_ns if asks_engine(history, checks) else until_ns,
    }
    missing = {way for way, known_ns in known.items() if known_ns < until_ns}
    if now_ns >= until_ns and not missing:
        return None
    if late := missing & history.late:
        what = " and ".join(sorted(way.value for way in late))
        return Errored(f"this cannot be judged: {what} did not come in time", advice=TOO_BUSY)
    wake_ns = until_ns if now_ns < until_ns else now_ns + ASK_AGAIN_NS
    return waiting_for(missing, until_ns, wake_ns)


def waiting_for(missing: Collection[Way], until_ns: int, wake_ns: int) -> Undecided:
    """Ask for what comes by these ways until that time."""
    return Undecided(
        wake_ns,
        snapshot_ns=until_ns if Way.SNAPSHOT in missing else None,
        trace_ns=until_ns if Way.TRACE in missing else None,
        engine_ns=until_ns if Way.ENGINE in missing else None,
    )


def rest_on_snapshots(
    history: ContainerHistory, checks: Sequence[Check], *, may_take_snapshots: bool
) -> bool:
    """Return whether snapshots of the processes are wanted for any of these checks."""
    timed = may_take_snapshots and not history.traced
    conditions = map(condition_of, checks)
    return rests_on(Way.SNAPSHOT, checks) or (
        timed and any(one.timed_by_snapshots for one in conditions)
    )


def any_traced(history: ContainerHistory, checks: Sequence[Check]) -> bool:
    """Return whether any of these checks rests on the kernel trace, and that is read."""
    return history.traced and rests_on(Way.TRACE, checks)


def asks_engine(history: ContainerHistory, checks: Sequence[Check]) -> bool:
    """Return whether the engine may have more to tell: what is over for good has not."""
    over = history.gone_for_good and history.logs_ended
    return not over and rests_on(Way.ENGINE, checks)


def rests_on(way: Way, checks: Iterable[Check]) -> bool:
    """Return whether facts that come by that way can change the result of any of these checks."""
    return any(way in condition_of(one).rests_on(one) for one in checks)


def snapshot_until_ns(history: ContainerHistory) -> int:
    """Return until when the last snapshot shows the processes."""
    return history.snapshot.until_ns if history.snapshot else NEVER
