"""
Which evidence a run has: the best there is, or what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.engine.contract import Engine
from runner.errors import TraceUnavailable
from runner.execute.kernel_watch import KernelWatch
from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True)
class EvidenceInUse:
    """
    The strongest evidence of a run, why it is that one, and the reader of the kernel trace.
    """

    level: Evidence
    why: str
    watch: KernelWatch | None = None

    def close(self) -> None:
        """Leave nothing behind on the engine's machine."""
        if self.watch is not None:
            self.watch.close()


def open_evidence(engine: Engine, wanted: Evidence | None) -> EvidenceInUse:
    """
    Return the evidence that is wanted; None means the best there is.

    Raises:
        TraceUnavailable: the kernel trace is wanted and cannot be had.
    """
    if wanted in {Evidence.PROC, Evidence.ENGINE}:
        return EvidenceInUse(wanted, "asked for")
    reasons: list[str] = []
    for local, source in ((True, "this machine's tracefs"), (False, "a helper container")):
        try:
            trace = engine.open_trace(local=local)
        except TraceUnavailable as error:
            reasons.append(f"{source}: {error.what}")
            continue
        return EvidenceInUse(Evidence.KERNEL, f"from {source}", KernelWatch(trace))
    why = "the kernel trace cannot be read: " + "; ".join(reasons)
    if wanted is Evidence.KERNEL:
        raise TraceUnavailable(
            why, advice="run as root on the engine's machine, or --evidence auto"
        )
    return EvidenceInUse(Evidence.PROC, why)
