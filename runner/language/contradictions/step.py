"""
What no step can ask for: what it does against what it expects.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from runner.language.base import wrong
from runner.language.conditions import Condition, ShutdownCondition
from runner.model.step import Action, Restart, Start, Stop

if TYPE_CHECKING:
    from runner.language.wait_step import WaitStep


def in_wait(wait: WaitStep) -> Iterator[PydanticCustomError]:
    """A wait ends at one time."""
    if wait.within and isinstance(wait.until, Condition) and wait.until.within:
        yield wrong("this wait has two deadlines", "leave out one `within`", "within")


def in_step(
    action: Action, expect: Condition, shutdown: ShutdownCondition
) -> Iterator[PydanticCustomError]:
    """Compare what is done with the shutdown that is expected of it."""
    yield from _of_no_shutdown(action, expect)
    yield from _of_escalation(action, shutdown)


def _of_no_shutdown(action: Action, expect: Condition) -> Iterator[PydanticCustomError]:
    """An init that runs has not been shut down, unless it was started again after that."""
    if isinstance(action, Start):
        what = "a start asks no init to end, so there is no shutdown"
        yield wrong(what, "expect it of the stop before", "expect", "shutdown")
    runs = expect.init is not None and not expect.init.ends()
    if runs and not isinstance(action, Restart):
        yield wrong(
            "there is no shutdown as long as init has not ended",
            "say `init: {exited: ...}`, or leave out `init` or `shutdown`",
            "expect",
            "shutdown",
        )


def _of_escalation(action: Action, shutdown: ShutdownCondition) -> Iterator[PydanticCustomError]:
    """The engine sends SIGKILL once the grace period is over, and not before."""
    grace_s = action.grace_s if isinstance(action, Stop) else None
    if not shutdown.escalated or shutdown.at_most is None or grace_s is None:
        return
    if shutdown.at_most < grace_s:
        yield wrong(
            f"a stop escalates only after its grace period, {grace_s:g} s",
            f"give an at_most above {grace_s:g}s, or a shorter grace period",
            "expect",
            "shutdown",
            "at_most",
        )
