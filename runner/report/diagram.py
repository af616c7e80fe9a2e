"""
A case as a Mermaid sequence diagram: who sent what to whom, and what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runner.kernel.signals import Signal
from runner.model import engine_facts as engine
from runner.model import kernel_facts as kernel
from runner.model import observation as seen
from runner.model.observation import Observation
from runner.model.result import CaseResult
from runner.model.step import Sender
from runner.report.text import one_line

_MOST_ARROWS = 60
_MOST_TEXT = 60
_NOISE: Final = {Signal.parse("SIGURG"), Signal.parse("SIGCHLD")}
"""Go's own preemption in runc, and what every end of a child brings."""
_MARKS: Final = {"passed": "✅ ", "failed": "❌ ", "errored": "💥 ", "skipped": ""}


def sequence_diagram(result: CaseResult) -> str:
    """Draw the signals and what the container did; long stories are cut with a note."""
    # The kernel's facts arrive after what the runner sees by itself.
    ordered = sorted(result.timeline, key=lambda fact: fact.at_ns)
    arrows = [line for fact in ordered for line in _arrows(fact, result)]
    others = ["  participant C as other processes"] if any("->>C" in one for one in arrows) else []
    lines = [
        "sequenceDiagram",
        "  participant H as host",
        "  participant P as inside",
        "  participant I as init (PID 1)",
        *others,
        *arrows[:_MOST_ARROWS],
    ]
    if len(arrows) > _MOST_ARROWS:
        lines.append(f"  Note over H,I: {len(arrows) - _MOST_ARROWS} more not drawn")
    return "\n".join(lines)


def _arrows(fact: Observation, result: CaseResult) -> Iterator[str]:  # noqa: C901 - one line a fact
    match fact:
        case seen.StepBegan(step=step) if step >= 0:
            mark = _MARKS[result.steps[step].verdict.kind] if step < len(result.steps) else ""
            yield f"  Note over H,I: {mark}{_label(result.case.all_steps[step].title)}"
        case seen.SignalSent(signal=signal, sender=sender, errno=errno, pid=pid):
            source = "H" if sender is Sender.HOST else "P"
            answer = f" ({errno})" if errno else ""
            target = "" if pid == 1 else f" to {pid}"
            yield f"  {source}->>I: {signal}{target}{answer}"
        case seen.StopRequested(grace_s=grace_s):
            yield f"  H->>I: stop, grace {grace_s:g} s"
        case engine.EngineSent(signal=signal):
            yield f"  Note left of I: engine sent {signal}"
        case kernel.SignalGenerated() | kernel.SignalDelivered():
            yield from _kernel_arrows(fact)
        case seen.ExecStarted(argv=argv):
            yield f"  H->>P: exec {_label(' '.join(argv))}"
        case seen.LogText(text=text) if text.strip():
            yield f"  I-->>H: {_label(text)}"
        case engine.NeverStarted():
            yield "  Note over I: never started"
        case engine.InitEnded(exit_code=code):
            yield f"  Note over I: exited {code}"
        case engine.FinalState(running=True):
            yield "  Note over I: running when the case ended"
        case _:
            pass


def _kernel_arrows(fact: kernel.SignalGenerated | kernel.SignalDelivered) -> Iterator[str]:
    """Draw what the kernel did with a signal to init, and what init has sent on."""
    if fact.signal in _NOISE:
        return
    init, inside = kernel.Role.INIT, kernel.Role.INSIDE
    match fact:
        case kernel.SignalGenerated(sender=sender, target=target) if fact.code <= 0:
            if sender.role is init and target.role is inside:
                yield f"  I->>C: {fact.signal} to {_label(str(target))}"
            elif target.role is init and fact.generation is kernel.Generation.IGNORED:
                yield f"  Note right of I: {fact.signal} discarded"
        case kernel.SignalDelivered(task=task) if task.role is init:
            to = "to its handler" if fact.delivery is kernel.Delivery.HANDLER else "taken"
            yield f"  Note right of I: {fact.signal} {to}"
        case _:
            pass


def _label(text: str) -> str:
    text = one_line(text)
    text = (text[: _MOST_TEXT - 1] + "…" if len(text) > _MOST_TEXT else text) or "(empty)"
    # Mermaid and HTML read some characters as their own; Mermaid's entities name them by number.
    return re.sub(r"[^\w\s.,/()'=…+*-]", lambda found: f"#{ord(found[0])};", text)
