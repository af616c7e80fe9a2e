"""
The nouns `process` and `processes`: facts and counts from the last look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from runner.history.process_life import life_of
from runner.history.processes import Fit, KnownProcess
from runner.history.sent_signals import INIT_PID
from runner.judge.proc_fate import ADVICE
from runner.judge.scene import Scene
from runner.judge.sight import Sight, View
from runner.kernel.masks import holds, signals_in
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.expectation import Bounds, ProcessCount, ProcessFacts, ProcessIs, Selector
from runner.model.kernel_facts import KernelFact
from runner.model.observation import ProcessesSeen, RestartRequested
from runner.model.process import Process
from runner.model.selection import selector_words, selects
from runner.model.verdict import Evidence


def sight_of_process(check: ProcessIs, view: View) -> Sight:
    """Hold `process: {...}` against the last look, and `received` against the kernel's record."""
    wanted = check.facts.received
    if wanted is None:
        return _sight_in_look(check, view)
    got = _sight_of_received(check, view, wanted)
    others = replace(check, facts=replace(check.facts, received=None))
    if others.facts == ProcessFacts() or not got.holds:
        return got
    shown = _sight_in_look(others, view)
    both = f"{shown.seen}; {got.seen}" if shown.holds else shown.seen
    return replace(shown, seen=both, final=shown.final and (got.final or not shown.holds))


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


def _sight_of_received(check: ProcessIs, view: View, wanted: tuple[Signal, ...]) -> Sight:
    """Hold `received` against the kernel's record; a process that has ended since counts too."""
    scene = view.scene
    if not scene.recorded:
        seen = f"the kernel's record is not read ({ADVICE})"
        return Sight(False, seen, Evidence.PROC, view.now_ns, final=True, known=False)
    present = list(_asked_about(scene))
    chosen = [one for one in present if one.pid and one.fit(check.selector) is Fit.YES]
    # One whose PID is not known may be one of those that looks have shown, but not init.
    perhaps = [
        one
        for one in present
        if one not in chosen and one.fit(check.selector) is not Fit.NO
        if one.pid or check.selector.pid != INIT_PID
    ]
    got = {str(one): _received(one, scene.record) for one in chosen}
    right = bool(got) and all(
        set(wanted) <= set(one) if wanted else not one for one in got.values()
    )
    unknown = [one for one in perhaps if _received(one, scene.record)]
    over = scene.record_is_whole
    who = selector_words(check.selector)
    if unknown and (not right if wanted else right or not got):
        seen = f"{unknown[0]} got a signal and was gone before it could be seen whether it is {who}"
        return Sight(False, seen, Evidence.KERNEL, view.now_ns, final=over, known=False)
    if not got:
        seen = f"no {who} was ever seen"
        return Sight(False, seen, Evidence.KERNEL, view.now_ns, final=over)
    told = "; ".join(f"{name} has received {_names(one)}" for name, one in got.items())
    final = over or (right if wanted else not right)
    return Sight(right, f"{who}: {told}", Evidence.KERNEL, view.now_ns, final=final)


def _asked_about(scene: Scene) -> Iterator[KnownProcess]:
    """Give the processes that were there since the step began; after a restart, those of before."""
    span = scene.signal_span
    if span is None:
        yield from scene.processes
        return
    restarted = isinstance(span.asked, RestartRequested) and span.ended is not None
    until_ns = span.ended.at_ns if span.ended is not None and restarted else None
    for process in scene.processes:
        later = until_ns is not None and process.first_ns > until_ns
        if process.was_there_since(span.began_ns) and not later:
            yield process


def _received(process: KnownProcess, record: Sequence[KernelFact]) -> list[Signal]:
    if process.host_pid is None:
        return []
    receipts = life_of(process.host_pid, record).receipts
    return list(dict.fromkeys(one.signal for one in receipts))


def _names(signals: Sequence[Signal]) -> str:
    return " ".join(map(str, signals)) or "nothing"


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
        before = view.scene.earlier_look
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
        view.scene.zombie_since_ns(process)
        for process in found
        if process.state is ProcessState.ZOMBIE
    )
    return [at_ns for at_ns in since if look.until_ns - at_ns > longer_ns]


def zombies_last_s(_check: ProcessCount, quiet_s: float) -> float:
    """
    Give how long a process must have been a zombie to count as one.

    Every process is one between its end and the moment at which its parent waits for it.
    """
    return quiet_s


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
        words.append(f"{bounds_words(check.zombies)} zombies")
    if check.unchanged:
        words.append("the same processes as before")
    return ", ".join(words)


def within(bounds: Bounds, number: float) -> bool:
    """Say whether a number lies within inclusive bounds."""
    return (bounds.at_least is None or number >= bounds.at_least) and (
        bounds.at_most is None or number <= bounds.at_most
    )


def bounds_words(bounds: Bounds, unit: str = "") -> str:
    """Say the bounds: `3`, `at least 1`, `at most 2 s`, `1 to 2 s`."""
    low, high = bounds.at_least, bounds.at_most
    if low is not None and high is not None:
        return f"{low:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"
    return f"at least {low:g}{unit}" if low is not None else f"at most {high or 0:g}{unit}"


def mismatches(facts: ProcessFacts, process: Process, look: ProcessesSeen) -> list[str]:
    """List what the process shows instead of the facts asked for; empty when all fit."""
    return [*_wrong_facts(facts, process, look), *_wrong_signals(facts, process)]


def _wrong_facts(facts: ProcessFacts, process: Process, look: ProcessesSeen) -> Iterator[str]:
    if facts.state is not None and facts.state is not process.state:
        yield f"state {process.state.value}"
    if facts.comm is not None and facts.comm != process.comm:
        yield f"comm {process.comm}"
    if facts.argv is not None and not selects(Selector(argv=facts.argv), process):
        yield f"argv {' '.join(process.argv)!r}"
    if facts.parent is not None:
        parent = next((one for one in look.processes if one.pid == process.ppid), None)
        if parent is None or not selects(facts.parent, parent):
            yield f"parent {process.ppid}" + (f" {parent.comm}" if parent else "")


def _wrong_signals(facts: ProcessFacts, process: Process) -> Iterator[str]:
    for signal in (*facts.caught, *facts.ignored, *facts.default):
        asked = _asked_disposition(facts, signal)
        seen = disposition(process, signal)
        if seen not in asked:
            yield f"{signal} {seen}"
    for signal in facts.blocked:
        if process.waits_for_unknown(signal):
            yield f"{signal} not seen: it waits for signals (sigwait), and for which cannot be read"
        elif not holds(process.blocked_by_all, signal):
            yield f"{signal} not blocked"
    for signal in facts.pending:
        if not holds(process.pending_anywhere, signal):
            yield f"{signal} not pending (pending: {_list(process.pending_anywhere)})"


def cannot_tell(facts: ProcessFacts, process: Process) -> bool:
    """Say whether it is not known if the process blocks what is asked for; see `Process`."""
    return any(process.waits_for_unknown(signal) for signal in facts.blocked)


def _asked_disposition(facts: ProcessFacts, signal: Signal) -> set[str]:
    asked = {"caught": facts.caught, "ignored": facts.ignored, "default": facts.default}
    return {name for name, signals in asked.items() if signal in signals}


def disposition(process: Process, signal: Signal) -> str:
    """Say `caught`, `ignored` or `default`."""
    if holds(process.masks.caught, signal):
        return "caught"
    return "ignored" if holds(process.masks.ignored, signal) else "default"


def facts_words(facts: ProcessFacts) -> str:
    """Say the facts asked for."""
    words: list[str] = []
    if facts.state is not None:
        words.append(f"state {facts.state.value}")
    if facts.comm is not None:
        words.append(f"comm {facts.comm}")
    if facts.argv is not None:
        words.append(f"argv /{facts.argv}/")
    if facts.parent is not None:
        words.append("parent " + selector_words(facts.parent))
    for name in ("caught", "ignored", "default", "blocked", "pending"):
        signals: tuple[Signal, ...] = getattr(facts, name)
        words += [f"{signal} {name}" for signal in signals]
    if facts.received is not None:
        words.append(f"{_names(facts.received)} received")
    return ", ".join(words)


def _list(mask: int) -> str:
    return " ".join(map(str, signals_in(mask))) or "none"


def _difference(before: ProcessesSeen, now: ProcessesSeen) -> str:
    old = {(one.pid, one.started): one for one in before.processes}
    new = {(one.pid, one.started): one for one in now.processes}
    gone = [f"{old[key].pid} {old[key].comm} is gone" for key in old.keys() - new.keys()]
    born = [f"{new[key].pid} {new[key].comm} is new" for key in new.keys() - old.keys()]
    return ", ".join(sorted(gone) + sorted(born))


def _fresh_look(view: View) -> ProcessesSeen | None:
    scene, look = view.scene, view.scene.look
    gone = scene.ended or scene.never_started
    if gone is not None:
        # The kernel empties the PID namespace before it lets the end of init be known.
        return ProcessesSeen(gone.at_ns, gone.at_ns, 0, ())
    return look if look is not None and look.until_ns >= view.since_ns else None


def _sight(right: bool, seen: str, look: ProcessesSeen, view: View) -> Sight:  # noqa: FBT001
    gone = look.looks == 0
    evidence = Evidence.ENGINE if gone else Evidence.PROC
    at_ns = max(look.at_ns, view.since_ns)
    final = gone and view.scene.gone_for_good
    return Sight(right, f"{seen}; init is gone" if gone else seen, evidence, at_ns, final=final)


def _no_look(view: View) -> Sight:
    seen = "the processes were not looked at yet"
    return Sight(False, seen, Evidence.PROC, view.now_ns, known=False)
