"""
What is known of a case at one point of its timeline: of each container, and which step is on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from runner.history.container_history import ContainerHistory
from runner.history.fold import before_step, with_fact
from runner.model.case import READY, Case, CaseContainer
from runner.model.container import HOST_PID
from runner.model.engine_facts import ContainerCreated
from runner.model.fact import InContainer
from runner.model.observation import Observation, StepActed, StepBegan, Timeline
from runner.model.step import Action


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """
    The facts of a case, folded: the same facts give the same history.

    `containers` are by their names in the scenario. `step` is the number of the step that is under
    way (`READY` and below: a container gets ready), and `began_ns` when it began. `created_ns` is
    when the first container was made, `last_ns` the latest time of a fact.
    """

    case: Case
    containers: Mapping[str, ContainerHistory]
    step: int = READY
    began_ns: int = 0
    created_ns: int | None = None
    last_ns: int = 0

    def after(self, fact: Observation) -> CaseHistory:
        """Take one more fact into account."""
        change = dataclasses.replace
        history = change(self, last_ns=max(self.last_ns, fact.at_ns))
        if isinstance(fact, InContainer):
            own = with_fact(self.containers[fact.container], fact)
            history = change(history, containers={**self.containers, fact.container: own})
        match fact:
            case ContainerCreated(at_ns=at_ns) if self.created_ns is None:
                return change(history, created_ns=at_ns)
            case StepActed():
                acted = {name: with_fact(one, fact) for name, one in self.containers.items()}
                return change(history, containers=acted)
            case StepBegan(step=step, at_ns=at_ns):
                return change(
                    history, step=step, began_ns=at_ns, containers=self._before_step(fact)
                )
            case _:
                return history

    def _before_step(self, began: StepBegan) -> Mapping[str, ContainerHistory]:
        step = self.case.all_steps[began.step] if began.step >= 0 else None
        acts, sends = step is not None and step.acts, step is not None and step.sends
        pauses = step is not None and step.pauses
        return {
            name: before_step(one, began, acts=acts, sends=sends, pauses=pauses)
            for name, one in self.containers.items()
        }

    @property
    def current(self) -> ContainerHistory:
        """The container that the step is about."""
        return self.containers[self.case.container_of(self.step)]

    @property
    def current_container(self) -> CaseContainer:
        """How that container is set up."""
        return self.case.containers[self.case.container_of(self.step)]

    @property
    def action(self) -> Action | None:
        """What the step does; None while a container gets ready."""
        return self.case.all_steps[self.step].action if self.step >= 0 else None

    @property
    def took_s(self) -> float:
        """From the creation of the first container to the last fact, in seconds."""
        return (self.last_ns - self.created_ns) / 1e9 if self.created_ns is not None else 0.0


def open_history(case: Case) -> CaseHistory:
    """Return the history of a case of which nothing has happened yet."""
    return CaseHistory(
        case,
        {
            name: ContainerHistory(
                may_restart=container.plan.restart.name != "no",
                shares_host=container.plan.pid == HOST_PID,
            )
            for name, container in case.containers.items()
        },
    )


def history_of(case: Case, timeline: Timeline) -> CaseHistory:
    """Fold a whole timeline."""
    history = open_history(case)
    for fact in timeline:
        history = history.after(fact)
    return history
