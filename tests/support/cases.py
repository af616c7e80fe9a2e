"""Short words for cases and steps."""

from __future__ import annotations

from runner.errors import Where
from runner.kernel.signals import Signal
from runner.model.case import THE_ONLY, Case, CaseContainer
from runner.model.container import ContainerPlan, NamedImage
from runner.model.expectation import Check, Expectation
from runner.model.settings import Settings
from runner.model.step import (
    Action,
    Addressee,
    Exec,
    Look,
    Pause,
    Sender,
    SendSignals,
    Step,
    Stop,
    Target,
    Wait,
)

HERE = Where("scenarios/test.yml", 1, 1)
SETTINGS = Settings(run_id="test")


def expect(
    *checks: Check,
    within: float | None = None,
    stays: float | None = None,
    not_before: float | None = None,
) -> Expectation:
    """An expectation."""
    return Expectation(tuple(checks), within_s=within, for_s=stays, not_before_s=not_before)


def step(action: Action, expectation: Expectation | None = None, title: str = "a step") -> Step:
    """A step."""
    return Step(title, HERE, action, expectation)


def send(
    name: str,
    expectation: Expectation | None = None,
    *,
    sender: Sender = Sender.HOST,
    to: Target = Addressee.INIT,
    times: int = 1,
) -> Step:
    """A signal step."""
    signals = tuple(Signal.parse(word) for word in name.split())
    return step(SendSignals(signals, to, sender, times), expectation, f"signal {name}")


def stop(grace_s: float, expectation: Expectation | None = None) -> Step:
    """A stop step."""
    return step(Stop(grace_s), expectation, "stop")


def execute(*argv: str, expectation: Expectation | None = None, detach: bool = False) -> Step:
    """An exec step."""
    return step(Exec(argv, detach=detach), expectation, "exec")


def pause(expectation: Expectation | None = None) -> Step:
    """A pause step."""
    return step(Pause(), expectation, "pause")


def snapshot(*checks: Check, within: float | None = None, stays: float | None = None) -> Step:
    """An expect step."""
    return step(Look(), expect(*checks, within=within, stays=stays), "expect")


def wait(*checks: Check, within: float | None = None) -> Step:
    """A wait step."""
    return step(Wait(), expect(*checks, within=within), "wait")


def case(
    *steps: Step,
    init: tuple[str, ...] = ("/init",),
    image: str = "an-image",
    ready: Expectation | None = None,
    always: tuple[Step, ...] = (),
    timeout_s: float = 60.0,
    name: str = "a case",
    **keys: object,
) -> Case:
    """A case of one container, with more keys of its plan."""
    plan = ContainerPlan(image=NamedImage(image), init=init, **keys)  # type: ignore[arg-type]
    container = CaseContainer(plan, ready, ready_given=True) if ready else CaseContainer(plan)
    return Case(
        name=name,
        scenario=name,
        where=HERE,
        containers={THE_ONLY: container},
        steps=tuple(steps),
        always=always,
        timeout_s=timeout_s,
    )
