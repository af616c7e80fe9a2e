"""
Results that rest on a snapshot of all processes.
"""

from __future__ import annotations

from runner.judge.condition import CheckContext, CheckResult
from runner.model.observation import ProcessSnapshot
from runner.model.verdict import Evidence


def snapshot_or_none_left(context: CheckContext) -> ProcessSnapshot | None:
    """
    Return the last snapshot since the step took effect; an empty one where init is gone.

    The kernel empties the PID namespace before it lets the end of init be known.
    """
    gone_ns = context.history.gone_ns
    return context.snapshot if gone_ns is None else ProcessSnapshot(gone_ns, gone_ns, 0, ())


def snapshot_result(
    snapshot: ProcessSnapshot, context: CheckContext, seen: str, *, holds: bool
) -> CheckResult:
    """Return the result of a check that such a snapshot decides."""
    gone = snapshot.snapshots == 0
    return CheckResult(
        holds,
        f"{seen}; init is gone" if gone else seen,
        Evidence.ENGINE if gone else Evidence.PROC,
        context.since(snapshot.at_ns),
        final=gone and context.history.gone_for_good,
    )
