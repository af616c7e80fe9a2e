"""
The nouns `process` and `processes`: facts and counts from the last look.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runner.judge.bounds import bounds_words, within
from runner.judge.process_facts import cannot_tell, facts_words, mismatches
from runner.judge.process_record import sight_on_record, split
from runner.judge.sight import Sight, View
from runner.kernel.processes import ProcessState
from runner.model.expectation import ProcessCount, ProcessFacts, ProcessIs
from runner.model.observation import ProcessesSeen
from runner.model.process import Process
from runner.model.selection import selector_words, selects
from runner.model.verdict import Evidence


def sight_of_process(check: ProcessIs, view: View) -> Sight:
    """Hold `process: {...}` against the last look, and against the kernel's record."""
    asked, others = split(check.facts)
    if asked is None:
        return _sight_in_look(check, view)
    on_record = sight_on_record(check.selector, asked, view)
    if others == ProcessFacts() or not on_record.holds:
        return on_record
    shown = _sight_in_look(replace(check, facts=others), view)
    both = f"{shown.seen}; {on_record.seen}" if shown.holds else shown.seen
    return replace(shown, seen=both, final=shown.final and (on_record.final or not shown.holds))


def _sight_in_look(check: ProcessIs, view: View) -> Sight:
    look = _fresh_look(view)
    if look is None:
        return _no_look(view)
    found = [process for process in look.processes if selects(check.selector, process)]
    who = selector_words(check.selector)
    if not check.exists or not found:
        seen = f"{len(found) or 'no'} {who}"
        return _sight(not check.exists and not found, seen, look, view)
    wrong = [
        f"{process.pid} {process.comm} has {', '.join(why)}"
        for process in found
        if (why := mismatches(check.facts, process, look))
    ]
    facts = facts_words(check.facts)
    seen = "; ".join(wrong) if wrong else f"{who}" + (f" with {facts}" if facts else " exists")
    known = not any(cannot_tell(check.facts, process) for process in found)
    return replace(_sight(not wrong, seen, look, view), known=known)


def sight_of_count(check: ProcessCount, view: View) -> Sight:
    """Hold `processes: {...}` against the last look."""
    look = _fresh_look(view)
    if look is None:
        return _no_look(view)
    found = [process for process in look.processes if selects(check.selector, process)]
    alive = sum(process.state.alive for process in found)
    zombies = _zombies_since(check, found, look, view)
    seen: list[str] = []
    right = True
    since_ns = look.at_ns
    if check.alive is not None:
        seen.append(f"{alive} alive")
        right &= within(check.alive, alive)
    if check.zombies is not None:
        number = len(zombies)
        seen.append(f"{number} zombies" if number != 1 else "1 zombie")
        right &= within(check.zombies, number)
        since_ns = min([since_ns, *zombies])
    if check.unchanged:
        before = view.history.earlier_look
        if before is None:
            return Sight(False, "no look before the step", Evidence.PROC, view.now_ns, known=False)
        difference = _difference(before, look)
        seen.append(difference or "the same processes as before")
        right &= not difference
    names = ", ".join(f"{process.pid} {process.comm}" for process in found)
    words = ", ".join(seen) + (f" ({names})" if names else "")
    sight = _sight(right, words, look, view)
    return replace(sight, at_ns=max(since_ns, view.since_ns))


def _zombies_since(
    check: ProcessCount, found: Sequence[Process], look: ProcessesSeen, view: View
) -> list[int]:
    """Give since when those are zombies that have been so for long enough to count."""
    longer_ns = round(zombies_last_s(check, view.quiet_s) * 1e9)
    since = (
        view.history.zombie_since_ns(process)
        for process in found
        if process.state is ProcessState.ZOMBIE
    )
    return [at_ns for at_ns in since if look.until_ns - at_ns > longer_ns]


def zombies_last_s(check: ProcessCount, quiet_s: float) -> float:
    """
    Give how long a process must have been a zombie to count as one.

    Every process is one between its end and the moment at which its parent waits for it.
    """
    longer_s = check.zombies_longer_than_s
    return quiet_s if longer_s is None else longer_s


def words_of_process(check: ProcessIs) -> str:
    """Say what is expected."""
    who, facts = selector_words(check.selector), facts_words(check.facts)
    if not check.exists:
        return f"no {who}"
    return f"{who} with {facts}" if facts else f"{who} to exist"


def words_of_count(check: ProcessCount) -> str:
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


def _difference(before: ProcessesSeen, now: ProcessesSeen) -> str:
    old = {(one.pid, one.started): one for one in before.processes}
    new = {(one.pid, one.started): one for one in now.processes}
    gone = [f"{old[key].pid} {old[key].comm} is gone" for key in old.keys() - new.keys()]
    born = [f"{new[key].pid} {new[key].comm} is new" for key in new.keys() - old.keys()]
    return ", ".join(sorted(gone) + sorted(born))


def _fresh_look(view: View) -> ProcessesSeen | None:
    history, look = view.history, view.history.look
    gone_ns = history.gone_ns
    if gone_ns is not None:
        # The kernel empties the PID namespace before it lets the end of init be known.
        return ProcessesSeen(gone_ns, gone_ns, 0, ())
    return look if look is not None and look.until_ns >= view.since_ns else None


def _sight(right: bool, seen: str, look: ProcessesSeen, view: View) -> Sight:  # noqa: FBT001
    gone = look.looks == 0
    evidence = Evidence.ENGINE if gone else Evidence.PROC
    at_ns = max(look.at_ns, view.since_ns)
    final = gone and view.history.gone_for_good
    return Sight(right, f"{seen}; init is gone" if gone else seen, evidence, at_ns, final=final)


def _no_look(view: View) -> Sight:
    seen = "the processes were not looked at yet"
    return Sight(False, seen, Evidence.PROC, view.now_ns, known=False)
