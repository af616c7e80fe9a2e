"""
What was foretold of each signal of a case and what became of it, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.judge.aftermath import Aftermath
from runner.judge.fates import fates_of
from runner.judge.scene import Scene
from runner.model.fate import SignalFate


def signals_told(scenes: Mapping[str, Scene], last_ns: int) -> Mapping[int, tuple[SignalFate, ...]]:
    """
    Give the fates of the signals of each step that has sent any.

    `scenes` are the containers of a case at its end, which came at `last_ns`.
    """
    found: dict[int, tuple[SignalFate, ...]] = {}
    for scene in scenes.values():
        for span in scene.spans:
            if not span.sent:
                continue
            end_ns = span.closed_ns or (scene.record_ns if span.recorded else last_ns)
            after = Aftermath(
                record=span.record if span.recorded else None,
                look=span.look,
                ended=span.ended,
                now_ns=end_ns,
                processes=scene.processes,
                complete=scene.record_ns >= end_ns,
                shares_host=scene.shares_host,
                record_ns=scene.record_ns,
                system_calls=scene.system_calls,
            )
            found[span.step] = tuple(fates_of(span.sent, after))
    return found
