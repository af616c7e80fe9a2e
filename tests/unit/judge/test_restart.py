"""A restart: what is asked of the old init and its processes, and what of the new one."""

from __future__ import annotations

import dataclasses

import pytest

from runner.judge.evaluator import CaseEvaluator
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import EngineSent, InitEnded, InitRestarted, StopAnswered
from runner.model.expectation import (
    Bounds,
    Check,
    ForwardedWas,
    InitExited,
    InitIs,
    InitKilledBy,
    InitShows,
    InitState,
    LogsHave,
    Pattern,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Received,
    RestartsAre,
    Selector,
    ShutdownWas,
)
from runner.model.kernel_facts import (
    ChildStatus,
    KernelFact,
    ProcessExited,
    ProcessForked,
    Role,
    Task,
    TraceOpened,
)
from runner.model.observation import (
    EngineAnswered,
    LogMatched,
    Observation,
    RestartRequested,
    StepActed,
    StepBegan,
    TraceReached,
)
from runner.model.step import Restart
from runner.model.verdict import Errored, Failed, Passed, Undecided
from tests.support.cases import SETTINGS, case, expect, snapshot, step
from tests.support.decided import RESTARTED, acts, before, decided, look
from tests.support.facts import (
    INIT,
    MS,
    RUNTIME,
    WORKER,
    delivered,
    generated,
    process,
    sent,
    told,
)

END = 9_000
NEW_INIT = Task(Role.INIT, 1, 5001, "init")
NEW_WORKER = Task(Role.INSIDE, 7, 5007, "worker")
ASKED = (
    StepBegan(995 * MS, 0),
    RestartRequested(1000 * MS, 0, 5.0),
    EngineSent(1001 * MS, SIGTERM),
)
RECORD = (
    generated("TERM", sender=RUNTIME, at_ms=1000.5),
    generated("TERM", sender=INIT, target=WORKER, at_ms=1010),
    delivered("TERM", task=WORKER, at_ms=1011),
    ProcessExited(1090 * MS, WORKER),
    ProcessExited(1100 * MS, INIT),
)
ANEW = (
    InitEnded(1110 * MS, 143),
    InitRestarted(1200 * MS, 0),
    TraceOpened(1150 * MS, NEW_INIT.host_pid),
    ProcessForked(1210 * MS, NEW_INIT, NEW_WORKER),
    generated("HUP", sender=NEW_INIT, target=NEW_WORKER, at_ms=1220),
    delivered("HUP", task=NEW_WORKER, at_ms=1221),
    StopAnswered(1250 * MS),
    StepActed(1250 * MS, 0),
    look(process(started=50, caught=("USR1",)), process(7, started=51), at_ms=1260, until_ms=END),
    EngineAnswered(END * MS),
    TraceReached(END * MS),
)


def after_restart(check: Check, *record: KernelFact, traced: bool = True) -> object:
    """Say how a check of a restart step ends."""
    facts: tuple[Observation, ...] = (*before(), *ASKED, *(record or RECORD), *ANEW)
    if not traced:
        facts = tuple(one for one in facts if not isinstance(one, KernelFact | TraceOpened))
    return decided(END, step(Restart(5.0), expect(check)), *facts)


def ended(status: ChildStatus) -> tuple[KernelFact, ...]:
    """The old init ends, and the runtime is told how."""
    return (*RECORD, told(INIT, status, at_ms=1101))


@pytest.mark.parametrize(
    ("check", "record", "kind"),
    [
        (InitKilledBy((SIGTERM,)), ended(ChildStatus.KILLED), Passed),
        (InitKilledBy((SIGKILL,)), ended(ChildStatus.KILLED), Failed),
        (InitKilledBy((SIGTERM,)), ended(ChildStatus.EXITED), Failed),
        (ShutdownWas(took_s=Bounds(0.099, 0.1)), RECORD, Passed),
        (ShutdownWas(took_s=Bounds(at_most=0.099)), RECORD, Failed),
        (ShutdownWas(escalated=False), RECORD, Passed),
        (InitIs(InitState.RUNNING), RECORD, Passed),
        (InitExited((143,)), RECORD, Failed),
        (InitShows(ProcessFacts(caught=(SIGTERM,))), RECORD, Failed),
        (RestartsAre(Bounds(0, 0)), RECORD, Passed),
        (ForwardedWas(SIGTERM, Selector(comm="worker"), Bounds(1, 1)), RECORD, Passed),
        (ProcessCount(Selector(), alive=Bounds(2, 2)), RECORD, Passed),
        (
            ProcessIs(Selector(pid=7), ProcessFacts(received=(Received(SIGTERM),))),
            RECORD,
            Passed,
        ),
        (ProcessIs(Selector(pid=7), ProcessFacts(received=())), RECORD, Failed),
    ],
)
def test_signals_and_ends_are_those_of_the_init_of_before(
    check: Check, record: tuple[KernelFact, ...], kind: type
) -> None:
    """What is seen of the present, that of the new one."""
    assert isinstance(after_restart(check, *record), kind)


def test_without_the_record_the_status_of_the_old_init_is_what_the_engine_says() -> None:
    """143 may be an exit of its own; 0 was no signal."""
    assert isinstance(after_restart(InitKilledBy((SIGTERM,)), traced=False), Errored)
    assert isinstance(after_restart(InitKilledBy((SIGKILL,)), traced=False), Failed)
    assert isinstance(after_restart(InitIs(InitState.RUNNING), traced=False), Passed)


def test_an_init_that_a_policy_starts_again_may_yet_be_killed() -> None:
    """Only a restart that was asked for speaks of the init of before."""
    killed = expect(InitKilledBy((SIGKILL,)))
    facts = (*before(traced=False), *acts(sent("TERM", pid=7)), InitEnded(1100 * MS, 1))

    assert isinstance(decided(1110, killed, *facts, restart=RESTARTED), Undecided)
    assert isinstance(decided(1110, killed, *facts), Failed)


def test_a_restart_of_which_nothing_is_expected_is_over_at_once() -> None:
    """Only a stop waits for the engine's answer."""
    facts = (*before(traced=False), *ASKED, StepActed(1001 * MS, 0))

    assert isinstance(decided(1010, step(Restart(5.0)), *facts), Passed)


def test_before_the_old_init_has_ended_it_is_still_running() -> None:
    """Whatever the record says of others."""
    restart = step(Restart(5.0), expect(InitKilledBy((SIGTERM,)), within=0.5))
    facts = (*before(), *ASKED, *RECORD[:3], StepActed(1001 * MS, 0), EngineAnswered(END * MS))

    decision = decided(END, restart, *facts, TraceReached(END * MS))

    assert isinstance(decision, Failed)
    assert decision.findings[0].seen == "init is still running"


@pytest.mark.parametrize(("at_ms", "kind"), [(1100, Failed), (1205, Passed)])
def test_a_step_that_only_looks_asks_for_what_the_new_init_has_printed(
    at_ms: int, kind: type
) -> None:
    """Once there is one."""
    printed = LogMatched(at_ms * MS, Pattern("up"), "up")
    looks = dataclasses.replace(step(Restart(5.0)), expect=None)
    check = expect(LogsHave((Pattern("up"),)), within=0.1)
    then = dataclasses.replace(snapshot(), expect=check)
    evaluator = CaseEvaluator(case(looks, then), SETTINGS)
    second = (StepBegan(2000 * MS, 1), StepActed(2000 * MS, 1), EngineAnswered(END * MS))
    for fact in (*before(), *ASKED, *RECORD, printed, *ANEW[:8], *second):
        evaluator.see(fact)

    assert isinstance(evaluator.decide(END * MS), kind)
