"""
The noun `forwarded`: signals that init itself has sent on.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.history.processes import Fit
from runner.judge.proc_fate import ADVICE
from runner.judge.processes import bounds_words, within
from runner.judge.sight import Sight, View
from runner.model.expectation import ForwardedWas, Selector
from runner.model.kernel_facts import Place, ProcessExited, SignalGenerated, Task
from runner.model.selection import selector_words
from runner.model.verdict import Evidence


def sight_of_forwarding(check: ForwardedWas, view: View) -> Sight:
    """Hold `forwarded` against the kernel's record since the step began that acted last."""
    scene = view.scene
    if not scene.recorded:
        seen = f"the kernel's record is not read ({ADVICE})"
        return Sight(False, seen, Evidence.PROC, view.now_ns, final=True, known=False)
    found = list(_forwarded(check, view))
    sure = [one for one, fit in found if fit is Fit.YES]
    too_many = check.times.at_most is not None and len(sure) > check.times.at_most
    final = too_many or scene.record_is_whole or _can_be_no_less(check, len(sure))
    if within(check.times, len(sure)) is not within(check.times, len(found)) and not too_many:
        seen = (
            f"init has sent {check.signal} to a process that was gone before it could be seen "
            f"whether it is {selector_words(check.to or Selector())}"
        )
        whole = scene.record_is_whole
        return Sight(False, seen, Evidence.KERNEL, view.now_ns, final=whole, known=False)
    names = ", ".join(str(one.target) for one in sure)
    seen = f"init has sent {check.signal} on {len(sure)} times" + (f": to {names}" if names else "")
    at_ns = sure[-1].at_ns if sure else view.now_ns
    holds = within(check.times, len(sure))
    return Sight(holds, seen, Evidence.KERNEL, at_ns, final=final)


def _can_be_no_less(check: ForwardedWas, times: int) -> bool:
    """What was sent once cannot be undone."""
    return check.times.at_most is None and within(check.times, times)


def words_of_forwarding(check: ForwardedWas) -> str:
    """Say what is expected."""
    to = f" to {selector_words(check.to)}" if check.to is not None else ""
    return f"{check.signal} forwarded{to} {bounds_words(check.times)} times"


def _forwarded(check: ForwardedWas, view: View) -> Iterator[tuple[SignalGenerated, Fit]]:
    """Give what init has sent to others, and whether the target is one that is meant."""
    over = False
    for fact in view.scene.record:
        if isinstance(fact, ProcessExited) and fact.task.place is Place.INIT:
            over = True  # what init sends now is the end of its namespace
        if over or not isinstance(fact, SignalGenerated):
            continue
        by_init = fact.sender.place is Place.INIT and fact.target.place is Place.INSIDE
        if by_init and fact.code <= 0 and fact.signal == check.signal:
            fit = _fit(check.to, fact.target, view)
            if fit is not Fit.NO:
                yield fact, fit


def _fit(selector: Selector | None, task: Task, view: View) -> Fit:
    if selector is None:
        return Fit.YES
    process = view.scene.processes.of_task(task)
    return process.fit(selector) if process is not None else Fit.UNKNOWN
