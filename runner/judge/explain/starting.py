"""
A container whose init never started: the engine's words, and what they mean.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because
from runner.model.explanation import Explanation


def of_start(step: StepHistory) -> Iterator[Explanation]:
    """Yield why init never started."""
    never = step.history.never_started
    if never is None:
        return
    words = f"The engine says: {_own_words(never.reason)}"
    match never.exit_code:
        case 127:
            yield because(
                "Init never started, so no signal could reach it: its program was not found (127).",
                words,
                diagnosis=Diagnosis.D27,
            )
        case 126:
            yield because(
                "Init never started, so no signal could reach it: its program cannot be executed "
                "(126).",
                words,
                diagnosis=Diagnosis.D28,
            )
        case _:
            yield because("Init never started, so no signal could reach it.", words)


def _own_words(reason: str) -> str:
    """Return the end of a chain of messages: that is where the cause stands."""
    at = reason.rfind("exec: ")
    return (reason[at:] if at >= 0 else reason).strip().removesuffix(": unknown")
