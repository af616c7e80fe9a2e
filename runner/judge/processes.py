"""
The nouns `process` and `processes`: facts and counts from the last snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runner.judge.bounds import bounds_words, within
from runner.judge.check_result import CheckContext, CheckResult
from runner.judge.process_by_trace import evaluate_by_trace, split
from runner.judge.process_facts import cannot_tell, facts_words, mismatches
from runner.kernel.processes import ProcessState
from runner.model.expectation import ProcessCount, ProcessFacts, ProcessIs
from runner.model.observation import ProcessSnapshot
from runner.model.process import Process
from runner.model.selection import selector_words, selects
from runner.model.verdict import Evidence


def evaluate_process(check: ProcessIs, context: CheckContext) -> CheckResult:
    """Hold `process: {...}` against the last snapshot, and against the kernel trace."""
    asked, others = split(check.facts)
    if asked is None:
        return _evaluate_by_snapshot(check, context)
    by_trace = evaluate_by_trace(check.selector, asked, context)
    if others == ProcessFacts() or not by_trace.holds:
        return by_trace
    shown = _evaluate_by_snapshot(replace(check, facts=others), context)
    both = f"{shown.seen}; {by_trace.seen}" if shown.holds else shown.seen
    return replace(shown, seen=both, final=shown.final and (by_trace.final or not shown.holds))


def _evaluate_by_snapshot(check: ProcessIs, context: CheckContext) -> CheckResult:
    snapshot = _fresh_snapshot(context)
    if snapshot is None:
        return _no_snapshot(context)
    found = [process for process in snapshot.processes if selects(check.selector, process)]
    who = selector_words(check.selector)
    if not check.exists or not found:
        seen = f"{len(found) or 'no'} {who}"
        return _sight(not check.exists and not found, seen, snapshot, context)
    wrong = [
        f"{process.pid} {process.comm} has {', '.join(why)}"
        for process in found
        if (why := mismatches(check.facts, process, snapshot))
    ]
    facts = facts_words(check.facts)
    seen = "; ".join(wrong) if wrong else f"{who}" + (f" with {facts}" if facts else " exists")
    known = not any(cannot_tell(check.facts, process) for process in found)
    return replace(_sight(not wrong, seen, snapshot, context), known=known)


def evaluate_count(check: ProcessCount, context: CheckContext) -> CheckResult:
    """Hold `processes: {...}` against the last snapshot."""
    snapshot = _fresh_snapshot(context)
    if snapshot is None:
        return _no_snapshot(context)
    found = [process for process in snapshot.processes if selects(check.selector, process)]
    alive = sum(process.state.alive for process in found)
    zombies = _zombies_since(check, found, snapshot, context)
    seen: list[str] = []
    right = True
    since_ns = snapshot.at_ns
    if check.alive is not None:
        seen.append(f"{alive} alive")
        right &= within(check.alive, alive)
    if check.zombies is not None:
        number = len(zombies)
        seen.append(f"{number} zombies" if number != 1 else "1 zombie")
        right &= within(check.zombies, number)
        since_ns = min([since_ns, *zombies])
    if check.unchanged:
        before = context.history.earlier_snapshot
        if before is None:
            return CheckResult(
                False, "no snapshot before the step", Evidence.PROC, context.now_ns, known=False
            )
        difference = _difference(before, snapshot)
        seen.append(difference or "the same processes as before")
        right &= not difference
    names = ", ".join(f"{process.pid} {process.comm}" for process in found)
    words = ", ".join(seen) + (f" ({names})" if names else "")
    result = _sight(right, words, snapshot, context)
    return replace(result, at_ns=max(since_ns, context.since_ns))


def _zombies_since(
    check: ProcessCount, found: Sequence[Process], snapshot: ProcessSnapshot, context: CheckContext
) -> list[int]:
    """Give since when those are zombies that have been so for long enough to count."""
    longer_ns = round(zombies_last_s(check, context.quiet_s) * 1e9)
    since = (
        context.history.zombie_since_ns(process)
        for process in found
        if process.state is ProcessState.ZOMBIE
    )
    return [at_ns for at_ns in since if snapshot.until_ns - at_ns > longer_ns]


def zombies_last_s(check: ProcessCount, quiet_s: float) -> float:
    """
    Give how long a process must have been a zombie to count as one.

    Every process is one between its end and the moment at which its parent waits for it.
    """
    longer_s = check.zombies_longer_than_s
    return quiet_s if longer_s is None else longer_s


def describe_process(check: ProcessIs) -> str:
    """Say what is expected."""
    who, facts = selector_words(check.selector), facts_words(check.facts)
    if not check.exists:
        return f"no {who}"
    return f"{who} with {facts}" if facts else f"{who} to exist"


def describe_count(check: ProcessCount) -> str:
    """Say what is expected."""
    words: list[str] = []
    if check.alive is not None:
        words.append(f"{bounds_words(check.alive)} alive")
    if check.zombies is not None:
        longer_s = check.zombies_longer_than_s
        age = f" for longer than {longer_s:g} s" if longer_s is not None else ""
        words.append(f"{bounds_words(check.zombies)} zombies{age}")
    if check.unchanged:
        words.append("the same processes as before")
    return ", ".join(words)


def _difference(before: ProcessSnapshot, now: ProcessSnapshot) -> str:
    old = {(one.pid, one.started): one for one in before.processes}
    new = {(one.pid, one.started): one for one in now.processes}
    gone = [f"{old[key].pid} {old[key].comm} is gone" for key in old.keys() - new.keys()]
    born = [f"{new[key].pid} {new[key].comm} is new" for key in new.keys() - old.keys()]
    return ", ".join(sorted(gone) + sorted(born))


def _fresh_snapshot(context: CheckContext) -> ProcessSnapshot | None:
    history, snapshot = context.history, context.history.snapshot
    gone_ns = history.gone_ns
    if gone_ns is not None:
        # The kernel empties the PID namespace before it lets the end of init be known.
        return ProcessSnapshot(gone_ns, gone_ns, 0, ())
    return snapshot if snapshot is not None and snapshot.until_ns >= context.since_ns else None


def _sight(right: bool, seen: str, snapshot: ProcessSnapshot, context: CheckContext) -> CheckResult:  # noqa: FBT001
    gone = snapshot.snapshots == 0
    evidence = Evidence.ENGINE if gone else Evidence.PROC
    at_ns = max(snapshot.at_ns, context.since_ns)
    final = gone and context.history.gone_for_good
    return CheckResult(
        right, f"{seen}; init is gone" if gone else seen, evidence, at_ns, final=final
    )


def _no_snapshot(context: CheckContext) -> CheckResult:
    seen = "the processes are in no snapshot yet"
    return CheckResult(False, seen, Evidence.PROC, context.now_ns, known=False)
