"""
All that is said of the recorded cases that go wrong, word for word: with the kernel trace, without.

The text is in `timelines/said.txt`; `python -m tests.unit.judge.test_explain_recorded` writes it.
Read what has changed in it as a user would.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runner.judge.evaluator import judge
from runner.model.observation import Timeline
from runner.model.verdict import Failed
from tests.support.cases import SETTINGS
from tests.support.timelines import FOLDER, WHY, recorded, without_record

SAID = FOLDER / "said.txt"


def said(name: str) -> str:
    """Say what is said of a recorded case, with the record and without."""
    timeline = recorded(name).timeline
    return "\n".join(
        line
        for evidence, facts in (("kernel", timeline), ("proc", without_record(timeline)))
        for line in (f"## {name} ({evidence})", *_lines(name, facts))
    )


def _lines(name: str, timeline: Timeline) -> Iterator[str]:
    result = judge(recorded(name).case, timeline, SETTINGS)
    yield result.verdict.kind
    for one in result.verdict.findings if isinstance(result.verdict, Failed) else ():
        how = "so" if one.holds else "open" if one.open else "wrong"
        yield f"  {one.expected}: {how} at {one.at_s:g} s by {one.evidence.value}: {one.seen}"
    for number, step in enumerate(result.steps):
        for signal in step.signals:
            actual = signal.actual.value if signal.actual else "?"
            foretold = signal.predicted.value if signal.predicted else "?"
            became = f"{foretold}, {actual}: {signal.seen}"
            yield f"  {number}. {signal.signal} to {signal.pid}: {became}"
    for reason in result.explanations:
        yield from (f"- {sentence}" for sentence in reason.sentences)
        yield f"  rule: {reason.rule} {reason.source}"
        yield f"  advice: {reason.advice}"


@pytest.mark.parametrize("name", WHY)
def test_all_of_it_is_said_as_it_was(name: str) -> None:
    """Verdict, findings, what became of each signal, reasons and advice."""
    stored = SAID.read_text(encoding="utf-8")

    assert f"{said(name)}\n" in stored


def test_nothing_else_is_stored() -> None:
    """Of a case that is gone, its text is gone, too."""
    headings = [line for line in SAID.read_text(encoding="utf-8").splitlines() if line[:2] == "##"]

    assert headings == [f"## {name} ({one})" for name in WHY for one in ("kernel", "proc")]


if __name__ == "__main__":
    SAID.write_text("".join(f"{said(name)}\n" for name in WHY), encoding="utf-8")
