"""Reasons and outcomes of signals: said in every report, mispredictions first."""

from __future__ import annotations

import dataclasses
import re
from xml.etree import ElementTree as ET

from runner.judge.evaluator import judge
from runner.kernel.prediction import Outcome
from runner.model.result import CaseResult
from runner.report import junit, markdown
from runner.report.diagram import sequence_diagram
from tests.support.cases import SETTINGS
from tests.support.results import PASSED, run_of
from tests.support.shown import recap_of_results, shown_of
from tests.support.timelines import recorded

STORED = recorded("no handler")
DROPPED = judge(STORED.case, STORED.timeline, SETTINGS)
REASON = "SIGTERM was dropped: init (sleep) has the default disposition for it"


def mispredicted() -> CaseResult:
    """A passed case with a signal of which something else became than was predicted."""
    outcome = dataclasses.replace(DROPPED.steps[0].signals[0], actual=Outcome.TERMINATED)
    step = dataclasses.replace(PASSED.steps[0], signals=(outcome,))
    return dataclasses.replace(PASSED, steps=(step,))


def lines(result: CaseResult, verbosity: int = 0) -> list[str]:
    """What the console shows of a result."""
    return shown_of(result, verbosity=verbosity, width=400)


def test_the_console_says_why_after_a_failure() -> None:
    """The reason, until when init lived, the rule with its pages, the diagnosis, and what helps."""
    at = next(number for number, line in enumerate(lines(DROPPED)) if "why:" in line)
    said = lines(DROPPED)[at : at + 5]

    assert said[0].startswith(f"    why: {REASON}")
    assert said[1].startswith("         Init ran on until the grace period of 1 s was over")
    assert said[2] == "         By rule R5: kill(2), pid_namespaces(7)."
    assert said[3].startswith("         Diagnosis D10: The program is PID 1 and has no handler")
    assert said[4].startswith("         Help: let the program handle SIGTERM")


def test_with_vv_each_signal_has_a_line() -> None:
    """What was predicted, by which rule, what became of it, and the evidence."""
    words = (
        "    SIGTERM from host to PID 1: predicted dropped_init (R5); actual dropped_init: SIGTERM "
        "discarded when it was sent: kill(2) succeeds, and "
        "init never receives it (evidence: kernel)"
    )

    assert words in lines(DROPPED, verbosity=2)
    assert words not in lines(DROPPED, verbosity=1)


def test_the_recap_counts_mispredictions_where_there_are_any() -> None:
    """Before the last line."""
    assert recap_of_results(mispredicted())[-2] == "mispredictions: 1"
    assert not any("mispredictions" in line for line in recap_of_results(PASSED))


def test_markdown_says_why_and_lists_the_signals() -> None:
    """In the details of the case."""
    text = markdown.render(run_of(DROPPED))

    assert f"**Why it went wrong:**\n\n- {REASON}" in text
    assert "\n  <br>**Help:** let the program handle SIGTERM" in text
    assert "| SIGTERM | host | PID 1 | dropped\\_init (R5) | dropped\\_init: SIGTERM " in text


def test_markdown_tells_mispredictions_first() -> None:
    """Before what went wrong: they say that our own rules are wrong, or the program moved on."""
    text = markdown.render(run_of(mispredicted(), DROPPED))

    assert text.index("#### Mispredictions") < text.index("#### What went wrong")
    row = "| stops gracefully | SIGTERM | host | PID 1 | dropped\\_init (R5) | **terminated: "
    assert row in text
    assert "#### Mispredictions" not in markdown.render(run_of(DROPPED))


def test_many_mispredictions_are_counted_and_cut_when_space_is_short() -> None:
    """The first ones stay, and leave room for the rest."""
    text = markdown.render(run_of(*[mispredicted()] * 30), budget_bytes=5000)

    kept = text.count("| SIGTERM | host | PID 1 |")
    assert 0 < kept < 30
    assert f"_{30 - kept} more mispredictions omitted for length._" in text
    assert "#### Files" in text


def test_junit_says_why_in_the_text_of_the_failure() -> None:
    """That is what most readers of it show."""
    root = ET.fromstring(junit.render(run_of(DROPPED)))

    assert f"why: {REASON}" in next(root.iter("failure")).text


def test_the_diagram_shows_what_the_kernel_did() -> None:
    """Dropped, taken by a handler, forwarded from init to others, and killed with init."""
    forwarded = recorded("143 below docker init")
    caught = recorded("handler runs but stays")

    assert re.search(r"  H-xI: \+0\.\d{3} s SIGTERM, discarded\n", sequence_diagram(DROPPED))
    assert re.search(r"  Note over I: .* s handler of SIGTERM runs", sequence_diagram(caught))
    drawn = sequence_diagram(forwarded)
    assert "  participant C as other processes\n" in drawn
    assert re.search(r"  I->>C: .* s SIGTERM to \d+ sleep\n", drawn)
    killed = sequence_diagram(recorded("shell form with dash"))
    assert re.search(r"  I->>C: .* s killed with init#58; \d+ sleep", killed)
