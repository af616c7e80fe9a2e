"""
A case: one scenario with all its variables filled in, ready to be run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from runner.errors import Where
from runner.model.container import ContainerPlan
from runner.model.expectation import Expectation, InitSettled
from runner.model.step import Step

READY: Final = -1
"""
The step number under which it is recorded that the first container gets ready; the second has the
number before that, and so on.
"""

THE_ONLY: Final = ""
"""The name of the container of a scenario that has only one."""

READY_WITHIN_S = 10.0

SETTLED = Expectation(checks=(InitSettled(),), within_s=READY_WITHIN_S)
"""The readiness of a container that names none of its own."""


def absolute(key: tuple[str, str]) -> tuple[str, str]:
    """Return the key of a case by the absolute path of its file, however that was written."""
    path, name = key
    return os.path.abspath(path), name  # noqa: PTH100 - links stay as they are


@dataclass(frozen=True, slots=True)
class CaseContainer:
    """
    One container of a case, and when it is ready for the first step.

    `ready_given` says that the scenario names a readiness of its own.
    """

    plan: ContainerPlan
    ready: Expectation = SETTLED
    ready_given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One row of one scenario.

    `name` is unique in its file, and `key` in a run. `scenario` is the name before the matrix,
    `row` the matrix values of this case. `containers` are by their names in the scenario, in the
    order in which they are started. `skip` is why it is not to be run, "" if it is; `when` is an
    expression that has to be true for it to be run, over facts of the engine and its `variables`.
    """

    name: str
    scenario: str
    where: Where
    containers: Mapping[str, CaseContainer]
    steps: tuple[Step, ...]
    always: tuple[Step, ...] = ()
    row: Mapping[str, str] = field(default_factory=dict[str, str])
    why: str = ""
    source: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    timeout_s: float = 60.0
    skip: str = ""
    when: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other case: its file and its name."""
        return self.where.path, self.name

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Steps and `always` steps, as they are numbered on a timeline."""
        return self.steps + self.always

    def ready_step(self, container: str) -> int:
        """Return the number under which it is recorded that this container gets ready."""
        return READY - list(self.containers).index(container)

    def container_of(self, step: int) -> str:
        """Name the container that a step is about."""
        return list(self.containers)[READY - step] if step < 0 else self.all_steps[step].on

    def expectation_of(self, step: int) -> Expectation | None:
        """Return what is expected of a step, or of getting ready."""
        if step < 0:
            return self.containers[self.container_of(step)].ready
        return self.all_steps[step].expect


def scenario_name(case: Case) -> str:
    """Return what the scenario of a case is called: without a matrix, as its only case."""
    return case.scenario if case.row else case.name
