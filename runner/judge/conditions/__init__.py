"""
The conditions, one file each: what is expected of a container, held against its history.
"""

from __future__ import annotations

from typing import Any, Final

from runner.judge.condition import CheckContext, CheckResult, Condition
from runner.judge.conditions import (
    delivered_was,
    exec_ended_with,
    forwarded_was,
    health_is,
    init_exited,
    init_is,
    init_killed_by,
    init_settled,
    init_shows,
    kill_answered,
    logs_have,
    oom_killed,
    outcome_was,
    process_count,
    process_is,
    restarts_are,
    shutdown_was,
)
from runner.model.expectation import Check

CONDITIONS: Final[tuple[Condition[Any], ...]] = (
    init_settled.CONDITION,
    init_is.CONDITION,
    init_exited.CONDITION,
    init_killed_by.CONDITION,
    init_shows.CONDITION,
    process_is.CONDITION,
    process_count.CONDITION,
    kill_answered.CONDITION,
    delivered_was.CONDITION,
    outcome_was.CONDITION,
    forwarded_was.CONDITION,
    logs_have.CONDITION,
    shutdown_was.CONDITION,
    exec_ended_with.CONDITION,
    oom_killed.CONDITION,
    restarts_are.CONDITION,
    health_is.CONDITION,
)

_BY_CHECK: Final = {one.check: one for one in CONDITIONS}


def condition_of(check: Check) -> Condition[Any]:
    """Return the condition that a check is one of."""
    return _BY_CHECK[type(check)]


def evaluate(check: Check, context: CheckContext) -> CheckResult:
    """Compare a check with a history."""
    return condition_of(check).evaluate(check, context)


def describe(check: Check) -> str:
    """Return what a check expects, in words: `init exited 0`."""
    return condition_of(check).describe(check)
