"""
How long the end of init took, from the request to end.

Where the kernel trace is read, times are the kernel's, from when the signal was sent until the
last thread of init ended. Else they are the runner's, and known up to what the engine needs to
carry out a request and to report an end (some 20 to 50 ms).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runner.history.container_history import ContainerHistory
from runner.history.sent_signals import CLOCKS_APART_NS
from runner.history.step_span import AskToEnd, StepSpan
from runner.model.kernel_facts import KernelFact, Role, SignalGenerated
from runner.model.observation import SignalSent
from runner.model.result import CaseResult
from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True)
class ShutdownTime:
    """From the request to the end: at least and at most so long, and by whose clock."""

    low_s: float
    high_s: float
    evidence: Evidence

    def __str__(self) -> str:
        """`1.005 s, by the kernel's clock`; without that, what is known of it."""
        if self.evidence is Evidence.KERNEL:
            return f"{self.high_s:.3f} s, by the kernel's clock"
        return f"{self.low_s:.3f} to {self.high_s:.3f} s"


def shutdown_time(
    history: ContainerHistory, span: StepSpan, ask: AskToEnd, end_ns: int
) -> ShutdownTime:
    """Return how long it took from the request of that step until init ended."""
    return _by_trace(history, span, ask) or _by_engine(span, ask, end_ns)


def with_shutdown_times(
    result: CaseResult, histories: Mapping[str, ContainerHistory]
) -> CaseResult:
    """
    Return the result with the time that each shutdown took, for each step that has asked for one.

    `histories` are the containers of the case at its end.
    """
    found = {
        span.step: shutdown_time(history, span, span.ask_to_end, span.ended.at_ns).high_s
        for history in histories.values()
        for span in history.spans
        if span.ended is not None and span.ask_to_end is not None
    }
    steps = tuple(
        dataclasses.replace(one, shutdown_s=found.get(number))
        for number, one in enumerate(result.steps)
    )
    return dataclasses.replace(result, steps=steps)


def _by_trace(history: ContainerHistory, span: StepSpan, ask: AskToEnd) -> ShutdownTime | None:
    if not span.traced or span.init_host_pid is None:
        return None
    record = history.kernel_facts_since(span)
    asked, end = _asked(record, ask), history.life_of(span.init_host_pid, record).end
    if asked is None or end is None:
        return None
    took_s = (end.at_ns - asked.at_ns) / 1e9
    return ShutdownTime(took_s, took_s, Evidence.KERNEL)


def _by_engine(span: StepSpan, ask: AskToEnd, end_ns: int) -> ShutdownTime:
    """
    Return what the runner's clock says: each news is late by what the engine needed for it.

    The signal was sent at some time between the request and the engine's answer or report, and init
    ended between the last look at it and the end of the probe's stream; an engine that counts whole
    seconds sends SIGKILL not before those are over.
    """
    if isinstance(ask, SignalSent):
        sent_ns, over_s = ask.answered_ns, 0
    else:
        sent_ns = span.engine_sent[0].at_ns if span.engine_sent else end_ns
        over_s = math.floor(ask.grace_s) if span.escalated else 0
    alive_ns = span.snapshot.until_ns if span.snapshot is not None else ask.at_ns
    low_s = max(over_s, (alive_ns - min(sent_ns, end_ns)) / 1e9)
    return ShutdownTime(low_s, (end_ns - ask.at_ns) / 1e9, Evidence.ENGINE)


def _asked(record: Sequence[KernelFact], ask: AskToEnd) -> SignalGenerated | None:
    """Find in the kernel trace the signal that init was asked to end by."""
    for fact in record:
        if isinstance(fact, SignalGenerated) and fact.target.role is Role.INIT:
            by_us = fact.sender.role in {Role.HOST, Role.PROBE} and fact.code <= 0
            wanted = not isinstance(ask, SignalSent) or fact.signal == ask.signal
            if by_us and wanted and fact.at_ns >= ask.at_ns - CLOCKS_APART_NS:
                return fact
    return None
