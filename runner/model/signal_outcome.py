"""
What was predicted for a signal, and what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.signals import Signal
from runner.model.step import Sender
from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True)
class SignalOutcome:
    """
    One signal on its way to one target, a PID in the container's PID namespace.

    `predicted`, `rule` (as in `R5`) and `confidence` are what follows from what was seen right
    before it was sent; None, "" and UNKNOWN where nothing was. `outcome` is what became of it
    by the end of the step, None where `evidence` does not tell. `seen` says it in a phrase,
    seen at `at_ns`; `final`: no later fact can change it. `queued`: the kernel trace says
    that it was pending, for however short.
    """

    signal: Signal
    pid: int
    sender: Sender
    predicted: Outcome | None
    rule: str
    confidence: Confidence
    actual: Outcome | None
    evidence: Evidence
    seen: str
    at_ns: int
    final: bool = False
    queued: bool = False

    @property
    def delivered(self) -> bool | None:
        """Whether the kernel has delivered it to its target; None where that is not known."""
        return None if self.actual is None else self.actual in DELIVERED

    @property
    def mispredicted(self) -> bool:
        """Whether something else became of it than was predicted with confidence."""
        if self.predicted is None or self.actual is None:
            return False
        return self.confidence is not Confidence.UNKNOWN and not self.as_predicted

    @property
    def as_predicted(self) -> bool:
        """
        Whether what was predicted has come.

        What was pending may have been taken by the end of the step: that is no contradiction.
        """
        return self.actual is self.predicted or (self.predicted is Outcome.PENDING and self.queued)


DELIVERED = {
    Outcome.HANDLER_RUNS,
    Outcome.CONSUMED,
    Outcome.TERMINATED,
    Outcome.CORE_DUMPED,
    Outcome.STOPPED,
    Outcome.CONTINUED,
}
"""What becomes of a signal that the kernel delivers to its target."""
