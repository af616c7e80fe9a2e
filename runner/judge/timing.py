"""
The noun `shutdown`: how long the end took, and whether the grace period ran out.

Where the kernel's record is read, times are the kernel's, from when the signal was sent until the
last thread of init ended. Else they are the runner's monotonic clock, from right before the request
until the namespace was seen to be gone, and include what the engine needs (some 20 to 50 ms).
"""

from __future__ import annotations

from runner.judge.processes import bounds_words, within
from runner.judge.scene import Scene
from runner.judge.sight import Sight, View
from runner.kernel.signals import SIGKILL
from runner.model.expectation import ShutdownWas
from runner.model.kernel_facts import Place, SignalGenerated
from runner.model.observation import RestartRequested, SignalSent, StopRequested
from runner.model.verdict import Evidence

_CLOCKS_APART_NS = 50_000_000


def sight_of_shutdown(check: ShutdownWas, view: View) -> Sight:
    """Hold `shutdown` against the request to end and the end."""
    scene, ask = view.scene, view.scene.ask_to_end
    if ask is None:
        seen = "nothing asked init to end"
        return Sight(False, seen, Evidence.ENGINE, view.now_ns, final=True, known=False)
    from_ns, end_ns, evidence = _span(scene, ask)
    took_s = ((end_ns or view.now_ns) - from_ns) / 1e9
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
    clock = "by the kernel's clock, " if evidence is Evidence.KERNEL else ""
    seen = f"shutdown took {took_s:.3f} s, {clock}{how}"
    return Sight(holds, seen, evidence, end_ns, final=True)


def _span(
    scene: Scene, ask: StopRequested | RestartRequested | SignalSent
) -> tuple[int, int | None, Evidence]:
    """Give when init was asked to end, when it ended, and by whose clock."""
    end_ns = scene.asked_end_ns
    exited, asked = scene.init_exited, _asked(scene, ask)
    if end_ns is None or exited is None or asked is None or scene.trace_lost is not None:
        return ask.at_ns, end_ns, Evidence.ENGINE
    return asked.at_ns, exited.at_ns, Evidence.KERNEL


def _asked(
    scene: Scene, ask: StopRequested | RestartRequested | SignalSent
) -> SignalGenerated | None:
    """Find in the kernel's record the signal that init was asked to end by."""
    for fact in scene.record:
        if isinstance(fact, SignalGenerated) and fact.target.place is Place.INIT:
            by_us = fact.sender.place in {Place.HOST, Place.PROBE} and fact.code <= 0
            wanted = not isinstance(ask, SignalSent) or fact.signal == ask.signal
            if by_us and wanted and fact.at_ns >= ask.at_ns - _CLOCKS_APART_NS:
                return fact
    return None


def words_of_shutdown(check: ShutdownWas) -> str:
    """Say what is expected."""
    words = [bounds_words(check.took_s, " s")] if check.took_s else []
    if check.escalated is not None:
        words.append("escalated to SIGKILL" if check.escalated else "not escalated")
    return "shutdown " + ", ".join(words)
