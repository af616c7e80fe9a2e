"""
Nothing is decided at a time before all that it rests on is known until that time.

News of one moment arrive by several ways: the engine's, the probe's, the kernel trace.
"""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from runner.judge.evaluator import CaseEvaluator
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import (
    ContainerCreated,
    ContainerStarted,
    EngineSent,
    InitEnded,
    StopAnswered,
)
from runner.model.expectation import (
    Bounds,
    Check,
    Expectation,
    ForwardedWas,
    InitExited,
    InitIs,
    InitKilledBy,
    InitState,
    LogsHave,
    OutcomeWas,
    Pattern,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Selector,
    ShutdownWas,
)
from runner.model.kernel_facts import (
    ChildStatus,
    Generation,
    ParentNotified,
    ProcessExited,
    TraceOpened,
)
from runner.model.observation import (
    EngineAnswered,
    LogMatched,
    LogsEnded,
    Observation,
    StepActed,
    StepBegan,
    StepEnded,
    StopRequested,
    TraceReached,
)
from runner.model.step import Sender
from runner.model.verdict import Decision, Failed, Passed, Undecided
from tests.support.cases import SETTINGS, case, expect, send, stop
from tests.support.facts import INIT, MS, RUNTIME, WORKER, generated, process, sent, snapshot

READY = (
    ContainerCreated(0, "c"),
    ContainerStarted(1 * MS),
    TraceOpened(1 * MS, INIT.host_pid),
    StepBegan(2 * MS, -1),
    StepActed(2 * MS, -1),
    snapshot(process(), process(7), at_ms=3, until_ms=900),
    StepEnded(900 * MS, -1),
)
BLIND = tuple(one for one in READY if not isinstance(one, TraceOpened))
SIGNAL = (
    StepBegan(995 * MS, 0),
    replace(sent("TERM", sender=Sender.HOST), answered_ns=1300 * MS),
    StepActed(1000 * MS, 0),
)
ON_RECORD = generated("TERM", sender=RUNTIME, at_ms=1250)
FORWARDED = generated("TERM", sender=INIT, target=WORKER, at_ms=1251)
GONE = InitEnded(1310 * MS, 0)
STOP = (
    StepBegan(995 * MS, 0),
    StopRequested(1000 * MS, 0, 5.0, None),
    StepActed(1000 * MS, 0),
)


def decided(now_ms: int, expectation: Expectation, *facts: Observation) -> Decision:
    """Say how a signal step, or a stop, stands at a time."""
    stops = any(isinstance(fact, StopRequested) for fact in facts)
    step = stop(5.0, expectation) if stops else send("TERM", expectation)
    evaluator = CaseEvaluator(case(step), SETTINGS)
    for fact in facts:
        evaluator.see(fact)
    return evaluator.decide(now_ms * MS)


@pytest.mark.parametrize(
    "check",
    [
        ForwardedWas(SIGTERM, None, Bounds(0, 0)),
        ForwardedWas(SIGTERM, Selector(comm="other"), Bounds(at_least=1)),
        InitKilledBy((SIGKILL,)),
    ],
)
def test_the_engines_news_of_an_end_does_not_end_the_record(check: Check) -> None:
    """It is still under way: neither passed nor failed before the record reaches past the end."""
    facts = (*READY, *SIGNAL, ON_RECORD, GONE)

    early = decided(1320, expect(check), *facts)
    late = decided(1320, expect(check), *facts, FORWARDED, TraceReached(1315 * MS))

    assert isinstance(early, Undecided)
    assert early.trace_ns == GONE.at_ns
    assert not isinstance(late, Undecided)


def test_what_was_never_sent_on_is_known_when_the_record_reaches_past_the_end() -> None:
    """The twin that passes: nothing came meanwhile."""
    none = ForwardedWas(SIGTERM, None, Bounds(0, 0))
    facts = (*READY, *SIGNAL, ON_RECORD, GONE)

    assert isinstance(decided(1320, expect(none), *facts, TraceReached(1315 * MS)), Passed)
    both = (*facts, FORWARDED, TraceReached(1315 * MS))
    assert isinstance(decided(1320, expect(none), *both), Failed)


@pytest.mark.parametrize(("reached_ms", "wanted_ms"), [(1250, 1250), (1251, None)])
def test_the_record_is_known_up_to_a_time_and_not_at_it(
    reached_ms: int, wanted_ms: int | None
) -> None:
    """Of the moment of the last fact, more may be on its way."""
    facts = (*READY, *SIGNAL, ON_RECORD, TraceReached(reached_ms * MS))

    decision = decided(1320, expect(ForwardedWas(SIGTERM)), *facts)

    assert isinstance(decision, Undecided)
    assert decision.trace_ns == (wanted_ms * MS if wanted_ms is not None else None)


def test_a_quiet_period_needs_a_record_that_reaches_to_its_end() -> None:
    """What happened in it may not have arrived."""
    none = expect(ForwardedWas(SIGTERM, None, Bounds(0, 0)))
    facts = (*READY, *SIGNAL, ON_RECORD)

    early = decided(1500, none, *facts, TraceReached(1340 * MS))

    assert isinstance(early, Undecided)
    assert early.trace_ns == 1350 * MS
    assert isinstance(decided(1500, none, *facts, TraceReached(1350 * MS)), Passed)


def test_a_quiet_period_begins_when_the_signal_is_generated() -> None:
    """The engine was asked at 1,000 ms, and was slow."""
    running = expect(InitIs(InitState.RUNNING))
    facts = (*READY, SIGNAL[0], ON_RECORD, *SIGNAL[1:])
    seen = snapshot(process(), process(7), at_ms=1251, until_ms=1345)

    early = (*facts, seen, TraceReached(1345 * MS))
    late = (*facts, replace(seen, until_ns=1355 * MS), TraceReached(1355 * MS))

    assert isinstance(decided(1345, running, *early), Undecided)
    assert isinstance(decided(1355, running, *late), Passed)


def test_without_the_record_a_quiet_period_begins_with_the_engines_answer() -> None:
    """At 1,300 ms."""
    running = expect(InitIs(InitState.RUNNING))
    facts = (*BLIND, *SIGNAL)

    early = snapshot(process(), process(7), at_ms=1251, until_ms=1390)
    late = replace(early, until_ns=1400 * MS)

    assert isinstance(decided(1395, running, *facts, early), Undecided)
    assert isinstance(decided(1401, running, *facts, late), Passed)


def test_a_stop_counts_from_the_engines_first_signal() -> None:
    """Not from when it was asked for."""
    running = expect(InitIs(InitState.RUNNING))
    facts = (*BLIND, *STOP, snapshot(process(), process(7), at_ms=1010, until_ms=1590))

    assert isinstance(decided(1590, running, *facts), Undecided)
    reported = EngineSent(1450 * MS, SIGTERM)
    assert isinstance(decided(1540, running, *facts, reported), Undecided)
    assert isinstance(decided(1590, running, *facts, reported), Passed)


@pytest.mark.parametrize(
    "check",
    [
        LogsHave(absent=(Pattern("bye"),)),
        ForwardedWas(SIGTERM, None, Bounds(0, 0)),
        ProcessIs(Selector(pid=7), ProcessFacts(received=())),
        ProcessIs(Selector(pid=7), ProcessFacts(killed_with_init=False)),
    ],
)
def test_what_must_not_come_of_a_stop_must_not_have_come_when_it_is_over(check: Check) -> None:
    """However long that takes; who gives a time means that."""
    facts = (*READY, *STOP, generated("TERM", sender=RUNTIME, at_ms=1001))
    facts = (
        *facts,
        EngineSent(1002 * MS, SIGTERM),
        snapshot(process(), process(7), at_ms=1003, until_ms=3000),
    )
    known = (TraceReached(1400 * MS), EngineAnswered(1400 * MS))
    over = (StopAnswered(3000 * MS), TraceReached(3000 * MS), EngineAnswered(3000 * MS))
    timed = dataclasses.replace(expect(check), for_s=0.2)

    assert isinstance(decided(1500, expect(check), *facts, *known), Undecided)
    assert isinstance(decided(1500, timed, *facts, *known), Passed)
    assert isinstance(decided(3001, expect(check), *facts, *known, *over), Passed)


def test_output_is_known_when_the_engine_has_answered() -> None:
    """An engine that stands still has not said what the container has printed."""
    absent = expect(LogsHave(absent=(Pattern("bye"),)))
    facts = (*BLIND, *SIGNAL)

    silent = decided(1450, absent, *facts)

    assert isinstance(silent, Undecided)
    assert silent.engine_ns == 1400 * MS
    assert isinstance(decided(1450, absent, *facts, EngineAnswered(1400 * MS)), Passed)
    line = LogMatched(1420 * MS, Pattern("bye"), "bye")
    assert isinstance(decided(1450, absent, *facts, line, EngineAnswered(1400 * MS)), Failed)


def test_a_deadline_fails_nothing_that_may_have_come_in_time() -> None:
    """The last snapshot, the record and the engine must reach to the deadline."""
    exits = expect(InitExited((0,)), within=0.5)
    facts = (*BLIND, *SIGNAL)

    late = decided(1850, exits, *facts)

    assert isinstance(late, Undecided)
    assert late.engine_ns == 1800 * MS
    assert isinstance(decided(1850, exits, *facts, EngineAnswered(1800 * MS)), Failed)


def test_a_look_at_a_process_that_is_ending_is_no_proof_that_it_runs() -> None:
    """By the record it has ended, and a snapshot still shows it; the engine may say how yet."""
    running = expect(InitIs(InitState.RUNNING))
    facts = (*READY, *SIGNAL, ON_RECORD, ProcessExited(1320 * MS, INIT))
    seen = (snapshot(process(), at_ms=1360), TraceReached(1360 * MS))

    assert isinstance(decided(1361, running, *facts, *seen), Undecided)
    assert isinstance(decided(2400, running, *facts, *seen), Failed)


def test_checks_that_are_not_decided_are_waited_for_and_listed_apart() -> None:
    """One has failed for good; the end of init is on its way."""
    expectation = expect(LogsHave(absent=(Pattern("ready"),)), InitExited((0,)))
    line = LogMatched(500 * MS, Pattern("ready"), "ready")
    facts = (*BLIND[:3], line, *BLIND[3:], *SIGNAL)

    waiting = decided(1310, expectation, *facts)
    never = decided(2400, expectation, *facts)
    ended = decided(1310, expectation, *facts, GONE)

    assert isinstance(waiting, Undecided)
    assert isinstance(never, Failed)
    assert [(one.wrong, one.open) for one in never.findings] == [(True, False), (False, True)]
    assert isinstance(ended, Failed)
    assert [(one.wrong, one.open) for one in ended.findings] == [(True, False), (False, False)]


@pytest.mark.parametrize("turned", [False, True])
def test_the_same_facts_give_the_same_findings_whichever_came_first(*, turned: bool) -> None:
    """The end of init, and the end of its output."""
    expectation = expect(
        InitExited((0,)), ShutdownWas(escalated=False), LogsHave(contains=(Pattern("bye"),))
    )
    news = [InitEnded(1500 * MS, 0), LogsEnded(1500 * MS), StopAnswered(1500 * MS)]
    facts = (*BLIND, *STOP, EngineSent(1450 * MS, SIGTERM))

    first = decided(1501, expectation, *facts, *news[:1] if not turned else news[1:2])
    both = decided(1502, expectation, *facts, *(reversed(news) if turned else news))

    assert isinstance(first, Undecided)
    assert isinstance(both, Failed)
    assert [one.wrong for one in both.findings] == [False, False, True]


def zombie(at_ms: int, until_ms: int) -> Observation:
    """A look with a zombie in it."""
    dead = process(9, state=ProcessState.ZOMBIE)
    return snapshot(process(), process(7), dead, at_ms=at_ms, until_ms=until_ms)


def test_a_process_that_is_about_to_be_reaped_is_no_zombie() -> None:
    """A look fell between its end and its parent's wait."""
    none = expect(ProcessCount(Selector(), zombies=Bounds(0, 0)))
    clean = snapshot(process(), process(7), at_ms=1340, until_ms=1600)

    assert isinstance(decided(1601, none, *BLIND, *SIGNAL, zombie(1310, 1330), clean), Passed)


def test_a_zombie_that_lasts_counts() -> None:
    """The twin that fails; it is not passed before it could be seen to last."""
    none = expect(ProcessCount(Selector(), zombies=Bounds(0, 0)), within=0.6)
    facts = (*BLIND, *SIGNAL)

    assert isinstance(decided(1405, none, *facts, zombie(1310, 1400)), Undecided)
    assert isinstance(decided(1905, none, *facts, zombie(1310, 1901)), Failed)


def test_an_outcome_without_a_name_is_that_of_what_was_asked_for() -> None:
    """Not that of the SIGKILL with which the engine ended the stop."""
    dropped = expect(OutcomeWas(Outcome.DROPPED_INIT))
    caught = expect(OutcomeWas(Outcome.HANDLER_RUNS))
    facts = (
        *READY,
        *STOP,
        EngineSent(1001 * MS, SIGTERM),
        generated("TERM", Generation.IGNORED, sender=RUNTIME, at_ms=1000.5),
        EngineSent(6001 * MS, SIGKILL),
        generated("KILL", sender=RUNTIME, at_ms=6000.5),
        ProcessExited(6002 * MS, INIT),
        ParentNotified(6002 * MS, INIT, RUNTIME, ChildStatus.KILLED),
        InitEnded(6010 * MS, 137),
        TraceReached(6011 * MS),
    )

    assert isinstance(decided(6012, dropped, *facts), Passed)
    assert isinstance(decided(6012, caught, *facts), Failed)
    by_name = expect(OutcomeWas(Outcome.TERMINATED, SIGKILL))
    assert isinstance(decided(6012, by_name, *facts), Passed)


def test_masks_and_survival_tell_what_became_of_a_stop_signal() -> None:
    """Without the record: init had the default disposition, and lived on."""
    dropped = expect(OutcomeWas(Outcome.DROPPED_INIT))
    facts = (*BLIND, *STOP, EngineSent(1001 * MS, SIGTERM))
    lived = snapshot(process(), process(7), at_ms=1100, until_ms=5900)
    killed = (EngineSent(6001 * MS, SIGKILL), InitEnded(6010 * MS, 137))
    soon = InitEnded(1050 * MS, 143)

    assert isinstance(decided(6012, dropped, *facts, lived, *killed), Passed)
    assert not isinstance(decided(6012, dropped, *facts, soon), Passed)
