"""
The verdict on a step, once it is given.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.history.case_history import CaseHistory
from runner.model.observation import CaseBroken, EngineLost, Interrupted, TimedOut
from runner.model.step import Wait
from runner.model.verdict import Decision, Errored, Failed, Undecided, Verdict


@dataclass(frozen=True, slots=True)
class JudgedStep:
    """The verdict on a step, when that began and ended, and until when facts counted for it."""

    verdict: Verdict
    began_ns: int
    ended_ns: int
    counts_until_ns: int


def verdict_on(history: CaseHistory, decision: Decision) -> Verdict:
    """Return the verdict on the step under way, which ends with this decision."""
    if isinstance(decision, Undecided):
        return Errored("the step was ended before it could be decided")
    if isinstance(decision, Failed) and (history.step < 0 or isinstance(history.action, Wait)):
        return _not_reached(_what_was_waited_for(history), decision)
    return decision


def _what_was_waited_for(history: CaseHistory) -> str:
    if history.step >= 0:
        return "what was waited for did not happen"
    name = history.case.container_of(history.step)
    return f"the container {name} never became ready".replace("  ", " ")


def _not_reached(what: str, decision: Failed) -> Errored:
    seen = "; ".join(
        f"expected {one.expected}, saw {one.seen}" for one in decision.findings if one.wrong
    )
    return Errored(f"{what}: {seen} ({decision.why})")


def verdict_of_early_end(fact: EngineLost | TimedOut | Interrupted | CaseBroken) -> Errored:
    """Return the verdict on a case that this has ended before its last step."""
    match fact:
        case EngineLost(what=what, advice=advice):
            return Errored(what, advice, engine=True)
        case TimedOut(timeout_s=timeout_s):
            return Errored(
                f"the case did not end within its timeout of {timeout_s:g} s",
                advice="give it a longer `timeout:`, or its steps a shorter `within:`",
            )
        case Interrupted():
            return Errored("interrupted")
        case CaseBroken(what=what, advice=advice):
            return Errored(what, advice)
