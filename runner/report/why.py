"""
Reasons, and outcomes of signals, in the words that all reports share.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.diagnoses.table import Diagnosis
from runner.model.explanation import Explanation
from runner.model.result import CaseResult
from runner.model.signal_outcome import SignalOutcome
from runner.report.text import one_line


def reasons(result: CaseResult) -> Iterator[str]:
    """Yield the reasons as lines, each sentence on one; the first line of each begins `why:`."""
    for explanation in result.explanations:
        lead = "why: "
        for line in _lines(explanation):
            yield lead + one_line(line)
            lead = "     "


def _lines(explanation: Explanation) -> Iterator[str]:
    yield from explanation.sentences
    if explanation.rule:
        yield f"By rule {rule_words(explanation)}."
    if explanation.diagnosis:
        yield f"Diagnosis {diagnosis_title(explanation)} (scenario-doc {explanation.diagnosis})."
    if explanation.advice:
        yield f"Help: {explanation.advice}."


def diagnosis_title(explanation: Explanation) -> str:
    """`D4: A trap in a script waits …`; the number alone if another version has given it."""
    known = Diagnosis.__members__.get(explanation.diagnosis)
    title = f": {known.text.title}" if known is not None else ""
    return f"{one_line(explanation.diagnosis)}{title}"


def rule_words(explanation: Explanation) -> str:
    """`R5: kill(2), pid_namespaces(7)`."""
    return one_line(": ".join(filter(None, (explanation.rule, explanation.source))))


def signal_words(outcome: SignalOutcome) -> str:
    """Say of one signal what was predicted, by which rule, what became of it, and the evidence."""
    return one_line(
        f"{outcome.signal} from {outcome.sender.value} to PID {outcome.pid}: "
        f"predicted {predicted(outcome)}; actual {actual(outcome)}: {outcome.seen} "
        f"(evidence: {outcome.evidence.value})" + (", mispredicted" if outcome.mispredicted else "")
    )


def predicted(outcome: SignalOutcome) -> str:
    """`dropped_init (R5)`; `nothing` where its target was not seen before."""
    if outcome.predicted is None:
        return "nothing"
    return (
        f"{outcome.predicted.value} ({outcome.rule})" if outcome.rule else outcome.predicted.value
    )


def actual(outcome: SignalOutcome) -> str:
    """`terminated`; `not known` where the evidence does not tell."""
    return outcome.actual.value if outcome.actual is not None else "not known"
