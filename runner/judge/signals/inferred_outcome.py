"""
What became of a signal, as far as evidence tells.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.kernel.prediction import Outcome
from runner.kernel.signals import DefaultAction, Signal
from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True)
class InferredOutcome:
    """
    What became of it; `outcome` None: not known, or not yet.

    `queued`: the kernel has put it among the pending signals of its target, for however short.
    """

    outcome: Outcome | None
    seen: str
    evidence: Evidence
    at_ns: int
    final: bool = False
    queued: bool = False


def end_by(signal: Signal) -> Outcome:
    """Return the outcome of the default action of such a signal."""
    core = signal.default_action is DefaultAction.CORE
    return Outcome.CORE_DUMPED if core else Outcome.TERMINATED
