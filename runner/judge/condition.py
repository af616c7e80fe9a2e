"""
What a condition is: how one kind of check is evaluated and described, and what it rests on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from runner.history.container_history import ContainerHistory
from runner.model.observation import ProcessSnapshot, Way
from runner.model.process import Process
from runner.model.verdict import Evidence

ONLY_THE_TRACE: Final = "only the kernel trace tells this: run as root on the engine's machine"

SNAPSHOT: Final = frozenset({Way.SNAPSHOT})
TRACE: Final = frozenset({Way.TRACE})
ENGINE: Final = frozenset({Way.ENGINE})


@dataclass(frozen=True, slots=True)
class CheckResult:
    """
    Whether a check holds at this moment, and what is seen.

    `final`: no later fact can change that. `known` False: what was seen cannot tell; if that is
    final too, the check can never be decided. `at_ns`: when that has come about which it rests on.
    """

    holds: bool
    seen: str
    evidence: Evidence
    at_ns: int
    final: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class CheckContext:
    """
    What a check is evaluated against: a history, at a time.

    `began_ns` is when the step began, `since_ns` when it took effect, `now_ns` the present.
    `of_step` says that the expectation hangs on a step that acts, so that what it asks for must
    have come of that step. `quiet_s` is the quiet period.
    """

    history: ContainerHistory
    began_ns: int
    since_ns: int
    now_ns: int
    of_step: bool
    quiet_s: float = 0.1

    def unknown(self, seen: str, evidence: Evidence, *, final: bool = False) -> CheckResult:
        """What was seen cannot tell, by now or (`final`) ever."""
        return CheckResult(False, seen, evidence, self.now_ns, final=final, known=False)

    def without_trace(self) -> CheckResult:
        """The kernel trace would tell, and is not read."""
        seen = f"the kernel trace is not read ({ONLY_THE_TRACE})"
        return self.unknown(seen, Evidence.PROC, final=True)

    def init_gone(self) -> CheckResult | None:
        """Init has ended or never started, which is not what is asked for; None: neither."""
        history = self.history
        if history.gone_ns is None:
            return None
        final = history.gone_for_good
        return CheckResult(False, history.why_gone, Evidence.ENGINE, history.gone_ns, final=final)

    @property
    def snapshot(self) -> ProcessSnapshot | None:
        """The last snapshot, if it shows how things are since the step took effect."""
        last = self.history.snapshot
        return last if last is not None and last.until_ns >= self.since_ns else None

    @property
    def init(self) -> Process | None:
        """Init in that snapshot."""
        return self.snapshot.init if self.snapshot is not None else None

    @property
    def snapshot_or_none_left(self) -> ProcessSnapshot | None:
        """
        The last snapshot since the step took effect; an empty one where init is gone.

        The kernel empties the PID namespace before it lets the end of init be known.
        """
        gone_ns = self.history.gone_ns
        return self.snapshot if gone_ns is None else ProcessSnapshot(gone_ns, gone_ns, 0, ())

    def by_snapshot(self, snapshot: ProcessSnapshot, seen: str, *, holds: bool) -> CheckResult:
        """Return the result of a check that such a snapshot decides."""
        at_ns = self.since(snapshot.at_ns)
        if snapshot.snapshots:
            return CheckResult(holds, seen, Evidence.PROC, at_ns)
        final, seen = self.history.gone_for_good, f"{seen}; init is gone"
        return CheckResult(holds, seen, Evidence.ENGINE, at_ns, final=final)

    def since(self, at_ns: int) -> int:
        """Return from when a state counts that was first seen at that time."""
        return max(at_ns, self.since_ns)


_Check = TypeVar("_Check")


@dataclass(frozen=True, slots=True)
class Condition(Generic[_Check]):
    """
    One kind of check.

    `describe` gives what is expected, in words. `rests_on` is by which ways facts come that can
    change its result; the kernel trace counts where it is read. `timed_by_snapshots`: where it is
    not, snapshots say until when init was alive. `needs_quiet`: it is true of things left as they
    are, so it is true at once even when its refutation is a millisecond away, and must hold for the
    quiet period. `until_stopped`: expected of a stop, it must hold until the stop is over.
    `lasts_longer_s`: so long a thing must last to count, beside the time that the check must hold;
    it is given the quiet period.
    """

    check: type[_Check]
    evaluate: Callable[[_Check, CheckContext], CheckResult]
    describe: Callable[[_Check], str]
    rests_on: Callable[[_Check], frozenset[Way]]
    timed_by_snapshots: bool = False
    needs_quiet: Callable[[_Check], bool] = lambda _: False
    until_stopped: Callable[[_Check], bool] = lambda _: False
    lasts_longer_s: Callable[[_Check, float], float] = lambda _check, _quiet_s: 0.0
