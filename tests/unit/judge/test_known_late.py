"""What is learnt late counts from when it happened, and so is in time if that was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.evaluator import CaseEvaluator
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import InitEnded, InitRestarted
from runner.model.expectation import (
    Bounds,
    Check,
    Expectation,
    InitExited,
    InitIs,
    InitKilledBy,
    InitState,
    LogsHave,
    Pattern,
    ProcessCount,
    RestartsAre,
    Selector,
)
from runner.model.kernel_facts import ChildStatus, ProcessExited, TraceOpened
from runner.model.observation import EngineAnswered, LogMatched, Observation, TraceReached
from runner.model.verdict import Decision, Failed, Passed
from tests.support.cases import SETTINGS, case, send
from tests.support.facts import INIT, MS, process, snapshot, told
from tests.unit.judge.test_true_interval import RECORDED, SEEN

NOBODY = ProcessCount(Selector(), alive=Bounds(0, 0), zombies=Bounds(0, 0))
BYE = Pattern("bye")


def decided(*facts: Observation, checks: tuple[Check, ...], within_s: float = 2) -> Decision:
    """Say how the checks stand 3 s after a signal that was generated at 1005 ms."""
    expectation = Expectation(checks, within_s=within_s)
    evaluator = CaseEvaluator(case(send("TERM", expectation)), SETTINGS)
    for fact in (*RECORDED, SEEN, *facts):
        evaluator.see(fact)
    return evaluator.decide(4200 * MS)


def ended(by_ms: int, code: int = 143, reported_ms: int = 3100) -> tuple[Observation, ...]:
    """Init has ended at that time, by the record, and the engine reports it later."""
    return (
        ProcessExited(by_ms * MS, INIT),
        told(INIT, ChildStatus.KILLED, at_ms=by_ms),
        InitEnded(reported_ms * MS, code),
        TraceReached(reported_ms * MS),
        EngineAnswered(reported_ms * MS),
    )


@pytest.mark.parametrize(
    "check",
    [InitExited((143,)), NOBODY, InitKilledBy((SIGTERM,)), RestartsAre(Bounds(0, 0))],
    ids=lambda one: type(one).__name__,
)
def test_an_end_that_the_engine_reports_late_was_in_time(check: Check) -> None:
    """The engine of a busy machine took 2 s to say what the kernel has on record."""
    checks = (InitExited((143,)), check)

    assert isinstance(decided(*ended(1100), checks=checks), Passed)


@pytest.mark.parametrize("check", [InitExited((143,)), NOBODY, InitKilledBy((SIGTERM,))])
def test_an_end_that_came_late_was_not_in_time(check: Check) -> None:
    """The twin: by the record init itself took more than 2 s."""
    checks = (InitExited((143,)), check)

    assert isinstance(decided(*ended(3050), checks=checks), Failed)


def test_all_have_to_hold_in_time() -> None:
    """The end was in time and the line of output was not."""
    checks = (InitExited((143,)), LogsHave(contains=(BYE,)))
    line = LogMatched(3090 * MS, BYE, "bye")

    assert isinstance(decided(line, *ended(1100), checks=checks), Failed)
    early = replace(line, at_ns=1090 * MS)
    assert isinstance(decided(early, *ended(1100), checks=checks), Passed)


def test_the_end_of_the_old_init_is_not_that_of_the_new_one() -> None:
    """The engine of a busy machine reports a restart before the trace has the end of the old."""
    new = replace(INIT, host_pid=4999)
    restarted = (
        InitEnded(1100 * MS, 143),
        InitRestarted(1300 * MS, 0),
        ProcessExited(1099 * MS, INIT),
        told(INIT, ChildStatus.KILLED, at_ms=1099),
        TraceOpened(1250 * MS, new.host_pid),
    )
    seen = snapshot(process(), at_ms=1400, until_ms=1900)
    running = (InitIs(InitState.RUNNING),)

    passed = decided(*restarted, seen, TraceReached(2000 * MS), checks=running)
    ended = decided(
        *restarted, ProcessExited(1390 * MS, new), TraceReached(2000 * MS), checks=running
    )

    assert isinstance(passed, Passed)
    assert isinstance(ended, Failed)
