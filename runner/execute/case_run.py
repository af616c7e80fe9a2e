"""
One case on one engine, from the creation of its container to its removal.

`run_case` raises nothing that a scenario, a container or an engine can cause: all that is on
the timeline it returns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from runner.engine.contract import Container, Engine, NotStarted
from runner.engine.labels import Owner
from runner.errors import EngineError, EngineUnreachable, StepError
from runner.execute.stage import Curtain, Stage, engine_lost
from runner.execute.steps import act, look_before
from runner.model.case import READY, Case
from runner.model.observation import (
    ContainerCreated,
    ContainerStarted,
    FinalState,
    NeverStarted,
    StepActed,
    StepBegan,
    StepBroken,
    StepEnded,
    Timeline,
)
from runner.model.referee import OpenReferee
from runner.model.settings import Settings
from runner.model.verdict import Passed

_LAST_OUTPUT_PATIENCE_NS = 1_000_000_000


def run_case(
    case: Case, *, image: str, engine: Engine, settings: Settings, open_referee: OpenReferee
) -> Timeline:
    """
    Run one case and give its facts. The container is gone when this returns.
    """
    inbox = engine.open_inbox()
    stage = Stage(case, inbox, open_referee(case, settings))
    labels = Owner.this_process().labels(settings.run_id, case.name)
    with _engine_trouble_recorded(stage):
        container = engine.create(case.container, image=image, labels=labels, inbox=inbox)
        try:
            stage.record(ContainerCreated(inbox.now_ns(), container.container_id))
            _play(stage, container)
        finally:
            with _engine_trouble_recorded(stage):
                container.remove()
    return stage.timeline()


@contextlib.contextmanager
def _engine_trouble_recorded(stage: Stage) -> Generator[None]:
    try:
        yield
    except EngineError as error:
        if not stage.engine_lost:
            stage.record(engine_lost(stage.inbox.now_ns(), error))


def _play(stage: Stage, container: Container) -> None:
    with contextlib.suppress(Curtain):
        if _start(stage, container):
            _carry_out(stage, container, range(len(stage.case.steps)))
    stage.lift_curtain()
    with contextlib.suppress(Curtain):
        _carry_out(
            stage, container, range(len(stage.case.steps), len(stage.case.all_steps)), always=True
        )
    _see_it_out(stage, container)


def _start(stage: Stage, container: Container) -> bool:
    """Start init and wait until it is ready; say whether there is anything to go on with."""
    inbox = stage.inbox
    container.follow_output()
    match container.start():
        case NotStarted(reason=reason, exit_code=exit_code):
            stage.record(NeverStarted(inbox.now_ns(), reason, exit_code))
        case _:
            stage.record(ContainerStarted(inbox.now_ns()))
            stage.open_probe(container)
    stage.record(StepBegan(inbox.now_ns(), READY))
    stage.record(StepActed(inbox.now_ns(), READY))
    decision = stage.await_decision(container)
    stage.record(StepEnded(inbox.now_ns(), READY))
    return isinstance(decision, Passed)


def _carry_out(stage: Stage, container: Container, numbers: range, *, always: bool = False) -> None:
    for number in numbers:
        step = stage.case.all_steps[number]
        if step.skip:
            continue
        went_on = _carry_out_one(stage, container, number)
        if not (went_on or always or step.ignore_errors):
            return


def _carry_out_one(stage: Stage, container: Container, number: int) -> bool:
    try:
        look_before(stage, container, number)
        stage.record(StepBegan(stage.inbox.now_ns(), number))
        act(stage, container, number)
        decision = stage.await_decision(container)
    except StepError as error:
        stage.record(StepBroken(stage.inbox.now_ns(), number, error.what, error.advice))
        return False
    except EngineUnreachable:
        raise
    except EngineError as error:
        stage.record(
            StepBroken(stage.inbox.now_ns(), number, error.what, error.advice, engine=True)
        )
        return False
    stage.record(StepEnded(stage.inbox.now_ns(), number))
    return isinstance(decision, Passed)


def _see_it_out(stage: Stage, container: Container) -> None:
    """Take what comes late, and ask the engine one last time."""
    if stage.engine_lost:
        return
    state = container.inspect()
    if not state.running:
        with contextlib.suppress(Curtain):
            stage.pump_until(lambda: stage.output_ended, _LAST_OUTPUT_PATIENCE_NS)
    stage.record(
        FinalState(
            stage.inbox.now_ns(),
            running=state.running,
            exit_code=state.exit_code,
            oom_killed=state.oom_killed,
            restart_count=state.restart_count,
        )
    )
