"""
The nouns `process` and `processes`: facts and counts from the last look.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from runner.judge.proc_fate import ADVICE
from runner.judge.sight import Sight, View
from runner.kernel.masks import holds, signals_in
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, DefaultAction, Signal
from runner.kernel.target import KERNEL_ONLY
from runner.model.expectation import (
    Bounds,
    Own,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
)
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    KernelFact,
    ParentTold,
    Place,
    SignalDelivered,
    SignalGenerated,
    Task,
    Told,
)
from runner.model.observation import ProcessesSeen
from runner.model.process import Process
from runner.model.selection import selector_words, selects
from runner.model.verdict import Evidence

_INIT = 1
_AT_LEAST_ONCE = Bounds(at_least=1)


def sight_of_process(check: ProcessIs, view: View) -> Sight:
    """Hold `process: {...}` against the last look, and `received` against the kernel's record."""
    if check.facts.subreaper is not None:
        return not_judged("subreaper", view)
    if says_how_it_ended(check.facts):
        return not_judged("how a process ended", view)
    received = check.facts.received
    if received is None:
        return _sight_in_look(check, view)
    wanted = tuple(one.signal for one in received)
    if any(one != Received(one.signal) for one in received):
        return not_judged("how often, or from whom a signal was received,", view)
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
    return _sight(not wrong, seen, look, view)


def _sight_of_received(check: ProcessIs, view: View, wanted: tuple[Signal, ...]) -> Sight:
    """Hold `received` against the kernel's record; a process that has ended since counts too."""
    scene = view.scene
    if not scene.recorded:
        seen = f"the kernel's record is not read ({ADVICE})"
        return Sight(False, seen, Evidence.PROC, view.now_ns, final=True, known=False)
    looks = [one for one in (scene.earlier_look, *scene.looks) if one is not None]
    pids = {one.pid for look in looks for one in look.processes if selects(check.selector, one)}
    pids |= {one.pid for one in _tasks(scene.record) if one.pid and means(check.selector, one)}
    who = selector_words(check.selector)
    if not pids:
        return Sight(False, f"no {who}", Evidence.PROC, view.now_ns)
    got = {pid: _received(pid, scene.record) for pid in sorted(pids)}
    right = all(set(wanted) <= set(one) if wanted else not one for one in got.values())
    told = "; ".join(f"{pid} has received {_names(one)}" for pid, one in got.items())
    unknown = any(_may_be_for(check.selector, fact) for fact in scene.record)
    if right is not bool(wanted) and unknown:
        seen = "a process got a signal that was gone before it was known which it is"
        return Sight(False, seen, Evidence.KERNEL, view.now_ns, known=False)
    final = scene.gone_for_good or (right if wanted else not right)
    return Sight(right, f"{who}: {told}", Evidence.KERNEL, view.now_ns, final=final)


def means(selector: Selector, task: Task) -> bool:
    """Say whether a selector means a process of which only name and PID are known."""
    known = Selector(pid=task.pid, comm=task.comm)
    return selector in {known, Selector(pid=task.pid), Selector(comm=task.comm)}


def _may_be_for(selector: Selector, fact: KernelFact) -> bool:
    """Say whether a signal was for one that was gone before its PID was asked for."""
    if not isinstance(fact, SignalGenerated) or selector.pid == _INIT:
        return False
    target = fact.target
    unknown = target.place is Place.INSIDE and target.pid is None
    return unknown and selector.comm in {None, target.comm}


def _tasks(record: Sequence[KernelFact]) -> Iterator[Task]:
    for fact in record:
        match fact:
            case SignalGenerated(target=task) | SignalDelivered(task=task):
                if task.place in {Place.INIT, Place.INSIDE}:
                    yield task
            case _:
                pass


def _received(pid: int, record: Sequence[KernelFact]) -> list[Signal]:
    """
    List what a process was delivered; a fatal signal is delivered as SIGKILL.

    So are the other threads told to end by one that exits, or executes a program: nobody sent that.
    """
    got: list[Signal] = []
    fatal: Signal | None = None
    exited = any(_is_exit(fact, pid) for fact in record)
    for fact in record:
        match fact:
            case SignalGenerated(target=target, signal=signal) if target.pid == pid:
                ends = signal.default_action.ends
                fatal = signal if ends and fact.generation is Generation.QUEUED else fatal
            case SignalDelivered(task=task, signal=signal) if task.pid == pid:
                if signal != SIGKILL:
                    got += [signal] if _counts(fact) else []
                    fatal = None if fatal == signal else fatal
                elif fatal is not None and not exited:
                    got.append(fatal)
            case _:
                pass
    return list(dict.fromkeys(got))


def _is_exit(fact: KernelFact, pid: int) -> bool:
    return isinstance(fact, ParentTold) and fact.child.pid == pid and fact.told is Told.EXITED


def _counts(fact: SignalDelivered) -> bool:
    """Taken out of the queue, a signal may still be ignored, or dropped since this is init."""
    if fact.delivery is not Delivery.DEFAULT:
        return fact.delivery is Delivery.HANDLER
    acts = fact.signal.default_action not in {DefaultAction.IGN, DefaultAction.CONT}
    return acts and (fact.task.pid != _INIT or fact.signal in KERNEL_ONLY)


def _names(signals: Sequence[Signal]) -> str:
    return " ".join(map(str, signals)) or "nothing"


def sight_of_count(check: ProcessCount, view: View) -> Sight:
    """Hold `processes: {...}` against the last look."""
    if check.zombies_longer_than_s is not None:
        return not_judged("for how long a process has been a zombie", view)
    look = _fresh_look(view)
    if look is None:
        return _no_look(view)
    found = [process for process in look.processes if selects(check.selector, process)]
    alive = sum(process.state.alive for process in found)
    zombies = sum(process.state is ProcessState.ZOMBIE for process in found)
    seen: list[str] = []
    right = True
    if check.alive is not None:
        seen.append(f"{alive} alive")
        right &= within(check.alive, alive)
    if check.zombies is not None:
        seen.append(f"{zombies} zombies" if zombies != 1 else "1 zombie")
        right &= within(check.zombies, zombies)
    if check.unchanged:
        before = view.scene.earlier_look
        if before is None:
            return Sight(False, "no look before the step", Evidence.PROC, view.now_ns, known=False)
        difference = _difference(before, look)
        seen.append(difference or "the same processes as before")
        right &= not difference
    names = ", ".join(f"{process.pid} {process.comm}" for process in found)
    return _sight(right, ", ".join(seen) + (f" ({names})" if names else ""), look, view)


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
    for name, asked, seen in (
        ("pgid", facts.pgid, process.pgid),
        ("sid", facts.sid, process.sid),
    ):
        if asked is not None and seen != (process.pid if asked is Own.OWN else asked):
            yield f"{name} {seen}"


def _wrong_signals(facts: ProcessFacts, process: Process) -> Iterator[str]:
    for signal in (*facts.caught, *facts.ignored, *facts.default):
        asked = _asked_disposition(facts, signal)
        seen = disposition(process, signal)
        if seen not in asked:
            yield f"{signal} {seen}"
    for signal in facts.blocked:
        if not holds(process.blocked_by_all, signal):
            yield f"{signal} not blocked"
    for signal in facts.pending:
        if not holds(process.pending_anywhere, signal):
            yield f"{signal} not pending (pending: {_list(process.pending_anywhere)})"


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
        yield "its end by " + " or ".join(map(str, facts.killed_by))
    if facts.killed_with_init is not None:
        yield "its end with init" if facts.killed_with_init else "an end of its own"


def _group_words(facts: ProcessFacts) -> Iterator[str]:
    for name, number in (("pgid", facts.pgid), ("sid", facts.sid)):
        if number is not None:
            yield f"{name} of its own" if number is Own.OWN else f"{name} {number}"
    if facts.subreaper is not None:
        yield "a subreaper" if facts.subreaper else "no subreaper"


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


def says_how_it_ended(facts: ProcessFacts) -> bool:
    """Say whether the facts are of the end of a process."""
    gone = facts.exited is not None or facts.killed_by
    return bool(gone) or facts.killed_with_init is not None


def not_judged(what: str, view: View) -> Sight:
    """Say that nothing judges this yet."""
    seen = f"{what} is not judged yet"
    return Sight(False, seen, Evidence.PROC, view.now_ns, final=True, known=False)


def _no_look(view: View) -> Sight:
    seen = "the processes were not looked at yet"
    return Sight(False, seen, Evidence.PROC, view.now_ns, known=False)
