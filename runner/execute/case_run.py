"""
One case on one engine, from the creation of its containers to their removal.

`run_case` raises nothing that a scenario, a container or an engine can cause: all that is on
the timeline it returns, and so is a mistake of ours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict

from runner.engine.contract import Engine
from runner.engine.labels import Owner
from runner.errors import BUG_ADVICE, EngineError, EngineUnreachable, StepError, words_of_bug
from runner.execute.decision import await_decision
from runner.execute.evaluator import OpenEvaluator
from runner.execute.kernel_watch import KernelWatch
from runner.execute.live_container import LiveContainer
from runner.execute.session import CaseAborted, CaseSession
from runner.execute.steps import act, snapshot_before
from runner.model.case import Case
from runner.model.engine_facts import (
    ContainerCreated,
    ContainerStarted,
    EngineLost,
    FinalState,
    NeverStarted,
)
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
from runner.model.settings import Settings
from runner.model.verdict import Evidence, Passed

_LAST_OUTPUT_PATIENCE_NS = 1_000_000_000


def run_case(
    case: Case,
    *,
    images: Mapping[str, str],
    engine: Engine,
    settings: Settings,
    open_evaluator: OpenEvaluator,
    watch: KernelWatch | None = None,
) -> Timeline:
    """
    Run one case and give its facts. Its containers are gone when this returns, unless the case went
    wrong and such containers are to be kept.

    `images` names the image of each container, as the engine knows it; `watch` reads the kernel
    trace, where there is one.
    """
    snapshots = settings.evidence is not Evidence.ENGINE
    inbox, evaluator = engine.open_inbox(), open_evaluator(case, settings)
    session = CaseSession(case, inbox, evaluator, watch=watch, snapshots=snapshots)
    labels = Owner.this_process().labels(settings.run_id, case.name)
    kept = False
    try:
        with _trouble_recorded(session):
            _play(session, lambda name: _create(session, engine, name, images[name], labels))
            kept = settings.keep and _keep(session, engine.command)
    finally:
        for live in session.containers.values():
            with _trouble_recorded(session):
                live.leave_kernel()
        for live in () if kept else reversed(session.containers.values()):
            with _trouble_recorded(session):
                live.container.remove()
    return session.timeline()


def _keep(session: CaseSession, command: str) -> bool:
    """Keep the containers of a case that went wrong, but for one that was interrupted."""
    interrupted = any(isinstance(fact, Interrupted) for fact in session.timeline())
    if interrupted or not session.evaluator.went_wrong:
        return False
    for live in session.containers.values():
        kept_as = live.container.keep()
        session.append(ContainerKept(session.now_ns(), kept_as, command, container=live.name))
    return True


def _create(
    session: CaseSession, engine: Engine, name: str, image: str, labels: Mapping[str, str]
) -> LiveContainer:
    queue = session.queue(name)
    plan = session.case.containers[name].plan
    owner = session.containers.get(plan.pid)
    container = engine.create(
        plan,
        image=image,
        labels=labels,
        queue=queue,
        share_pid_of=owner.container.container_id if owner else "",
    )
    live = session.add(name, container, queue)
    session.append(ContainerCreated(queue.now_ns(), container.container_id, container=name))
    return live


@contextlib.contextmanager
def _trouble_recorded(session: CaseSession) -> Generator[None]:
    try:
        yield
    except EngineError as error:
        if not session.engine_lost:
            session.append(EngineLost.by(error, session.now_ns()))
    except Exception as error:  # noqa: BLE001 - a mistake of ours costs one case, not the run
        session.append(CaseBroken(session.now_ns(), words_of_bug(error), BUG_ADVICE))


def _play(session: CaseSession, create: Callable[[str], LiveContainer]) -> None:
    steps = session.case.steps
    with contextlib.suppress(CaseAborted):
        if all(_start(session, create(name)) for name in session.case.containers):
            _carry_out(session, range(len(steps)))
    session.allow_cleanup()
    with contextlib.suppress(CaseAborted):
        _carry_out(session, range(len(steps), len(session.case.all_steps)), always=True)
    for live in session.containers.values():
        _see_it_out(session, live)


def _start(session: CaseSession, live: LiveContainer) -> bool:
    """Start init and wait until it is ready; say whether there is anything to go on with."""
    number = session.case.ready_step(live.name)
    live.container.follow_output()
    try:
        refused, now_ns = live.container.start(), session.now_ns()
        if refused is not None:
            reason, exit_code = refused.reason, refused.exit_code
            session.append(NeverStarted(now_ns, reason, exit_code, container=live.name))
        else:
            session.append(ContainerStarted(now_ns, container=live.name))
            live.follow_kernel()
            session.catch_up_with_kernel(live)
            if session.snapshots:
                session.open_probe(live)
        session.append(StepBegan(session.now_ns(), number))
        session.append(StepActed(session.now_ns(), number))
        decision = await_decision(session, live)
    except StepError as error:
        session.append(StepBroken(session.now_ns(), number, error.what, error.advice))
        return False
    session.append(StepEnded(session.now_ns(), number))
    return isinstance(decision, Passed)


def _carry_out(session: CaseSession, numbers: range, *, always: bool = False) -> None:
    for number in numbers:
        step = session.case.all_steps[number]
        live = session.containers.get(step.on)
        if step.skip or live is None:
            continue
        went_on = _carry_out_one(session, live, number)
        if not (went_on or always or step.ignore_errors):
            return


def _carry_out_one(session: CaseSession, live: LiveContainer, number: int) -> bool:
    try:
        if session.case.all_steps[number].acts:
            # What happened until now belongs to the steps before.
            for one in session.containers.values():
                session.catch_up_with_kernel(one)
        snapshot_before(session, live, number)
        session.append(StepBegan(session.now_ns(), number))
        act(session, live, number)
        decision = await_decision(session, live)
    except EngineUnreachable:
        raise
    except (StepError, EngineError) as error:
        engine = isinstance(error, EngineError)
        session.append(
            StepBroken(session.now_ns(), number, error.what, error.advice, engine=engine)
        )
        return False
    session.append(StepEnded(session.now_ns(), number))
    return isinstance(decision, Passed)


def _see_it_out(session: CaseSession, live: LiveContainer) -> None:
    """Take what comes late, and ask the engine one last time."""
    if session.engine_lost:
        return
    with contextlib.suppress(StepError):
        session.catch_up_with_kernel(live)
    state = live.container.inspect()
    if not state.running:
        # Steps are over: a probe that cannot be believed since then has told nothing that counts.
        with contextlib.suppress(CaseAborted, StepError):
            session.dispatch_until(
                lambda: session.history(live).logs_ended, _LAST_OUTPUT_PATIENCE_NS
            )
    session.append(FinalState(session.now_ns(), **asdict(state), container=live.name))
