"""What every report says of processes that were killed with init."""

from __future__ import annotations

import dataclasses
from xml.etree import ElementTree as ET

import pytest

from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.killed import KilledProcess, KilledWithInit
from runner.model.result import CaseResult
from runner.model.verdict import Evidence
from runner.report import junit, markdown
from runner.report.notes import notes
from tests.support.results import FAILED, PASSED, run_of
from tests.support.shown import shown_of
from tests.support.stored import read_again

REDIS = KilledProcess(7, "redis-server", "redis-server *:6379", received=False)
SLEEP = KilledProcess(9, "sleep", "sleep 1000", received=True)
DEAF = dataclasses.replace(SLEEP, received=False)
BOTH = KilledWithInit((REDIS, SLEEP), (SIGTERM,))
BY_PROC = dataclasses.replace(BOTH, evidence=Evidence.PROC)
MANY = KilledWithInit(tuple(KilledProcess(one, "app", received=True) for one in range(5, 13)))
WORDS = (
    "note: 2 processes were killed when init ended (R14): 7 redis-server, 9 sleep. "
    "7 redis-server had never received SIGTERM."
)
BRIEF = "note: 2 processes were killed when init ended (R14): 7 redis-server, 9 sleep."


def leaving(result: CaseResult, killed: KilledWithInit | None) -> CaseResult:
    """The same, and the first step has left this."""
    first = dataclasses.replace(result.steps[0], killed=killed)
    return dataclasses.replace(result, steps=(first, *result.steps[1:]))


@pytest.mark.parametrize(
    ("killed", "said"),
    [
        (None, []),
        (KilledWithInit(()), []),
        (BOTH, [WORDS]),
        (dataclasses.replace(BOTH, escalated=True), [BRIEF]),
        (dataclasses.replace(BOTH, signals=(SIGKILL,)), [BRIEF]),
        (KilledWithInit((SLEEP, REDIS, SLEEP)[1:], (SIGTERM, Signal.parse("INT"))), None),
        (
            KilledWithInit((REDIS,), (SIGTERM, Signal.parse("INT"))),
            [
                (
                    "note: 1 process was killed when init ended (R14): 7 redis-server. "
                    "It had never received SIGTERM or SIGINT."
                )
            ],
        ),
        (
            KilledWithInit((REDIS, DEAF), (SIGTERM,)),
            [BRIEF + " None of them had received SIGTERM."],
        ),
        (
            KilledWithInit((KilledProcess(None, "a\nb"),)),
            ["note: 1 process was killed when init ended (R14): ? a b."],
        ),
        (
            BY_PROC,
            [
                (
                    "note: probably 2 processes were killed when init ended (R14): 7 redis-server, "
                    "9 sleep; --evidence kernel would prove it."
                )
            ],
        ),
        (
            MANY,
            [
                (
                    "note: 8 processes were killed when init ended (R14): 5 app, 6 app, 7 app, "
                    "8 app, 9 app and 3 more."
                )
            ],
        ),
    ],
)
def test_a_note_names_who_was_killed_and_whom_the_signal_had_not_reached(
    killed: KilledWithInit | None, said: list[str] | None
) -> None:
    """Brief where SIGKILL has ended init; `probably` without the kernel trace."""
    told = list(notes(leaving(PASSED, killed).steps[0]))

    if said is None:
        assert told[0].endswith("7 redis-server had never received SIGTERM or SIGINT.")
    else:
        assert told == said


@pytest.mark.parametrize("result", [PASSED, FAILED], ids=["passed", "failed"])
def test_every_report_shows_it(result: CaseResult) -> None:
    """Passed or failed: console, Markdown, both dialects of JUnit XML, and cases.jsonl.gz."""
    run = run_of(leaving(result, BOTH))
    root = ET.fromstring(junit.render(run))
    strict = ET.fromstring(junit.render(run, dialect="xunit"))

    lines = shown_of(run.cases[0], width=200)
    assert lines.count(f"    {WORDS}") == 1
    assert WORDS in (root.findtext(".//system-out") or "")
    assert WORDS in (strict.findtext(".//system-out") or "")
    assert WORDS in markdown.render(run)
    assert read_again(run) == run


def test_below_the_line_of_a_step_or_of_a_row() -> None:
    """A row that has passed shows no steps; with them, it is said there and not twice."""
    row = dataclasses.replace(PASSED.case, row={"a": "b"})
    result = dataclasses.replace(leaving(PASSED, BOTH), case=row)

    brief = shown_of(result, width=200)
    assert brief[-1] == f"    {WORDS}"
    assert brief[-2].startswith("ok: [a=b]")
    long = shown_of(result, verbosity=2, width=200)
    assert long.count(f"    {WORDS}") == 1


def test_a_failure_in_junit_xml_has_it_below_its_step() -> None:
    """Indented as the step's title."""
    (failure,) = ET.fromstring(junit.render(run_of(leaving(FAILED, BOTH)))).iter("failure")

    said = (failure.text or "").split("\n")
    at = said.index(f"{'':8} {WORDS}")
    assert said[at - 1].startswith("failed   signal TERM")
