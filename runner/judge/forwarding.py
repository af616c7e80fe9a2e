"""
The noun `forwarded`: signals that init itself has sent on.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.judge.proc_fate import ADVICE
from runner.judge.processes import bounds_words, means, not_judged, within
from runner.judge.sight import Sight, View
from runner.model.expectation import ForwardedWas, Selector
from runner.model.kernel_facts import Place, ProcessExited, SignalGenerated, Task
from runner.model.observation import ProcessesSeen
from runner.model.selection import selector_words, selects
from runner.model.verdict import Evidence


def sight_of_forwarding(check: ForwardedWas, view: View) -> Sight:
    """Hold `forwarded` against the kernel's record since the step began that acted last."""
    scene = view.scene
    if check.sender is not None:
        return not_judged("what another than init has forwarded", view)
    if not scene.recorded:
        seen = f"the kernel's record is not read ({ADVICE})"
        return Sight(False, seen, Evidence.PROC, view.now_ns, final=True, known=False)
    found = list(_forwarded(check, view))
    holds = within(check.times, len(found))
    most = check.times.at_most
    final = scene.gone_for_good or (most is not None and len(found) > most)
    names = ", ".join(str(one.target) for one in found)
    seen = f"init has sent {check.signal} on {len(found)} times" + (
        f": to {names}" if names else ""
    )
    at_ns = found[-1].at_ns if found else view.now_ns
    return Sight(holds, seen, Evidence.KERNEL, at_ns, final=final)


def words_of_forwarding(check: ForwardedWas) -> str:
    """Say what is expected."""
    to = f" to {selector_words(check.to)}" if check.to is not None else ""
    sender = f" by {selector_words(check.sender)}" if check.sender is not None else ""
    return f"{check.signal} forwarded{sender}{to} {bounds_words(check.times)} times"


def _forwarded(check: ForwardedWas, view: View) -> Iterator[SignalGenerated]:
    over = False
    for fact in view.scene.record:
        if isinstance(fact, ProcessExited) and fact.task.place is Place.INIT:
            over = True  # what init sends now is the end of its namespace
        if over or not isinstance(fact, SignalGenerated):
            continue
        by_init = fact.sender.place is Place.INIT and fact.target.place is Place.INSIDE
        sent_on = by_init and fact.code <= 0 and fact.signal == check.signal
        if sent_on and (check.to is None or _means(check.to, fact.target, view.scene.looks)):
            yield fact


def _means(selector: Selector, task: Task, looks: tuple[ProcessesSeen, ...]) -> bool:
    for look in reversed(looks):
        for process in look.processes:
            if process.pid == task.pid and selects(selector, process):
                return True
    # It came and went between two looks: only its name and PID are known.
    return means(selector, task)
