"""
The noun `init: {killed_by: ...}`: whether a signal has ended init, and which.

The exit code alone does not tell: 137 is what SIGKILL gives, and also what exit(137) gives.
"""

from __future__ import annotations

from runner.judge.init import gone_words
from runner.judge.proc_fate import ADVICE
from runner.judge.scene import Scene
from runner.judge.sight import Sight, View
from runner.judge.target import prediction_of
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.signals import SIGKILL, Signal, UnknownSignal
from runner.model.engine_facts import InitEnded
from runner.model.expectation import InitKilledBy
from runner.model.kernel_facts import Told
from runner.model.step import Sender
from runner.model.verdict import Evidence

_END = {Outcome.TERMINATED, Outcome.CORE_DUMPED}
_INIT = 1
_RECORD_PATIENCE_NS = 500_000_000


def sight_of_killer(check: InitKilledBy, view: View) -> Sight:
    """Hold `killed_by` against what has ended init."""
    scene, ended = view.scene, view.scene.ended
    if scene.never_started is not None:
        seen, at_ns = gone_words(scene), scene.never_started.at_ns
        return Sight(False, seen, Evidence.ENGINE, at_ns, final=True)
    if ended is None:
        return Sight(False, "init is still running", Evidence.ENGINE, view.now_ns)
    killer, seen, evidence, final = _killer(check, scene, ended, view.now_ns)
    if killer is None and evidence is None:
        return Sight(False, seen, Evidence.ENGINE, view.now_ns, final=final, known=False)
    holds = killer is not None and killer in check.signals
    final = scene.gone_for_good
    return Sight(holds, seen, evidence or Evidence.ENGINE, ended.at_ns, final=final)


def words_of_killer(check: InitKilledBy) -> str:
    """Say what is expected."""
    return "init killed by " + " or ".join(map(str, check.signals))


_Found = tuple[Signal | None, str, Evidence | None, bool]


def _killer(check: InitKilledBy, scene: Scene, ended: InitEnded, now_ns: int) -> _Found:
    """Give the signal, what is seen, and on what that rests; None: that is not known."""
    if scene.recorded:
        return _in_record(scene, ended, now_ns)
    if ended.exit_code not in {128 + signal for signal in check.signals}:
        return None, f"{gone_words(scene)}, which none of these gives", Evidence.ENGINE, True
    for sent in reversed(scene.sent):
        signal = sent.fact.signal
        to_init = sent.fact.pid == _INIT or sent.fact.sender is Sender.HOST
        if not to_init or ended.exit_code != 128 + signal or sent.fact.errno:
            continue
        foretold = prediction_of(sent.fact, sent.before, shares_host=scene.shares_host)
        sure = foretold is not None and foretold.confidence is Confidence.CERTAIN
        if sure and foretold is not None and foretold.outcome in _END:
            return signal, f"{gone_words(scene)} after {signal} had to end it", Evidence.PROC, True
    by_engine = any(one.signal == SIGKILL for one in scene.engine_sent)
    if ended.exit_code == 128 + SIGKILL and by_engine:
        return SIGKILL, "init exited 137 after the engine sent SIGKILL", Evidence.ENGINE, True
    return None, f"{gone_words(scene)}; an exit of its own gives that too ({ADVICE})", None, True


def _in_record(scene: Scene, ended: InitEnded, now_ns: int) -> _Found:
    told = scene.init_told
    if told is None:
        late = now_ns > ended.at_ns + _RECORD_PATIENCE_NS
        return None, "the kernel's record has not its end yet", None, late
    if told.told is Told.EXITED:
        return None, f"init ended by an exit of its own, {ended.exit_code}", Evidence.KERNEL, True
    # The kernel's word is that a signal did it, the engine's which: the status says both.
    try:
        killer = Signal(ended.exit_code - 128)
    except UnknownSignal:
        killer = scene.fatal.signal if scene.fatal is not None else None
    return killer, f"{killer or 'a signal'} has ended init", Evidence.KERNEL, True
