"""
What became of signals: from the kernel's record where there is one, else from masks and states.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.history.sent_signals import SentSignal, generation_of
from runner.judge.aftermath import Aftermath, Answer, Question
from runner.judge.kernel_fate import answer_of_record
from runner.judge.proc_fate import answer_of_looks
from runner.judge.target import prediction_of, target_of
from runner.kernel.prediction import Confidence, Outcome
from runner.model.fate import SignalFate
from runner.model.verdict import Evidence


def fates_of(signals: Sequence[SentSignal], after: Aftermath) -> list[SignalFate]:
    """Say of each signal that was sent to one process what became of it."""
    claimed: set[int] = set()
    return [_fate(one, after, claimed) for one in signals if one.fact.pid > 0]


def _fate(sent: SentSignal, after: Aftermath, claimed: set[int]) -> SignalFate:
    fact = sent.fact
    prediction = prediction_of(fact, sent.before, shares_host=after.shares_host)
    question = Question(fact, target_of(fact, sent.before), prediction)
    answer = _answer(question, after, claimed)
    return SignalFate(
        fact.signal,
        question.target.pid if question.target is not None else fact.pid,
        fact.sender,
        predicted=prediction.outcome if prediction else None,
        rule=prediction.rule.name if prediction else "",
        confidence=prediction.confidence if prediction else Confidence.UNKNOWN,
        outcome=answer.outcome,
        evidence=answer.evidence,
        seen=answer.seen,
        at_ns=answer.at_ns,
        final=answer.final,
        queued=answer.queued,
    )


def _answer(question: Question, after: Aftermath, claimed: set[int]) -> Answer:
    fact = question.sent
    # What the kernel has on record was sent, whatever anybody says was answered.
    if fact.errno and not generation_of(fact, after.record or (), claimed):
        seen = f"kill({fact.pid}, {fact.signal}) refused with {fact.errno}"
        return Answer(Outcome.REJECTED, seen, Evidence.PROC, fact.at_ns, final=True)
    if after.record is not None:
        return answer_of_record(question, after, claimed)
    return answer_of_looks(question, after)
