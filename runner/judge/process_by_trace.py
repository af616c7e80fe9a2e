"""
What the kernel trace says of processes: what they received, how they ended, who is a subreaper.

A process that has ended since counts as one that still runs. One of which too little was seen to
say whether it is meant makes a check undecidable where it would make a difference, not false.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from runner.history.container_history import ContainerHistory
from runner.history.process_life import Ending, ProcessEnd, ProcessLife, Receipt, by_process
from runner.history.processes import Fit, KnownProcess
from runner.judge.bounds import times_words, within
from runner.judge.condition import SNAPSHOT, TRACE, CheckContext, CheckResult
from runner.kernel.signals import SIGKILL
from runner.model.expectation import ProcessFacts, Received, Selector
from runner.model.kernel_facts import KernelFact, Role, Task
from runner.model.observation import RestartRequested, Way
from runner.model.process import INIT_PID
from runner.model.selection import selector_words
from runner.model.verdict import Evidence

_TOO_MANY: Final = "too many processes were born and ended for all to be kept"


@dataclass(frozen=True, slots=True)
class _Answer:
    """
    What one fact comes to for one process: `final` if no later event can change that, `known` False
    where the record does not say. `against`: something has happened that contradicts it.
    """

    holds: bool
    seen: str
    at_ns: int = 0
    final: bool = False
    known: bool = True
    against: bool = False


def in_snapshots(facts: ProcessFacts) -> ProcessFacts:
    """Return the facts without those that rest on the kernel trace."""
    return replace(
        facts, received=None, exited=None, killed_by=(), killed_with_init=None, subreaper=None
    )


def facts_rest_on(facts: ProcessFacts) -> frozenset[Way]:
    """Return by which ways comes what can change whether the facts are shown."""
    return SNAPSHOT if in_snapshots(facts) == facts else SNAPSHOT | TRACE


def evaluate_by_trace(
    selector: Selector, facts: ProcessFacts, context: CheckContext
) -> CheckResult:
    """Compare those facts that rest on it with the kernel trace, of the selected processes."""
    history = context.history
    if not history.traced:
        return context.without_trace()
    asked_about = list(_asked_about(history))
    chosen = [one for one in asked_about if one.pid and one.fit(selector) is Fit.YES]
    # One whose PID is not known may be one of those that looks have shown, but not init.
    perhaps = [
        one
        for one in asked_about
        if one not in chosen and one.fit(selector) is not Fit.NO
        if one.pid or selector.pid != INIT_PID
    ]
    record = by_process(history.kernel_facts)
    answers = [_whole(one, facts, history, record) for one in chosen]
    who, over = selector_words(selector), history.trace_is_whole
    doubt = _doubt(answers, [(one, _whole(one, facts, history, record)) for one in perhaps])
    if doubt is not None:
        seen = f"{doubt} ended before it was known whether it is {who}"
        return context.unknown(seen, Evidence.KERNEL, final=over)
    if not answers and history.misses_births:
        seen = f"{_TOO_MANY}: whether {who} was one of them is not known"
        return context.unknown(seen, Evidence.KERNEL, final=over)
    if not answers:
        seen = f"no {who} was ever seen"
        return CheckResult(False, seen, Evidence.KERNEL, context.now_ns, final=over)
    holds = all(one.holds for one in answers)
    said = [one for one in answers if one.holds is holds]
    final = over or (all if holds else any)(one.final for one in said)
    known = any(one.known for one in said)
    seen = f"{who}: " + "; ".join(one.seen for one in said)
    at_ns = max([one.at_ns for one in said if one.at_ns], default=context.now_ns)
    return CheckResult(holds, seen, Evidence.KERNEL, at_ns, final=final, known=known)


def _doubt(
    answers: Sequence[_Answer], perhaps: Sequence[tuple[KnownProcess, _Answer]]
) -> KnownProcess | None:
    """Find a process that would make a difference if it were meant."""
    holds = bool(answers) and all(one.holds for one in answers)
    for process, inferred in perhaps:
        decides = inferred.against if holds else inferred.holds and inferred.final
        mine = not answers or process.pid is None
        if decides and (holds or mine):
            return process
        if not answers and inferred.against:
            return process
    return None


def _asked_about(history: ContainerHistory) -> Iterator[KnownProcess]:
    """Yield the processes that were there since the step began, or before a restart."""
    span = history.signal_span
    if span is None:
        yield from history.processes
        return
    restarted = isinstance(span.asked, RestartRequested)
    until_ns = span.ended.at_ns if restarted and span.ended is not None else math.inf
    for process in history.processes:
        if process.was_there_since(span.began_ns) and process.first_ns <= until_ns:
            yield process


def _whole(
    process: KnownProcess,
    facts: ProcessFacts,
    history: ContainerHistory,
    record: Mapping[int, Sequence[KernelFact]],
) -> _Answer:
    """Compare all facts with one process, by its part of the record."""
    host_pid = process.host_pid or 0
    life = history.life_of(host_pid, record.get(host_pid, ()))
    answers = list(_each(process, life, facts, history))
    wrong = [one for one in answers if not one.holds]
    said = wrong or answers
    return _Answer(
        not wrong,
        ", ".join(f"{process} {one.seen}" for one in said),
        max(one.at_ns for one in said),
        final=any(one.final for one in wrong) if wrong else all(one.final for one in answers),
        known=any(one.known for one in said),
        against=any(one.against for one in answers),
    )


def _each(
    process: KnownProcess, life: ProcessLife, facts: ProcessFacts, history: ContainerHistory
) -> Iterator[_Answer]:
    if facts.received is not None:
        yield from _received(life, facts.received, history)
    if facts.exited is not None:
        yield _exited(life, facts.exited, history)
    if facts.killed_by:
        yield _killed_by(life, facts)
    if facts.killed_with_init is not None:
        yield _killed_with_init(life, wanted=facts.killed_with_init)
    if facts.subreaper is not None:
        yield _subreaper(process, history, wanted=facts.subreaper)


def _received(
    life: ProcessLife, wanted: Sequence[Received], history: ContainerHistory
) -> Iterator[_Answer]:
    got = life.receipts
    names = " ".join(dict.fromkeys(str(one.signal) for one in got)) or "nothing"
    at_ns = got[-1].at_ns if got else 0
    if not wanted:
        some = bool(got)
        yield _Answer(not some, f"has received {names}", at_ns, final=some, against=some)
    for one in wanted:
        yield _received_one(got, one, names, history)


def _received_one(
    got: Sequence[Receipt], wanted: Received, names: str, history: ContainerHistory
) -> _Answer:
    own = [one for one in got if one.signal == wanted.signal]
    fits = [(one, _sent_by(one.sender, wanted.sender, history)) for one in own]
    sure = [one for one, fit in fits if fit is Fit.YES]
    most = [one for one, fit in fits if fit is not Fit.NO]
    holds = within(wanted.times, len(sure))
    at_ns = sure[-1].at_ns if sure else 0
    if holds is not within(wanted.times, len(most)):
        seen = f"has received {wanted.signal} from an unidentified sender"
        return _Answer(False, seen, at_ns, known=False)
    too_many = wanted.times.at_most is not None and len(sure) > wanted.times.at_most
    for_good = too_many or (holds and wanted.times.at_most is None)
    simple = wanted == Received(wanted.signal)
    seen = f"has received {names if simple else _often(wanted, sure)}"
    return _Answer(holds, seen, at_ns, final=for_good, against=too_many)


def _often(wanted: Received, got: Sequence[Receipt]) -> str:
    senders = dict.fromkeys(str(one.sender) for one in got if one.sender is not None)
    by_whom = f", from {' and '.join(senders)}" if senders else ""
    return f"{wanted.signal} {times_words(len(got))}{by_whom}"


def _sent_by(sender: Task | None, selector: Selector | None, history: ContainerHistory) -> Fit:
    if selector is None:
        return Fit.YES
    if sender is None:
        return Fit.UNKNOWN
    process = history.processes.of_task(sender)
    if process is not None:
        return process.fit(selector)
    if sender.role is Role.INSIDE:
        return Fit.UNKNOWN
    # Of one outside, only the name is known.
    return Fit.YES if selector == Selector(comm=sender.comm) else Fit.NO


def _exited(life: ProcessLife, codes: Sequence[int], history: ContainerHistory) -> _Answer:
    end = life.end
    if end is None and history.misses_births:
        # Of a process that no signal was sent to, the end may have been left out.
        return _Answer(False, f"may have ended: {_TOO_MANY}", known=False)
    if end is None or end.ending is not Ending.EXITED:
        return _ended(end, holds=False)
    if end.status is None:
        lacks = "" if history.system_calls else " (this kernel's trace has no system calls)"
        seen = f"exited, with a status not in the trace{lacks}"
        return _Answer(False, seen, end.at_ns, known=False)
    return replace(_ended(end, holds=end.status in codes), seen=f"exited {end.status}")


def _killed_by(life: ProcessLife, facts: ProcessFacts) -> _Answer:
    end = life.end
    if end is not None and end.ending is Ending.KILLED and end.signal is None:
        seen = "was killed by a signal that is not in the trace"
        return _Answer(False, seen, end.at_ns, known=False)
    return _ended(end, holds=end is not None and end.signal in facts.killed_by)


def _killed_with_init(life: ProcessLife, *, wanted: bool) -> _Answer:
    with_init = life.end is not None and life.end.ending is Ending.WITH_INIT
    return _ended(life.end, holds=with_init is wanted)


def _ended(end: ProcessEnd | None, *, holds: bool) -> _Answer:
    """Say how it ended; whether that is what was asked for counts where that is known."""
    if end is None:
        return _Answer(holds, "had not ended")
    known = end.ending is not Ending.UNKNOWN
    holds, against = holds and known, known and not holds
    return _Answer(holds, _end_words(end), end.at_ns, final=known, known=known, against=against)


def _end_words(end: ProcessEnd) -> str:
    match end.ending:
        case Ending.EXITED:
            return "exited" + (f" {end.status}" if end.status else "")
        case Ending.KILLED:
            return f"was killed by {end.signal}"
        case Ending.WITH_INIT:
            return f"was killed with init ({SIGKILL})"
        case Ending.UNKNOWN:
            return "has ended, and the kernel trace does not say how"


def _subreaper(process: KnownProcess, history: ContainerHistory, *, wanted: bool) -> _Answer:
    if not history.system_calls:
        return _Answer(False, "may be a subreaper: no system calls are in the trace", known=False)
    seen = "is a subreaper" if process.subreaper else "is not a subreaper"
    return _Answer(process.subreaper is wanted, seen)
