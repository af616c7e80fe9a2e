"""
Signals that init had to pass on to its children: whether it did, and what they did.
"""

from __future__ import annotations

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.programs import called
from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because, name, names
from runner.kernel.masks import holds
from runner.kernel.signals import Signal
from runner.model.explanation import Explanation
from runner.model.kernel_facts import Generation
from runner.model.process import Process
from runner.model.signal_outcome import SignalOutcome


def chain(step: StepHistory, outcome: SignalOutcome) -> Explanation | None:
    """Return where the signal stopped on its way from init to its children; None: not told."""
    living = [one for one in step.children if not step.ended_since(one)]
    if not living:
        return None
    sent = step.sent_on()
    reached = {one.target.pid for one in sent}
    if not sent and not step.sent_to(living):
        return because(
            f"{step.init_words} got {outcome.signal} and forwarded no signal: {names(living)} "
            "never received it.",
            step.lived_on,
            rule="R8" if outcome.rule == "R8" else "",
            diagnosis=Diagnosis.D35,
            signal=str(outcome.signal),
            program=called(living[0]),
        )
    deaf = next((one for one in living if one.pid in reached), None)
    if deaf is None:
        return None
    own = [one for one in sent if one.target.pid == deaf.pid]
    signal, lost = own[0].signal, any(one.generation is Generation.IGNORED for one in own)
    return because(
        f"{step.init_words} forwarded {signal} to {name(deaf)}, and that did not end.",
        _why_deaf(deaf, signal, lost=lost),
        step.lived_on,
        rule="R6" if lost else "",
        diagnosis=Diagnosis.D37 if lost else None,
        signal=str(signal),
    )


def _why_deaf(process: Process, signal: Signal, *, lost: bool) -> str:
    if lost and holds(process.masks.ignored, signal):
        return f"It ignores {signal} (SigIgn), so it was discarded."
    if holds(process.masks.caught, signal):
        return f"It has a handler for {signal}."
    if holds(process.blocked_by_all, signal):
        return f"It blocks {signal} (SigBlk)."
    return ""
