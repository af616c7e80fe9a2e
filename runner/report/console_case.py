"""
One case on a terminal: its steps, what went wrong and why, its output and its timeline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from runner.model.observation import LogsCut
from runner.model.result import CaseResult, StepResult
from runner.model.verdict import Errored, Failed, Passed, Skipped, went_wrong
from runner.report.console_style import Style
from runner.report.console_words import (
    WORDS,
    first_words,
    in_short,
    is_over,
    is_wrong,
    kind_of,
    row_of,
    seen,
    seen_in_short,
    took,
    tries,
    wrong_lines,
)
from runner.report.notes import notes
from runner.report.sentences import deciding_step, output_of, story, what_is_kept
from runner.report.text import one_line
from runner.report.why import reasons, signal_words
from runner.words import count

_LAST_LINES: Final = 10
_IN_FULL: Final = 2
_LINES_OF_AN_ONLY_STEP: Final = 2


class CaseLines:
    """Turns one result into lines."""

    def __init__(self, style: Style) -> None:
        self._style = style

    def lines(self, result: CaseResult, verbosity: int) -> Iterator[str]:
        """Yield a case without a matrix: a line for each step, more for one that went wrong."""
        if isinstance(result.verdict, Skipped):
            yield from self._style.verdict_wrapped("skipped", WORDS["skipped"], first_words(result))
            return
        full = verbosity >= _IN_FULL
        most = _LINES_OF_AN_ONLY_STEP if len(result.steps) == 1 and verbosity == 0 else 1
        for step in result.steps:
            if verbosity > 0 or not is_over(step, result):
                yield from self._step(step, full=full, most=most)
        yield from self._rest(result, full=full)

    def row_line(self, result: CaseResult) -> str:
        """Return a row as one line."""
        kind = kind_of(result)
        text = f"{row_of(result.case)}  {first_words(result)}"
        return self._style.verdict(kind, WORDS[kind], text, took(result))

    def row_in_full(self, result: CaseResult) -> Iterator[str]:
        """Yield a row with all its steps, and its timeline."""
        kind = kind_of(result)
        yield from self._style.verdict_wrapped(
            kind, WORDS[kind], row_of(result.case), after=took(result)
        )
        for step in result.steps:
            yield from self._step(step, full=True)
        yield from self._rest(result, full=True)

    def below(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield lines that belong to a verdict; one that begins with blanks goes further in."""
        for line in lines:
            text = line.lstrip(" ")
            indent = "    " + " " * (len(line) - len(text))
            hanging = next(
                (
                    len(word)
                    for word in ("expected: ", "saw:      ", "why: ")
                    if text.startswith(word)
                ),
                2,
            )
            hanging = 0 if line != text else hanging
            yield from self._style.wrapped(text, lead=indent, indent=indent + " " * hanging)

    def output(self, result: CaseResult) -> Iterator[str]:
        """Yield the last lines that the containers printed."""
        lines = output_of(result.timeline).rstrip().splitlines()
        if lines:
            cut = any(isinstance(fact, LogsCut) for fact in result.timeline)
            number = ("more than " if cut else "") + count(len(lines), "line")
            head = f"last lines of the container's output ({number} in all):"
            yield from self._style.wrapped(head, lead="    ")
            for line in lines[-_LAST_LINES:]:
                yield from self._style.wrapped(line, lead="    | ", indent="    |   ")

    def kept(self, result: CaseResult) -> Iterator[str]:
        """Yield how to look at containers that were kept."""
        commands = what_is_kept(result.timeline)
        if commands:
            head = "the container is kept; to look at it, and to remove it in the end:"
            yield from self._style.wrapped(head, lead="    ")
            yield from (f"    $ {command}" for command in commands)

    def _step(self, step: StepResult, *, full: bool, most: int = 1) -> Iterator[str]:
        if full:
            yield from self._style.heading("STEP", step.title)
        name = "" if full else f"[{one_line(step.title)}]  "
        match step.verdict:
            case Passed() if full:
                yield from self._style.verdict_wrapped("passed", "ok", seen(step.verdict))
            case Passed():
                text = name + seen_in_short(step.verdict)
                yield from self._style.verdict_wrapped(
                    "passed", "ok", text, after=took(step), most=most
                )
            case Skipped(reason=reason):
                yield self._style.verdict("skipped", "skipping", name + one_line(reason))
            case Failed() | Errored():
                yield from self._wrong_step(step, name)
        yield from self.below(notes(step))
        if full:
            yield from self.below(map(signal_words, step.signals))

    def _wrong_step(self, step: StepResult, name: str) -> Iterator[str]:
        kind = step.verdict.kind
        if step.ignored:
            text = name + in_short(step.verdict)
            yield self._style.verdict(kind, WORDS[kind], text, "...ignoring")
            return
        yield from self._style.verdict_wrapped(kind, WORDS[kind], name.rstrip(), after=took(step))
        yield from self.below(wrong_lines(step.verdict))
        yield from self.below([f"at {one_line(str(step.where))}"])

    def _rest(self, result: CaseResult, *, full: bool) -> Iterator[str]:
        if went_wrong(result.verdict) and deciding_step(result) is None:
            first, *others = list(wrong_lines(result.verdict)) or [""]
            yield from self._style.verdict_wrapped(kind_of(result), WORDS[kind_of(result)], first)
            yield from self.below([*others, f"at {one_line(str(result.case.where))}"])
        yield from self.below(tries(result))
        yield from self.below(reasons(result))
        if is_wrong(result):
            yield from self.output(result)
            yield from self.kept(result)
        if full:
            yield "    timeline:"
            for at_ms, who, what in story(result):
                lead = f"    {at_ms:10.3f} ms  {who:7} "
                yield from self._style.wrapped(what, lead=lead, indent=" " * 26)
