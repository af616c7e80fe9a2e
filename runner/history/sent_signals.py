"""
The signals of a step: what was sent, what was seen right before, and where the kernel recorded it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from runner.model.engine_facts import EngineSent
from runner.model.kernel_facts import KernelFact, Role, SignalGenerated
from runner.model.observation import ProcessSnapshot, RestartRequested, SignalSent, StopRequested
from runner.model.process import INIT_PID
from runner.model.step import Sender

CLOCKS_APART_NS: Final = 50_000_000
"""The runner's clock and that of the kernel trace may differ by so much on two machines."""

_ONE_ANSWER_NS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SentSignal:
    """
    A signal that was sent, and the last snapshot of the processes before that.

    `asked_for` is False for the SIGKILL that an engine sends when the grace period is over.
    """

    fact: SignalSent
    before: ProcessSnapshot | None
    asked_for: bool = True

    @property
    def to_init(self) -> bool:
        """
        Whether it was sent to the first process of the container, which need not be PID 1.

        kill(-1) reaches everybody but that.
        """
        init = self.before.init if self.before is not None else None
        from_host = self.fact.sender is Sender.HOST
        return from_host or self.fact.pid == (init.pid if init is not None else INIT_PID)


def sent_by_engine(fact: EngineSent, asked: StopRequested | RestartRequested) -> SignalSent:
    """Return a signal that the engine has sent because it was asked to stop the container."""
    return SignalSent(
        asked.at_ns,
        fact.at_ns,
        asked.step,
        fact.signal,
        pid=INIT_PID,
        sender=Sender.HOST,
        errno="",
        container=fact.container,
    )


def generation_of(
    sent: SignalSent, record: Sequence[KernelFact], claimed: Collection[int] = ()
) -> tuple[int, SignalGenerated] | None:
    """
    Find a signal in the kernel trace: its place there, and the fact.

    `claimed` holds the places of signals that were found already.
    """
    for place, fact in enumerate(record):
        if place in claimed or not isinstance(fact, SignalGenerated):
            continue
        if fact.signal == sent.signal and _is_ours(fact, sent):
            return place, fact
    return None


def _is_ours(fact: SignalGenerated, sent: SignalSent) -> bool:
    if fact.at_ns < sent.at_ns - CLOCKS_APART_NS or fact.code > 0:
        return False
    if sent.sender is Sender.HOST:
        return fact.sender.role is Role.HOST and fact.target.role is Role.INIT
    if fact.sender.role is not Role.PROBE:
        return False
    if fact.target.pid is None:
        # The probe sends one after the other: between request and answer it can be no other.
        early, late = sent.at_ns - _ONE_ANSWER_NS, sent.answered_ns + _ONE_ANSWER_NS
        return fact.target.role is Role.INSIDE and early <= fact.at_ns <= late
    return fact.target.pid == sent.pid
