"""
What can never hold together: found when the file is read, not after a wait in vain.

Each function gives an error for the first contradiction that it finds. What depends on the engine
or on the program under test is left to the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from runner.kernel.signals import SIGKILL, Signal
from runner.language.base import wrong
from runner.model.expectation import Pattern
from runner.model.signal_outcome import DELIVERED

if TYPE_CHECKING:
    from runner.language.conditions import Condition, LogsCondition
    from runner.language.processes import InitCondition, ProcessCondition

_KILLED = 128 + SIGKILL
_ENDS = ("exited", "killed_by", "killed_with_init")
PRESENT = "state parent caught ignored default blocked pending pgid sid subreaper".split()
"""What only a process that is there can show."""


def in_logs(logs: LogsCondition) -> PydanticCustomError | None:
    """No line may have what a line must have."""
    for key in ("lines", "contains", "matches", "in_order"):
        for wanted in getattr(logs, key) or ():
            for absent in logs.absent or ():
                if _is_found_in(absent, wanted):
                    return wrong(
                        f"no line may have {absent}, and a line must have {wanted}", key="absent"
                    )
    return None


def _is_found_in(absent: Pattern, wanted: Pattern) -> bool:
    if absent.regex or wanted.regex:
        return absent == wanted
    return absent.text in wanted.text


def in_process(one: ProcessCondition) -> PydanticCustomError | None:
    """A process ends once, in one way, and then shows nothing any more."""
    return next(_of_an_end(one), None)


def _of_an_end(one: ProcessCondition) -> Iterator[PydanticCustomError]:
    if one.exited is not None and one.killed_by is not None:
        yield wrong("a process exits or is killed by a signal, not both", key="killed_by")
    if one.killed_with_init and one.exited is not None:
        yield wrong("a process that has exited was not killed with init", key="killed_with_init")
    if one.killed_with_init and one.killed_by is not None and SIGKILL not in one.killed_by:
        yield wrong(
            "what is killed with init is killed by SIGKILL",
            "say killed_by: SIGKILL, or leave it out",
            key="killed_by",
        )
    ends = [name for name in _ENDS if getattr(one, name) not in (None, False)]
    shown = next((name for name in PRESENT if getattr(one, name) is not None), None)
    if ends and shown is not None:
        advice = f"ask for {ends[0]} in a condition of its own"
        yield wrong(f"a process that has ended cannot show `{shown}`", advice, key=shown)
    harmless = not_ending(one.killed_by or ())
    if harmless is not None:
        yield harmless


def not_ending(killers: Iterable[Signal]) -> PydanticCustomError | None:
    """Nothing is killed by a signal that stops a process, or does nothing, by default."""
    for signal in killers:
        if not signal.default_action.ends:
            return wrong(
                f"{signal} ends no process",
                f"its default action is {signal.default_action.value}: signal(7)",
                key="killed_by",
            )
    return None


def in_condition(one: Condition) -> PydanticCustomError | None:
    """Times, and what is said of init against what is said of the rest."""
    return next(_contradictions(one), None)


def _contradictions(one: Condition) -> Iterator[PydanticCustomError]:
    if one.within and one.not_before and one.not_before > one.within:
        yield wrong("`not_before` is after `within`, so this can never hold", key="not_before")
    if one.within and one.for_ and one.for_ > one.within:
        yield wrong(
            "`for` is longer than `within`",
            f"give a `within` of {one.for_:g}s or more, or leave it out (default 5s)",
            key="for",
        )
    yield from _of_outcomes(one)
    if one.init is None:
        return
    if one.init.ends():
        yield from _after_the_end(one)
    else:
        yield from _before_the_end(one)
    if one.shutdown is not None:
        yield from _of_shutdown(one.init, escalated=one.shutdown.escalated)


def _of_outcomes(one: Condition) -> Iterator[PydanticCustomError]:
    delivered, outcomes = one.delivered_checks(), one.outcome_checks()
    for said, became in product(delivered, outcomes):
        if said.signal != became.signal or became.outcome is None:
            continue
        if said.delivered is not (became.outcome in DELIVERED):
            what = f"{became.outcome.value} is the outcome of a signal that is "
            what += "not delivered" if said.delivered else "delivered"
            yield wrong(what, "leave out `delivered`, which follows from it", key="outcome")


def in_step(expect: Condition, *, restarts: bool, starts: bool) -> PydanticCustomError | None:
    """An init that runs has not been shut down, unless it was started again after that."""
    if starts and expect.shutdown is not None:
        what = "a start asks no init to end, so there is no shutdown"
        return wrong(what, "expect it of the stop before", "expect", "shutdown")
    if expect.shutdown is None or expect.init is None or expect.init.ends() or restarts:
        return None
    return wrong(
        "there is no shutdown as long as init has not ended",
        "say `init: {exited: ...}`, or leave out `init` or `shutdown`",
        "expect",
        "shutdown",
    )


def _after_the_end(one: Condition) -> Iterator[PydanticCustomError]:
    words = "every process ends with init, so there is none to show this"
    if one.process is not None and _must_be_there(one.process):
        yield wrong(words, "as in exists: false, or a step before the end", key="process")
    counts = (one.processes.alive, one.processes.zombies) if one.processes else ()
    if any(count is not None and (count.at_least or 0) > 0 for count in counts):
        yield wrong(words, "count them in a step before the end", key="processes")


def _must_be_there(one: ProcessCondition) -> bool:
    """Say whether a process must be there, and not only have been."""
    past = any(getattr(one, name) is not None for name in ("received", *_ENDS))
    present = any(getattr(one, name) is not None for name in PRESENT)
    return present or (one.exists and not past)


def _before_the_end(one: Condition) -> Iterator[PydanticCustomError]:
    count = one.processes
    everything = count is not None and count.comm is None and count.argv is None
    if count is not None and everything and count.alive and count.alive.at_most == 0:
        yield wrong(
            "init is alive, so at least one process is", "init counts", "processes", "alive"
        )


def _of_shutdown(init: InitCondition, *, escalated: bool | None) -> Iterator[PydanticCustomError]:
    if init.state == "never_started":
        yield wrong("an init that never started has no shutdown", key="shutdown")
    if escalated and init.exited is not None and _KILLED not in init.exited:
        yield wrong(
            f"an escalated stop ends init with SIGKILL, which gives exit code {_KILLED}",
            f"expect exited: {_KILLED}, or escalated: false",
            "init",
            "exited",
        )
