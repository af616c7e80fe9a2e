"""
What was predicted for each signal of a case and what became of it, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.history.container_history import ContainerHistory
from runner.judge.evidence_after import EvidenceAfter
from runner.judge.signal_outcome import outcomes_of
from runner.model.signal_outcome import SignalOutcome


def signal_outcomes(
    histories: Mapping[str, ContainerHistory], last_ns: int
) -> Mapping[int, tuple[SignalOutcome, ...]]:
    """
    Give the fates of the signals of each step that has sent any.

    `histories` are the containers of a case at its end, which came at `last_ns`.
    """
    found: dict[int, tuple[SignalOutcome, ...]] = {}
    for history in histories.values():
        for span in history.spans:
            if not span.sent:
                continue
            end_ns = span.closed_ns or (history.trace_ns if span.traced else last_ns)
            after = EvidenceAfter(
                kernel_facts=span.kernel_facts if span.traced else None,
                snapshot=span.snapshot,
                ended=span.ended,
                now_ns=end_ns,
                processes=history.processes,
                complete=history.trace_ns >= end_ns,
                shares_host=history.shares_host,
                trace_ns=history.trace_ns,
                system_calls=history.system_calls,
            )
            found[span.step] = tuple(outcomes_of(span.sent, after))
    return found
