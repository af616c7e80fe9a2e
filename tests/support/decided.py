"""Facts of one case in which a step acts at 1,000 ms, and what is decided of it."""

from __future__ import annotations

from runner.judge.evaluator import CaseEvaluator, judge
from runner.kernel.signals import Signal
from runner.model.container import RestartPolicy
from runner.model.engine_facts import ContainerCreated, ContainerStarted
from runner.model.expectation import Expectation
from runner.model.kernel_facts import TraceOpened
from runner.model.observation import (
    Observation,
    ProcessSnapshot,
    SignalSent,
    StepActed,
    StepBegan,
    StepEnded,
    StopRequested,
)
from runner.model.process import Process
from runner.model.result import CaseResult
from runner.model.settings import Settings
from runner.model.step import Step
from runner.model.verdict import Decision
from tests.support.cases import SETTINGS, case, send, stop
from tests.support.facts import INIT, MS, process, snapshot

RESTARTED = RestartPolicy("always")


def before(*processes: Process, traced: bool = True) -> tuple[Observation, ...]:
    """The container is ready, and its processes were seen until 900 ms: init and 7, by default."""
    opened = (TraceOpened(1 * MS, INIT.host_pid),) if traced else ()
    return (
        ContainerCreated(0, "c"),
        ContainerStarted(1 * MS),
        *opened,
        StepBegan(2 * MS, -1),
        StepActed(2 * MS, -1),
        look(*processes, at_ms=3, until_ms=900),
        StepEnded(900 * MS, -1),
    )


def look(*processes: Process, at_ms: int, until_ms: int | None = None) -> ProcessSnapshot:
    """Init and 7 are seen, or these."""
    return snapshot(*(processes or (process(), process(7))), at_ms=at_ms, until_ms=until_ms)


def acts(*facts: SignalSent | StopRequested, number: int = 0) -> tuple[Observation, ...]:
    """A step sends signals, or asks for a stop."""
    at_ns = max((fact.at_ns for fact in facts), default=1000 * MS)
    return (StepBegan(min(at_ns, 1000 * MS) - 5 * MS, number), *facts, StepActed(at_ns, number))


STOPS = acts(StopRequested(1000 * MS, 0, 5.0, None))


def decided(
    now_ms: float, what: Expectation | Step, *facts: Observation, **keys: object
) -> Decision:
    """Say how a step stands at a time; of an expectation, that of a signal or a stop step."""
    evaluator = CaseEvaluator(case(_step(what, facts), **keys), SETTINGS)  # type: ignore[arg-type]
    for fact in facts:
        evaluator.see(fact)
    return evaluator.decide(round(now_ms * MS))


def judged(
    ended_ms: int,
    what: Expectation | Step,
    *facts: Observation,
    settings: Settings = SETTINGS,
    **keys: object,
) -> CaseResult:
    """Judge the case whose step was ended at a time."""
    one = case(_step(what, facts), **keys)  # type: ignore[arg-type]
    return judge(one, (*facts, StepEnded(ended_ms * MS, 0)), settings)


def _step(what: Expectation | Step, facts: tuple[Observation, ...]) -> Step:
    if isinstance(what, Step):
        return what
    if any(isinstance(fact, StopRequested) for fact in facts):
        return stop(5.0, what)
    names = [str(Signal(fact.signal)) for fact in facts if isinstance(fact, SignalSent)]
    return send(" ".join(names) or "TERM", what)
