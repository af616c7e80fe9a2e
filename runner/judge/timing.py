"""
The noun `shutdown`: how long the end took, and whether the grace period ran out.

Times are the runner's monotonic clock, from right before the request until the namespace was
seen to be gone, so they include what the engine needs (some 20 to 50 ms).
"""

from __future__ import annotations

from runner.judge.processes import bounds_words, within
from runner.judge.sight import Sight, View
from runner.kernel.signals import SIGKILL
from runner.model.expectation import ShutdownWas
from runner.model.verdict import Evidence


def sight_of_shutdown(check: ShutdownWas, view: View) -> Sight:
    """Hold `shutdown` against the request to end and the end."""
    scene, ask = view.scene, view.scene.ask_to_end
    if ask is None:
        seen = "nothing asked init to end"
        return Sight(False, seen, Evidence.ENGINE, view.now_ns, final=True, known=False)
    end_ns = scene.asked_end_ns
    took_s = ((end_ns or view.now_ns) - ask.at_ns) / 1e9
    escalated = any(one.signal == SIGKILL for one in scene.engine_sent)
    too_late = check.took_s is not None and took_s > (check.took_s.at_most or took_s)
    wrong_way = escalated and check.escalated is False
    if end_ns is None:
        seen = f"init had not ended after {took_s:.3f} s"
        return Sight(False, seen, Evidence.ENGINE, view.now_ns, final=too_late or wrong_way)
    holds = (check.took_s is None or within(check.took_s, took_s)) and (
        check.escalated is None or check.escalated is escalated
    )
    how = "escalated to SIGKILL" if escalated else "not escalated"
    seen = f"shutdown took {took_s:.3f} s, {how}"
    return Sight(holds, seen, Evidence.ENGINE, end_ns, final=True)


def words_of_shutdown(check: ShutdownWas) -> str:
    """Say what is expected."""
    words = [bounds_words(check.took_s, " s")] if check.took_s else []
    if check.escalated is not None:
        words.append("escalated to SIGKILL" if check.escalated else "not escalated")
    return "shutdown " + ", ".join(words)
