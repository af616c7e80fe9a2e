"""
Results on a terminal, in Ansible's shape: SCENARIO, STEP, ok and failed, and a RECAP.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from runner.model.observation import LogsCut
from runner.model.result import CaseResult, RunResult, StepResult
from runner.model.verdict import Errored, Failed, Passed, Skipped, Verdict, went_wrong
from runner.report.notes import notes
from runner.report.sentences import (
    earlier_tries,
    evidence_used,
    output_of,
    sentences,
    story,
    what_is_kept,
)
from runner.report.text import heading, one_line, seconds
from runner.report.why import reasons, signal_words
from runner.words import count

_WORDS: Final = {"passed": "ok", "failed": "failed", "errored": "errored", "skipped": "skipping"}
_COLORS: Final = {"passed": "32", "failed": "31", "errored": "35", "skipped": "36", "flaky": "33"}
_LAST_LINES: Final = 10
_STEPS, _TIMELINE = 1, 2


class Console:
    """
    Turns results into lines.

    `verbosity` 1 shows the steps of every case and the signals of each, 2 the timeline too. Without
    `color` the words say all there is to say.
    """

    def __init__(self, *, color: bool, width: int, verbosity: int) -> None:
        self._color = color
        self._width = width
        self._verbosity = verbosity
        self._scenario: tuple[str, str] | None = None

    def lines_for(self, result: CaseResult) -> Iterator[str]:
        """Yield the lines for the next result."""
        case = result.case
        scenario = (case.where.path, case.scenario)
        if scenario != self._scenario:
            self._scenario = scenario
            yield ""
            yield heading(self._width, "SCENARIO", case.scenario if case.row else case.name)
        passed = isinstance(result.verdict, Passed)
        if case.row:
            row = ", ".join(f"{axis}={value}" for axis, value in case.row.items())
            said = f"[{row}]  {_said_of_row(result)}"
            yield self._verdict_line(result.verdict, said, result.took_s)
        wrong = went_wrong(result.verdict)
        if not case.row or wrong or self._verbosity >= _STEPS:
            yield from self._steps(result)
        else:
            yield from (f"    {note}" for step in result.steps for note in notes(step))
        yield from self._tries(result)
        yield from (f"    {line}" for line in reasons(result))
        if not passed:
            yield from self._last_output(result)
            yield from _kept(result)
        if self._verbosity >= _TIMELINE:
            yield from self._timeline(result)

    def recap(self, result: RunResult) -> Iterator[str]:
        """Yield the lines that sum up a run."""
        yield ""
        yield heading(self._width, "RECAP")
        files = [
            (one_line(path), list(cases))
            for path, cases in groupby(result.cases, key=lambda one: one.case.where.path)
        ]
        widest = max((len(path) for path, _ in files), default=0)
        for path, cases in files:
            yield f"{path:<{widest}} : " + self._counts(cases)
        yield ""
        mispredictions = sum(len(one.mispredictions) for one in result.cases)
        if mispredictions:
            yield self._paint("flaky", f"mispredictions: {mispredictions}")
        yield one_line(evidence_used(result.engine))
        yield self._last_line(result)

    def _verdict_line(self, verdict: Verdict, what: str, took_s: float) -> str:
        took = f"  ({seconds(took_s)})" if took_s > 0 else ""
        return self._paint(verdict.kind, f"{_WORDS[verdict.kind]}: {one_line(what)}{took}")

    def _steps(self, result: CaseResult) -> Iterator[str]:
        told = False
        for step in result.steps:
            told = told or step.verdict == result.verdict
            yield from self._step(step)
        if not told and went_wrong(result.verdict):
            yield from self._said(result.verdict)

    def _step(self, step: StepResult) -> Iterator[str]:
        yield heading(self._width, "STEP", step.title)
        said = sentences(step.verdict)
        first = _seen(step) if isinstance(step.verdict, Passed) else "".join(said[:1])
        yield self._verdict_line(step.verdict, first, step.took_s)
        if not isinstance(step.verdict, Passed):
            yield from (f"    {line}" for text in said[1:] for line in text.splitlines())
        if went_wrong(step.verdict):
            yield f"    at {one_line(str(step.where))}"
        yield from (f"    {note}" for note in notes(step))
        if self._verbosity >= _STEPS:
            yield from (f"    {signal_words(one)}" for one in step.signals)
        if step.ignored:
            yield "...ignoring"

    def _said(self, verdict: Verdict) -> Iterator[str]:
        first, *others = sentences(verdict)
        yield self._verdict_line(verdict, first, 0)
        yield from (f"    {line}" for text in others for line in text.splitlines())

    def _tries(self, result: CaseResult) -> Iterator[str]:
        tries = len(result.earlier) + 1
        if result.flaky:
            yield self._paint("flaky", f"flaky: passed at try {tries}")
        elif result.earlier:
            yield f"    tried {tries} times; before that:"
        yield from (f"    {line}" for line in earlier_tries(result))

    def _last_output(self, result: CaseResult) -> Iterator[str]:
        lines = output_of(result.timeline).rstrip().splitlines()
        if lines:
            cut = any(isinstance(fact, LogsCut) for fact in result.timeline)
            number = ("more than " if cut else "") + count(len(lines), "line")
            yield f"    last lines of the container's output ({number} in all):"
            yield from (f"    | {line}" for line in lines[-_LAST_LINES:])

    def _timeline(self, result: CaseResult) -> Iterator[str]:
        yield "    timeline:"
        yield from (f"    {at_ms:10.3f} ms  {who:7} {what}" for at_ms, who, what in story(result))

    def _counts(self, cases: list[CaseResult]) -> str:
        kinds = [one.verdict.kind for one in cases]
        counts = {_WORDS[kind].replace("skipping", "skipped"): kinds.count(kind) for kind in _WORDS}
        words = "  ".join(f"{word}={number:<3}" for word, number in counts.items())
        worst = next((kind for kind in ("failed", "errored", "skipped") if kind in kinds), "passed")
        flaky = sum(one.flaky for one in cases)
        if flaky:
            words += f"  flaky={flaky:<3}"
            worst = "flaky" if worst in {"skipped", "passed"} else worst
        return self._paint(worst, words) + f"  {seconds(sum(one.took_s for one in cases)):>9}"

    def _last_line(self, result: RunResult) -> str:
        totals = result.totals
        parts = [
            f"{number} {kind}"
            for kind, number in (
                ("passed", totals.passed),
                ("failed", totals.failed),
                ("errored", totals.errored),
                ("skipped", totals.skipped),
                ("flaky", totals.flaky),
            )
            if number
        ]
        worst = next((kind for kind in ("failed", "errored") if getattr(totals, kind)), "passed")
        counted = ": ".join(filter(None, (count(totals.cases, "case"), ", ".join(parts))))
        text = f"{counted} in {seconds(result.took_s)}"
        if result.interrupted:
            text = f"interrupted - {text}"
        return self._paint(worst, text)

    def _paint(self, kind: str, text: str) -> str:
        return f"\x1b[{_COLORS[kind]}m{text}\x1b[0m" if self._color else text


def _kept(result: CaseResult) -> Iterator[str]:
    commands = what_is_kept(result.timeline)
    if commands:
        yield "    the container is kept; to look at it, and to remove it in the end:"
        yield from (f"    $ {command}" for command in commands)


def _said_of_row(result: CaseResult) -> str:
    # A row has one line: of several steps, where they led to. What went wrong follows it.
    match result.verdict:
        case Passed():
            several = f"{len(result.steps)} steps, the last: " if len(result.steps) > 1 else ""
            return several + "".join(_seen(step) for step in result.steps[-1:])
        case Skipped(reason=reason):
            return reason
        case Failed() | Errored():
            return ""


def _seen(step: StepResult) -> str:
    findings = step.verdict.findings if isinstance(step.verdict, Passed) else ()
    return "; ".join(one_line(one.seen) for one in findings) or "done"
