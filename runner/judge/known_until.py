"""
Until when all is known that checks rest on: looks, the kernel's record, the engine's news.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from runner.history.container_history import NEVER, ContainerHistory
from runner.judge.checks import needs_engine, needs_look, needs_record
from runner.model.expectation import Check, ShutdownWas
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
    may_look: bool,
) -> Undecided | Errored | None:
    """
    Wait until all that these checks rest on is known until that time; None: it is.

    `may_look` says that there is more evidence than the engine's.
    """
    looks = rest_on_looks(history, checks, may_look=may_look) and can_be_looked_at(history)
    known = {
        Way.LOOK: looked_ns(history) if looks else until_ns,
        Way.RECORD: history.record_ns if any_recorded(history, checks) else until_ns,
        Way.ENGINE: history.engine_ns if asks_engine(history, checks) else until_ns,
    }
    missing = {way for way, known_ns in known.items() if known_ns < until_ns}
    if now_ns >= until_ns and not missing:
        return None
    if late := missing & history.late:
        what = " and ".join(sorted(way.value for way in late))
        return Errored(f"this cannot be judged: {what} did not come in time", advice=TOO_BUSY)
    return Undecided(
        wake_ns=until_ns if now_ns < until_ns else now_ns + ASK_AGAIN_NS,
        look_ns=until_ns if Way.LOOK in missing else None,
        record_ns=until_ns if Way.RECORD in missing else None,
        engine_ns=until_ns if Way.ENGINE in missing else None,
    )


def rest_on_looks(history: ContainerHistory, checks: Sequence[Check], *, may_look: bool) -> bool:
    """Say whether looks at the processes are wanted for any of these checks."""
    timed = may_look and not history.recorded
    return any(needs_look(one) or (timed and isinstance(one, ShutdownWas)) for one in checks)


def any_recorded(history: ContainerHistory, checks: Sequence[Check]) -> bool:
    """Say whether any of these checks rests on the kernel's record, and that is read."""
    return history.recorded and any(map(needs_record, checks))


def asks_engine(history: ContainerHistory, checks: Sequence[Check]) -> bool:
    """Say whether the engine may have more to tell: what is over for good has not."""
    over = history.gone_for_good and history.logs_ended
    return not over and any(map(needs_engine, checks))


def can_be_looked_at(history: ContainerHistory) -> bool:
    """Say whether there is a probe that runs: in a paused container it is frozen, too."""
    return history.init_running and history.paused is None


def looked_ns(history: ContainerHistory) -> int:
    """Give until when the last look shows the processes."""
    return history.look.until_ns if history.look else NEVER
