"""
What no scenario can ask for: its steps against its containers, and against the steps before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from runner.language.base import wrong
from runner.language.container import ContainerModel
from runner.model.container import HOST_PID, RestartPolicy
from runner.model.step import Restart, Sender, SendSignals, Start, Write
from runner.words import nearest

if TYPE_CHECKING:
    from runner.language.document import ScenarioModel
    from runner.language.steps import StepModel


def in_scenario(scenario: ScenarioModel) -> Iterator[PydanticCustomError]:
    """Compare containers with each other, then steps with containers, then steps with steps."""
    yield from _of_shared_namespaces(scenario)
    yield from _of_names(scenario)
    for place, step in scenario.placed_steps():
        container = scenario.named_containers()[scenario.container_of(step)]
        yield from _of_container(step, container, place)
    yield from _of_order(scenario)


def _of_shared_namespaces(scenario: ScenarioModel) -> Iterator[PydanticCustomError]:
    """A container shares the PID namespace of one that is started before it."""
    names = list(scenario.containers or ())
    for number, (name, container) in enumerate(scenario.named_containers().items()):
        owner = container.shares_pid_of()
        place = ("containers", name, "pid") if scenario.containers else ("container", "pid")
        if not owner:
            continue
        if owner not in names:
            advice = nearest(owner, names) if names else "only one of `containers` can"
            yield wrong(f"there is no container '{owner}' to share with", advice, *place)
        elif owner == name:
            yield wrong("a container has its own PID namespace", "leave out `pid`", *place)
        elif names.index(owner) > number:
            what = f"'{owner}' is not yet there when '{name}' is started"
            yield wrong(what, f"put '{owner}' before it", *place)


def _of_names(scenario: ScenarioModel) -> Iterator[PydanticCustomError]:
    """Where there are several containers, a step says which one it is about."""
    names = list(scenario.containers or ())
    for place, step in scenario.placed_steps():
        if step.on is None and len(names) > 1:
            advice = f"`on: {names[0]}`, or another of {', '.join(names)}"
            yield wrong("this step does not say on which container", advice, *place)
        if step.on is not None and step.on not in names:
            advice = nearest(step.on, names) if names else "leave `on` out: there is only one"
            yield wrong(f"there is no container '{step.on}'", advice, *place, "on")


def _of_container(
    step: StepModel, container: ContainerModel, place: tuple[str, int]
) -> Iterator[PydanticCustomError]:
    """A step can do and see what its container has been made for."""
    action = step.action
    if isinstance(action, Write) and not container.stdin_open:
        advice = "add `stdin_open: true` to the container"
        yield wrong("init's standard input is closed", advice, *place, "write")
    inside = isinstance(action, SendSignals) and action.sender is Sender.INSIDE
    if inside and container.pid == HOST_PID:
        advice = "the host's processes are in this PID namespace: use `from: host`"
        yield wrong("this could reach any process of the machine", advice, *place, "signal")
    if step.expect and step.expect.health and not container.healthcheck:
        advice = "add a `healthcheck` to the container"
        yield wrong("nothing checks the health here", advice, *place, "expect", "health")


def _of_order(scenario: ScenarioModel) -> Iterator[PydanticCustomError]:
    """After the end of init there is nothing that needs it, until it is started again."""
    ends: dict[str, int] = {}
    for number, step in enumerate(scenario.steps):
        name, action = scenario.container_of(step), step.action
        if name in ends and action.needs_init:
            yield wrong(
                "this step needs a running init, which it cannot have any more",
                f"step {ends[name] + 1} expects init to have ended, or never to have started",
                "steps",
                number,
            )
        if name in ends and isinstance(action, Start) and _no_start(scenario.steps[ends[name]]):
            yield wrong(
                "this starts an init that never started, which it cannot",
                f"step {ends[name] + 1} expects it never to have started",
                "steps",
                number,
            )
        if isinstance(action, Restart | Start):
            ends.pop(name, None)
        policy = scenario.named_containers()[name].restart
        if _the_end(step) and policy == RestartPolicy():
            ends.setdefault(name, number)


def _the_end(step: StepModel) -> bool:
    """Return whether init is gone for sure once the step has passed."""
    if step.when is not None or step.ignore_errors or step.expect is None:
        return False
    return step.expect.init is not None and step.expect.init.ends()


def _no_start(step: StepModel) -> bool:
    """Return whether init has never started, of a step that expects its end."""
    expects = step.expect.init if step.expect is not None else None
    return expects is not None and expects.state == "never_started"
