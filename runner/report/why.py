"""
Reasons and fates of signals, in the words that all reports share.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.model.explanation import Explanation
from runner.model.fate import SignalFate
from runner.model.result import CaseResult
from runner.report.text import one_line


def reasons(result: CaseResult) -> Iterator[str]:
    """Give the reasons as lines, each sentence on one; the first line of each begins `why:`."""
    for explanation in result.explanations:
        lead = "why: "
        for line in _lines(explanation):
            yield lead + one_line(line)
            lead = "     "


def _lines(explanation: Explanation) -> Iterator[str]:
    yield from explanation.sentences
    if explanation.rule:
        yield f"By rule {rule_words(explanation)}."
    if explanation.advice:
        yield f"What helps: {explanation.advice}."


def rule_words(explanation: Explanation) -> str:
    """`R5: kill(2), pid_namespaces(7)`."""
    return one_line(": ".join(filter(None, (explanation.rule, explanation.source))))


def signal_words(fate: SignalFate) -> str:
    """Say of one signal what was foretold, by which rule, what became of it, and the evidence."""
    return one_line(
        f"{fate.signal} from {fate.sender.value} to PID {fate.pid}: foretold {foretold(fate)}; "
        f"became {became(fate)}: {fate.seen} (evidence: {fate.evidence.value})"
        + (", a surprise" if fate.surprising else "")
    )


def foretold(fate: SignalFate) -> str:
    """`dropped_init (R5)`; `nothing` where its target was not seen before."""
    if fate.predicted is None:
        return "nothing"
    return f"{fate.predicted.value} ({fate.rule})" if fate.rule else fate.predicted.value


def became(fate: SignalFate) -> str:
    """`terminated`; `not known` where the evidence does not tell."""
    return fate.outcome.value if fate.outcome is not None else "not known"
