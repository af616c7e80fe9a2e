"""
What was foretold of each signal of a case and what became of it, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.history.container_history import ContainerHistory
from runner.judge.aftermath import Aftermath
from runner.judge.fates import fates_of
from runner.model.fate import SignalFate


def signals_told(
    histories: Mapping[str, ContainerHistory], last_ns: int
) -> Mapping[int, tuple[SignalFate, ...]]:
    """
    Give the fates of the signals of each step that has sent any.

    `histories` are the containers of a case at its end, which came at `last_ns`.
    """
    found: dict[int, tuple[SignalFate, ...]] = {}
    for history in histories.values():
        for span in history.spans:
            if not span.sent:
                continue
            end_ns = span.closed_ns or (history.record_ns if span.recorded else last_ns)
            after = Aftermath(
                record=span.record if span.recorded else None,
                look=span.look,
                ended=span.ended,
                now_ns=end_ns,
                processes=history.processes,
                complete=history.record_ns >= end_ns,
                shares_host=history.shares_host,
                record_ns=history.record_ns,
                system_calls=history.system_calls,
            )
            found[span.step] = tuple(fates_of(span.sent, after))
    return found
