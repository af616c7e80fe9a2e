"""
`accepted`: what kill(2) answered.
"""

from __future__ import annotations

from typing import Final

from runner.judge.condition import CheckContext, CheckResult, Condition
from runner.model.expectation import KillAnswered
from runner.model.observation import Way
from runner.model.step import Sender
from runner.model.verdict import Evidence

_NOTHING: Final[frozenset[Way]] = frozenset()


def evaluate(check: KillAnswered, context: CheckContext) -> CheckResult:
    """Compare it with the answers to the last signal step."""
    sent = [one.fact for one in context.history.sent]
    if not sent:
        return context.unknown("no signal was sent", Evidence.PROC, final=True)
    wrong = next((fact for fact in sent if fact.errno != check.errno), None)
    evidence = Evidence.ENGINE if sent[0].sender is Sender.HOST else Evidence.PROC
    shown = wrong or sent[-1]
    seen = f"kill({shown.pid}, {shown.signal}) {_answer(shown.errno)}"
    if shown.prechecked:
        seen += f" (as kill({shown.pid}, 0) was; the end of init cut off its own answer)"
    return CheckResult(wrong is None, seen, evidence, shown.at_ns, final=True)


def _answer(errno: str) -> str:
    return f"refused with {errno}" if errno else "accepted"


CONDITION: Final = Condition(
    KillAnswered,
    evaluate,
    describe=lambda check: f"kill {_answer(check.errno)}",
    rests_on=lambda _: _NOTHING,
)
