"""
`forwarded`: signals that init itself has sent on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.history.processes import Fit
from runner.judge.bounds import times_words, within
from runner.judge.condition import TRACE, CheckContext, CheckResult, Condition
from runner.model.expectation import ForwardedWas, Selector
from runner.model.kernel_facts import Role, SignalGenerated, Task
from runner.model.selection import selector_words
from runner.model.verdict import Evidence

_WITHIN = {Role.INIT, Role.INSIDE}


def evaluate(check: ForwardedWas, context: CheckContext) -> CheckResult:
    """Compare `forwarded` with the kernel trace since the step began that acted last."""
    history = context.history
    if not history.traced:
        return context.without_trace()
    found = list(_forwarded(check, context))
    sure = [one for one, fit in found if fit is Fit.YES]
    too_many = check.times.at_most is not None and len(sure) > check.times.at_most
    final = too_many or history.trace_is_whole or _can_be_no_less(check, len(sure))
    holds = within(check.times, len(sure))
    if holds is not within(check.times, len(found)) and not too_many:
        seen = (
            f"{check.signal} was forwarded by or to a process that ended before it could be "
            "identified"
        )
        return context.unknown(seen, Evidence.KERNEL, final=history.trace_is_whole)
    names = ", ".join(str(one.target) for one in sure)
    who = selector_words(check.sender) if check.sender is not None else "init"
    seen = f"{who} has not forwarded {check.signal}"
    if sure:
        seen = f"{who} has forwarded {check.signal} {times_words(len(sure))}: to {names}"
    at_ns = sure[-1].at_ns if sure else context.now_ns
    return CheckResult(holds, seen, Evidence.KERNEL, at_ns, final=final)


def _can_be_no_less(check: ForwardedWas, times: int) -> bool:
    """What was sent once cannot be undone."""
    return check.times.at_most is None and within(check.times, times)


def describe(check: ForwardedWas) -> str:
    """Return `SIGTERM forwarded to process comm=worker once`."""
    to = f" to {selector_words(check.to)}" if check.to is not None else ""
    sender = f" by {selector_words(check.sender)}" if check.sender is not None else ""
    if check.times.at_most == 0:
        return f"{check.signal} not forwarded{sender}{to}"
    return f"{check.signal} forwarded{sender}{to} {times_words(check.times)}"


def _forwarded(check: ForwardedWas, context: CheckContext) -> Iterator[tuple[SignalGenerated, Fit]]:
    """Yield what was sent to others by whom it is asked of, and whether sender and target fit."""
    for fact in context.history.kernel_facts:
        if not isinstance(fact, SignalGenerated) or fact.after_end or fact.code > 0:
            continue
        to_another = fact.target.role is Role.INSIDE and fact.sender.role in _WITHIN
        if fact.signal != check.signal or not to_another:
            continue
        fits = {_fit_of_sender(check.sender, fact, context), _fit(check.to, fact.target, context)}
        if Fit.NO not in fits:
            yield fact, Fit.UNKNOWN if Fit.UNKNOWN in fits else Fit.YES


def _fit_of_sender(selector: Selector | None, fact: SignalGenerated, context: CheckContext) -> Fit:
    if fact.sender.host_pid == fact.target.host_pid:
        return Fit.NO  # to itself is not on to another
    if selector is None:
        return Fit.YES if fact.sender.role is Role.INIT else Fit.NO
    return _fit(selector, fact.sender, context)


def _fit(selector: Selector | None, task: Task, context: CheckContext) -> Fit:
    if selector is None:
        return Fit.YES
    process = context.history.processes.of_task(task)
    return process.fit(selector) if process is not None else Fit.UNKNOWN


CONDITION: Final = Condition(
    ForwardedWas,
    evaluate,
    describe,
    rests_on=lambda _: TRACE,
    needs_quiet=lambda check: check.times.at_most is not None,
    until_stopped=lambda check: check.times.at_most is not None,
)
