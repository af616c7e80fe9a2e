"""
`process`: facts of the processes that a selector means, or that there are none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from runner.judge.condition import CheckContext, CheckResult, Condition
from runner.judge.process_by_trace import evaluate_by_trace, facts_rest_on, in_snapshots
from runner.judge.process_facts import cannot_tell, describe_facts, mismatches
from runner.model.expectation import ProcessFacts, ProcessIs
from runner.model.selection import selector_words, selects
from runner.model.verdict import Evidence


def evaluate(check: ProcessIs, context: CheckContext) -> CheckResult:
    """Compare the facts with the last snapshot and the kernel trace."""
    others = in_snapshots(check.facts)
    if others == check.facts:
        return _by_snapshot(check, context)
    by_trace = evaluate_by_trace(check.selector, check.facts, context)
    if others == ProcessFacts() or not by_trace.holds:
        return by_trace
    shown = _by_snapshot(replace(check, facts=others), context)
    both = f"{shown.seen}; {by_trace.seen}" if shown.holds else shown.seen
    return replace(shown, seen=both)


def _by_snapshot(check: ProcessIs, context: CheckContext) -> CheckResult:
    snapshot = context.snapshot_or_none_left
    if snapshot is None:
        return context.unknown("the processes are in no snapshot yet", Evidence.PROC)
    found = [process for process in snapshot.processes if selects(check.selector, process)]
    who = selector_words(check.selector)
    if not check.exists or not found:
        holds, seen = not check.exists and not found, f"{len(found) or 'no'} {who}"
        return context.by_snapshot(snapshot, seen, holds=holds)
    wrong = [
        f"{process.pid} {process.comm} has {', '.join(why)}"
        for process in found
        if (why := mismatches(check.facts, process, snapshot))
    ]
    facts = describe_facts(check.facts)
    seen = "; ".join(wrong) if wrong else f"{who}" + (f" with {facts}" if facts else " exists")
    known = not any(cannot_tell(check.facts, process) for process in found)
    return replace(context.by_snapshot(snapshot, seen, holds=not wrong), known=known)


def describe(check: ProcessIs) -> str:
    """`process comm=worker with state T`."""
    who, facts = selector_words(check.selector), describe_facts(check.facts)
    if not check.exists:
        return f"no {who}"
    return f"{who} with {facts}" if facts else f"{who} to exist"


def _has_happened(facts: ProcessFacts) -> bool:
    """Return whether the facts come of something that has happened, not of things left alone."""
    if facts.state is not None or facts.pending:
        return True
    if facts.exited is not None or facts.killed_by or facts.killed_with_init:
        return True
    received = facts.received
    return bool(received) and all(one.times.at_most is None for one in received or ())


def _until_stopped(check: ProcessIs) -> bool:
    unheard = check.facts.received is not None and not _has_happened(check.facts)
    return unheard or check.facts.killed_with_init is False


CONDITION: Final = Condition(
    ProcessIs,
    evaluate,
    describe,
    rests_on=lambda check: facts_rest_on(check.facts),
    needs_quiet=lambda check: check.exists and not _has_happened(check.facts),
    until_stopped=_until_stopped,
)
