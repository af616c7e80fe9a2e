"""
What happened, where no family has a reason: who got the signal, who ended how, and which evidence
would tell more.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because
from runner.model.explanation import Explanation


def what_happened(step: StepHistory) -> Iterator[Explanation]:
    """Yield what is known of a signal and the end of init."""
    if step.asked is None and step.ended is None:
        return
    yield because(*_signal(step), *_end(step), *_missing(step))


def what_is_missing(step: StepHistory) -> Iterator[Explanation]:
    """Yield which evidence would tell more, where there is any."""
    missing = list(_missing(step))
    if missing:
        yield because(*missing)


def _missing(step: StepHistory) -> Iterator[str]:
    if step.traced:
        return
    if step.last.trace_lost is not None:
        yield "The kernel trace has a gap, so that it does not tell more."
    else:
        yield (
            "Which processes received the signal, and how each of them ended, is not known: "
            "`--evidence kernel`, as root on the engine's machine, would tell."
        )


def _signal(step: StepHistory) -> Iterator[str]:
    asked = step.asked
    if asked is not None:
        became = asked.actual.value if asked.actual is not None else "not known"
        yield f"{asked.signal} to PID {asked.pid}: {became} ({asked.seen})."


def _end(step: StepHistory) -> Iterator[str]:
    if step.ended is None:
        yield f"{step.init_words} ran on."
        return
    killed = f"{len(step.killed) or 'no'} other process{'' if len(step.killed) == 1 else 'es'}"
    also = f", and {killed} with it" if step.traced else ""
    yield f"{step.init_words} ended with {step.ended.exit_code}{also}."
