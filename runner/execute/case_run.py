"""
One case on one engine, from the creation of its containers to their removal.

`run_case` raises nothing that a scenario, a container or an engine can cause: all that is on
the timeline it returns, and so is a mistake of ours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping

from runner.engine.contract import Engine, NotStarted
from runner.engine.labels import Owner
from runner.errors import BUG_ADVICE, EngineError, EngineUnreachable, StepError, words_of_bug
from runner.execute.kernel_watch import KernelWatch
from runner.execute.live_container import LiveContainer, engine_lost
from runner.execute.stage import Curtain, Stage
from runner.execute.steps import act, look_before
from runner.model.case import Case
from runner.model.engine_facts import ContainerCreated, ContainerStarted, FinalState, NeverStarted
from runner.model.observation import (
    CaseBroken,
    ContainerKept,
    Interrupted,
    StepActed,
    StepBegan,
    StepBroken,
    StepEnded,
    Timeline,
)
from runner.model.referee import OpenReferee
from runner.model.settings import Settings
from runner.model.verdict import Evidence, Passed

_LAST_OUTPUT_PATIENCE_NS = 1_000_000_000


def run_case(
    case: Case,
    *,
    images: Mapping[str, str],
    engine: Engine,
    settings: Settings,
    open_referee: OpenReferee,
    watch: KernelWatch | None = None,
) -> Timeline:
    """
    Run one case and give its facts. Its containers are gone when this returns, unless the case went
    wrong and such containers are to be kept.

    `images` names the image of each container, as the engine knows it; `watch` reads the kernel's
    record, where there is one.
    """
    looks = settings.evidence is not Evidence.ENGINE
    inbox, referee = engine.open_inbox(), open_referee(case, settings)
    stage = Stage(case, inbox, referee, watch=watch, looks=looks)
    labels = Owner.this_process().labels(settings.run_id, case.name)
    kept = False
    try:
        with _trouble_recorded(stage):
            _play(stage, lambda name: _create(stage, engine, name, images[name], labels))
            kept = settings.keep and _keep(stage)
    finally:
        for live in stage.containers.values():
            with _trouble_recorded(stage):
                _leave_kernel(stage, live)
        for live in () if kept else reversed(stage.containers.values()):
            with _trouble_recorded(stage):
                live.container.remove()
    return stage.timeline()


def _keep(stage: Stage) -> bool:
    """Keep the containers of a case that went wrong, but for one that was interrupted."""
    interrupted = any(isinstance(fact, Interrupted) for fact in stage.timeline())
    if interrupted or not stage.referee.went_wrong:
        return False
    for live in stage.containers.values():
        kept_as = live.container.keep()
        stage.record(ContainerKept(stage.inbox.now_ns(), kept_as, container=live.name))
    return True


def _create(
    stage: Stage, engine: Engine, name: str, image: str, labels: Mapping[str, str]
) -> LiveContainer:
    slot = stage.inbox.slot(name)
    plan = stage.case.containers[name].plan
    owner = stage.containers.get(plan.pid)
    container = engine.create(
        plan,
        image=image,
        labels=labels,
        slot=slot,
        share_pid_of=owner.container.container_id if owner else "",
    )
    live = stage.add(name, container)
    stage.record(ContainerCreated(slot.now_ns(), container.container_id, container=name))
    return live


@contextlib.contextmanager
def _trouble_recorded(stage: Stage) -> Generator[None]:
    try:
        yield
    except EngineError as error:
        if not stage.engine_lost:
            stage.record(engine_lost(stage.inbox.now_ns(), error))
    except Exception as error:  # noqa: BLE001 - a mistake of ours costs one case, not the run
        stage.record(CaseBroken(stage.inbox.now_ns(), words_of_bug(error), BUG_ADVICE))


def _play(stage: Stage, create: Callable[[str], LiveContainer]) -> None:
    steps = stage.case.steps
    with contextlib.suppress(Curtain):
        if all(_start(stage, create(name)) for name in stage.case.containers):
            _carry_out(stage, range(len(steps)))
    stage.lift_curtain()
    with contextlib.suppress(Curtain):
        _carry_out(stage, range(len(steps), len(stage.case.all_steps)), always=True)
    for live in stage.containers.values():
        _see_it_out(stage, live)


def _start(stage: Stage, live: LiveContainer) -> bool:
    """Start init and wait until it is ready; say whether there is anything to go on with."""
    inbox, number = stage.inbox, stage.case.ready_step(live.name)
    live.container.follow_output()
    try:
        match live.container.start():
            case NotStarted(reason=reason, exit_code=exit_code):
                stage.record(NeverStarted(inbox.now_ns(), reason, exit_code, container=live.name))
            case _:
                stage.record(ContainerStarted(inbox.now_ns(), container=live.name))
                stage.follow_kernel(live)
                stage.catch_up_with_kernel(live)
                if stage.looks:
                    stage.open_probe(live)
        stage.record(StepBegan(inbox.now_ns(), number))
        stage.record(StepActed(inbox.now_ns(), number))
        decision = stage.await_decision(live)
    except StepError as error:
        stage.record(StepBroken(inbox.now_ns(), number, error.what, error.advice))
        return False
    stage.record(StepEnded(inbox.now_ns(), number))
    return isinstance(decision, Passed)


def _pump_late(stage: Stage, done: Callable[[], bool]) -> None:
    # All steps are over: a probe that cannot be believed since then has told nothing that counts.
    with contextlib.suppress(Curtain, StepError):
        stage.pump_until(done, _LAST_OUTPUT_PATIENCE_NS)


def _leave_kernel(stage: Stage, live: LiveContainer) -> None:
    if stage.watch is not None and live.host_pid is not None:
        stage.watch.leave(live.host_pid)


def _carry_out(stage: Stage, numbers: range, *, always: bool = False) -> None:
    for number in numbers:
        step = stage.case.all_steps[number]
        live = stage.containers.get(step.on)
        if step.skip or live is None:
            continue
        went_on = _carry_out_one(stage, live, number)
        if not (went_on or always or step.ignore_errors):
            return


def _carry_out_one(stage: Stage, live: LiveContainer, number: int) -> bool:
    try:
        if stage.case.all_steps[number].acts:
            # What happened until now belongs to the steps before.
            for one in stage.containers.values():
                stage.catch_up_with_kernel(one)
        look_before(stage, live, number)
        stage.record(StepBegan(stage.inbox.now_ns(), number))
        act(stage, live, number)
        decision = stage.await_decision(live)
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


def _see_it_out(stage: Stage, live: LiveContainer) -> None:
    """Take what comes late, and ask the engine one last time."""
    if stage.engine_lost:
        return
    with contextlib.suppress(StepError):
        stage.catch_up_with_kernel(live)
    state = live.container.inspect()
    if not state.running:
        _pump_late(stage, lambda: live.output_ended)
    stage.record(
        FinalState(
            stage.inbox.now_ns(),
            running=state.running,
            exit_code=state.exit_code,
            oom_killed=state.oom_killed,
            restart_count=state.restart_count,
            container=live.name,
        )
    )
