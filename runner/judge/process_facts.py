"""
Facts that a process shows in a snapshot, held against those that are asked for; those in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.judge.bounds import bounds_words
from runner.kernel.masks import holds, signals_in
from runner.kernel.signals import Signal
from runner.model.expectation import Bounds, Own, ProcessFacts, Received, Selector
from runner.model.observation import ProcessSnapshot
from runner.model.process import Process
from runner.model.selection import selector_words, selects

_AT_LEAST_ONCE = Bounds(at_least=1)


def mismatches(facts: ProcessFacts, process: Process, snapshot: ProcessSnapshot) -> list[str]:
    """List what the process shows instead of the facts asked for; empty when all fit."""
    return [
        *_wrong_facts(facts, process, snapshot),
        *_wrong_dispositions(facts, process),
        *_wrong_masks(facts, process),
    ]


def _wrong_facts(facts: ProcessFacts, process: Process, snapshot: ProcessSnapshot) -> Iterator[str]:
    if facts.state is not None and facts.state is not process.state:
        yield f"state {process.state.value}"
    if facts.comm is not None and facts.comm != process.comm:
        yield f"comm {process.comm}"
    if facts.argv is not None and not selects(Selector(argv=facts.argv), process):
        yield f"argv {' '.join(process.argv)!r}"
    if facts.parent is not None:
        parent = snapshot.process(process.ppid)
        if parent is None or not selects(facts.parent, parent):
            yield f"parent {process.ppid}" + (f" {parent.comm}" if parent else "")
    for name, asked, seen in (
        ("pgid", facts.pgid, process.pgid),
        ("sid", facts.sid, process.sid),
    ):
        if asked is not None and seen != (process.pid if asked is Own.OWN else asked):
            yield f"{name} {seen}"


def _wrong_dispositions(facts: ProcessFacts, process: Process) -> Iterator[str]:
    for asked in ("caught", "ignored", "default"):
        signals: tuple[Signal, ...] = getattr(facts, asked)
        for signal in signals:
            seen = _disposition(process, signal)
            if seen != asked:
                yield f"{signal} {seen}"


def _wrong_masks(facts: ProcessFacts, process: Process) -> Iterator[str]:
    for signal in facts.blocked:
        if process.waits_for_unknown(signal):
            yield f"{signal} not seen: it waits for signals (sigwait), and for which cannot be read"
        elif not holds(process.blocked_by_all, signal):
            yield f"{signal} not blocked"
    for signal in facts.pending:
        if not holds(process.pending_anywhere, signal):
            yield f"{signal} not pending (pending: {_list(process.pending_anywhere)})"


def cannot_tell(facts: ProcessFacts, process: Process) -> bool:
    """Return whether it is not known if the process blocks what is asked for; see `Process`."""
    return any(process.waits_for_unknown(signal) for signal in facts.blocked)


def _disposition(process: Process, signal: Signal) -> str:
    """Return `caught`, `ignored` or `default`."""
    if holds(process.masks.caught, signal):
        return "caught"
    return "ignored" if holds(process.masks.ignored, signal) else "default"


def describe_facts(facts: ProcessFacts) -> str:
    """Describe the facts asked for."""
    words: list[str] = []
    if facts.state is not None:
        words.append(f"state {facts.state.value}")
    if facts.comm is not None:
        words.append(f"comm {facts.comm}")
    if facts.argv is not None:
        words.append(f"argv /{facts.argv}/")
    if facts.parent is not None:
        words.append("parent " + selector_words(facts.parent))
    words += _group_words(facts)
    words += _end_words(facts)
    for name in ("caught", "ignored", "default", "blocked", "pending"):
        signals: tuple[Signal, ...] = getattr(facts, name)
        words += [f"{signal} {name}" for signal in signals]
    if facts.received is not None:
        words.append(_received_words(facts.received))
    return ", ".join(words)


def _received_words(received: Sequence[Received]) -> str:
    words: list[str] = []
    for one in received:
        often = f" {bounds_words(one.times)} times" if one.times != _AT_LEAST_ONCE else ""
        sender = f" from {selector_words(one.sender)}" if one.sender is not None else ""
        words.append(f"{one.signal}{often}{sender}")
    return f"{' and '.join(words) or 'nothing'} received"


def _end_words(facts: ProcessFacts) -> Iterator[str]:
    if facts.exited is not None:
        yield "exit status " + " or ".join(map(str, facts.exited))
    if facts.killed_by:
        yield "an end by " + " or ".join(map(str, facts.killed_by))
    if facts.killed_with_init is not None:
        yield "an end with init" if facts.killed_with_init else "an end not with init"


def _group_words(facts: ProcessFacts) -> Iterator[str]:
    for name, number in (("pgid", facts.pgid), ("sid", facts.sid)):
        if number is not None:
            yield f"{name} of its own" if number is Own.OWN else f"{name} {number}"
    if facts.subreaper is not None:
        yield "a subreaper" if facts.subreaper else "no subreaper"


def _list(mask: int) -> str:
    return " ".join(map(str, signals_in(mask))) or "none"
