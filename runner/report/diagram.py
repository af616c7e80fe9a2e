"""
A case as a Mermaid sequence diagram: who sent what to whom, and what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runner.model import engine_facts as told
from runner.model import observation as seen
from runner.model.observation import Observation
from runner.model.result import CaseResult
from runner.model.step import Sender
from runner.report.text import one_line

_MOST_ARROWS = 60
_MOST_TEXT = 60
_MARKS: Final = {"passed": "✅ ", "failed": "❌ ", "errored": "💥 ", "skipped": ""}


def sequence_diagram(result: CaseResult) -> str:
    """Draw the signals and what the container did; long stories are cut with a note."""
    arrows = [line for fact in result.timeline for line in _arrows(fact, result)]
    lines = [
        "sequenceDiagram",
        "  participant H as host",
        "  participant P as inside",
        "  participant I as init (PID 1)",
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
        case told.EngineSent(signal=signal):
            yield f"  Note left of I: engine sent {signal}"
        case seen.ExecStarted(argv=argv):
            yield f"  H->>P: exec {_label(' '.join(argv))}"
        case seen.LogText(text=text) if text.strip():
            yield f"  I-->>H: {_label(text)}"
        case told.NeverStarted():
            yield "  Note over I: never started"
        case told.InitEnded(exit_code=code):
            yield f"  Note over I: exited {code}"
        case told.FinalState(running=True):
            yield "  Note over I: still running at the end"
        case _:
            pass


def _label(text: str) -> str:
    text = one_line(text)
    text = (text[: _MOST_TEXT - 1] + "…" if len(text) > _MOST_TEXT else text) or "(empty)"
    # Mermaid and HTML read some characters as their own; Mermaid's entities name them by number.
    return re.sub(r"[^\w\s.,/()'=…+*-]", lambda found: f"#{ord(found[0])};", text)
