"""
`--strict-shutdown`: each stop and restart must leave no process that is killed with init.

That is an expectation of its own beside the one of the step: the step's times are not its times.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from runner.model.expectation import Bounds, Expectation, ShutdownWas
from runner.model.step import Restart, Step, Stop
from runner.model.verdict import Errored, Failed, Passed

NONE_KILLED: Final = Expectation((ShutdownWas(killed=Bounds(0, 0)),))
_BY_OPTION: Final = " (--strict-shutdown)"


def strict_expectation(step: Step) -> Expectation | None:
    """Return what a step must meet, too; None for one that says itself how many may be killed."""
    if not isinstance(step.action, Stop | Restart):
        return None
    checks = step.expect.checks if step.expect is not None else ()
    own = any(isinstance(one, ShutdownWas) and one.killed is not None for one in checks)
    return None if own else NONE_KILLED


def with_strict(own: Passed, strict: Passed | Failed | Errored) -> Passed | Failed | Errored:
    """Return the verdict on a step that has passed by its own expectation."""
    if isinstance(strict, Errored):
        return dataclasses.replace(strict, what=strict.what + _BY_OPTION)
    findings = tuple(
        dataclasses.replace(one, expected=one.expected + _BY_OPTION) for one in strict.findings
    )
    return dataclasses.replace(strict, findings=(*own.findings, *findings))
