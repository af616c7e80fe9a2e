"""
What can never hold together: found when the file is read, not after a wait in vain.

Each function gives an error for the first contradiction that it finds. What depends on the engine
or on the program under test is left to the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from runner.kernel.signals import SIGKILL
from runner.model.expectation import Pattern
from runner.spec.base import wrong

if TYPE_CHECKING:
    from runner.spec.conditions import Condition, LogsCondition
    from runner.spec.processes import InitCondition

_KILLED = 128 + SIGKILL


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
    if one.init is None:
        return
    if one.init.ends():
        yield from _after_the_end(one)
    else:
        yield from _before_the_end(one)
    if one.shutdown is not None:
        yield from _of_shutdown(one.init, escalated=one.shutdown.escalated)


def in_step(expect: Condition, *, restarts: bool) -> PydanticCustomError | None:
    """An init that runs has not been shut down, unless it was started anew."""
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
    if one.process is not None and one.process.exists and one.process.received is None:
        yield wrong(words, "as in exists: false, or a step before the end", key="process")
    counts = (one.processes.alive, one.processes.zombies) if one.processes else ()
    if any(count is not None and (count.at_least or 0) > 0 for count in counts):
        yield wrong(words, "count them in a step before the end", key="processes")


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
