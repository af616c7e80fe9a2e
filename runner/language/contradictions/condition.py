"""
What no condition can ask for: what is said of init against the rest, and of signals twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from runner.kernel.signals import SIGKILL
from runner.language.base import wrong
from runner.language.processes import ENDS, PRESENT, InitCondition, ProcessCondition
from runner.model.expectation import DeliveredWas, OutcomeWas
from runner.model.signal_outcome import DELIVERED

if TYPE_CHECKING:
    from runner.language.conditions import Condition

_KILLED = 128 + SIGKILL


def in_condition(one: Condition) -> Iterator[PydanticCustomError]:
    """Compare what is said of signals, of init, of the other processes and of the shutdown."""
    yield from _of_outcomes(one)
    yield from _of_killed(one)
    if one.init is None:
        return
    if one.init.ends():
        yield from _after_the_end(one)
    else:
        yield from _before_the_end(one)
    if one.shutdown is not None:
        yield from _of_shutdown(one.init, escalated=one.shutdown.escalated)


def _of_outcomes(one: Condition) -> Iterator[PydanticCustomError]:
    if one.delivered is None or one.outcome is None:
        return
    checks = one.checks()
    delivered = [check for check in checks if isinstance(check, DeliveredWas)]
    outcomes = [check for check in checks if isinstance(check, OutcomeWas)]
    for said, became in product(delivered, outcomes):
        if said.signal != became.signal or became.outcome is None:
            continue
        if said.delivered is not (became.outcome in DELIVERED):
            what = f"{became.outcome.value} is the outcome of a signal that is "
            what += "not delivered" if said.delivered else "delivered"
            yield wrong(what, "leave out `delivered`, which follows from it", key="outcome")


def _of_killed(one: Condition) -> Iterator[PydanticCustomError]:
    most = one.shutdown.killed.at_most if one.shutdown and one.shutdown.killed else None
    if most == 0 and one.process is not None and one.process.killed_with_init:
        what = "a process that is killed with init is one of those that `killed` counts"
        yield wrong(what, "leave out one of them", "shutdown", "killed")


def _after_the_end(one: Condition) -> Iterator[PydanticCustomError]:
    words = "every process ends with init, so there is none to show this"
    if one.process is not None and _must_be_there(one.process):
        yield wrong(words, "as in exists: false, or a step before the end", key="process")
    counts = (one.processes.alive, one.processes.zombies) if one.processes else ()
    if any(count is not None and count.at_least for count in counts):
        yield wrong(words, "count them in a step before the end", key="processes")


def _must_be_there(one: ProcessCondition) -> bool:
    """Return whether a process must be there, and not only have been."""
    past = any(getattr(one, name) is not None for name in ("received", *ENDS))
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
