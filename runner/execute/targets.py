"""
The numbers that kill(2) needs for a target, from a snapshot of the processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from runner.errors import StepError
from runner.model.expectation import Selector
from runner.model.observation import ProcessSnapshot
from runner.model.process import Process
from runner.model.selection import selector_words, selects
from runner.model.step import Addressee, GroupOf


def pids_for_kill(
    seen: ProcessSnapshot, to: Literal[Addressee.INIT, Addressee.GROUP] | Selector | GroupOf
) -> list[int]:
    """
    Return the PIDs, or negated process groups, that a signal has to be sent to.

    Raises:
        StepError: there is no such process, or kill(2) cannot name its group.
    """
    match to:
        case Addressee.INIT:
            return [seen.init.pid] if seen.init else []
        case Addressee.GROUP:
            return _groups([seen.init] if seen.init else [], "init")
        case GroupOf(selector=selector):
            return _groups(_selected(seen, selector), selector_words(selector))
        case Selector():
            return [process.pid for process in _selected(seen, to)]


def _selected(seen: ProcessSnapshot, selector: Selector) -> list[Process]:
    found = [process for process in seen.processes if selects(selector, process)]
    if not found:
        raise StepError(
            f"there is no {selector_words(selector)} to send a signal to",
            advice="processes seen: " + ", ".join(f"{p.pid} {p.comm}" for p in seen.processes),
        )
    return found


def _groups(members: Sequence[Process], whose: str) -> list[int]:
    groups = dict.fromkeys(process.pgid for process in members)
    for group in groups or (0,):
        if group <= 1:
            raise StepError(
                f"kill(2) cannot name the process group of {whose}: its number is {group}, and "
                f"-{group} means {'all' if group else 'the group of the sender'}",
                advice="send `to: all`, or to a process by `to: {comm: ...}`",
            )
    return [-group for group in groups]
