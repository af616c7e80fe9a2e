"""
The noun `accepted`: what kill(2) answered.
"""

from __future__ import annotations

from runner.judge.check_result import CheckContext, CheckResult
from runner.model.expectation import KillAnswered
from runner.model.step import Sender
from runner.model.verdict import Evidence


def evaluate_answer(check: KillAnswered, context: CheckContext) -> CheckResult:
    """Hold `accepted` against the answers to the last signal step."""
    sent = [one.fact for one in context.history.sent]
    if not sent:
        seen = "no signal was sent"
        return CheckResult(False, seen, Evidence.PROC, context.now_ns, final=True, known=False)
    wrong = next((one for one in sent if one.errno != check.errno), None)
    evidence = Evidence.ENGINE if sent[0].sender is Sender.HOST else Evidence.PROC
    told = wrong or sent[-1]
    seen = f"kill({told.pid}, {told.signal}) {answer_words(told.errno)}"
    if told.prechecked:
        seen += f" (as kill({told.pid}, 0) was; the end of init cut off its own answer)"
    return CheckResult(wrong is None, seen, evidence, told.at_ns, final=True)


def describe_answer(check: KillAnswered) -> str:
    """Say what is expected."""
    return f"kill {answer_words(check.errno)}"


def answer_words(errno: str) -> str:
    """Say what kill(2) answered."""
    return f"refused with {errno}" if errno else "accepted"
