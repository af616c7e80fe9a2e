"""
What a step has left behind, in the words that all reports share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runner.model.killed import KilledProcess, KilledWithInit
from runner.model.result import StepResult
from runner.model.verdict import Evidence
from runner.report.text import one_line
from runner.words import count

_MOST_NAMED: Final = 5


def notes(step: StepResult) -> Iterator[str]:
    """Yield what is worth to be known of a step, whether it has passed or not; each a line."""
    if step.killed is not None and step.killed.processes:
        yield one_line(_killed_words(step.killed))


def _killed_words(killed: KilledWithInit) -> str:
    """Say which processes were killed with init, and which of them the signal had not reached."""
    number = len(killed.processes)
    probably = "" if killed.evidence is Evidence.KERNEL else "probably "
    was = "was" if number == 1 else "were"
    said = (
        f"note: {probably}{count(number, 'process')} {was} killed when init ended (R14): "
        f"{_named(killed.processes)}"
    )
    if probably:
        return f"{said}; --evidence kernel would prove it."
    return f"{said}.{_not_received_words(killed)}"


def _not_received_words(killed: KilledWithInit) -> str:
    not_received = [one for one in killed.processes if one.received is False]
    if killed.as_expected or not not_received:
        return ""
    signals = " or ".join(map(str, killed.signals))
    who = _named(not_received)
    if len(not_received) == len(killed.processes):
        who = "It" if len(not_received) == 1 else "None of them"
    return f" {who} had {'' if who == 'None of them' else 'never '}received {signals}."


def _named(processes: Sequence[KilledProcess]) -> str:
    names = ", ".join(map(str, processes[:_MOST_NAMED]))
    more = len(processes) - _MOST_NAMED
    return f"{names} and {more} more" if more > 0 else names
