"""What was true for long enough is met, also if it is over before that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.history.container_history import ContainerHistory
from runner.history.fold import with_fact
from runner.judge.evaluator import CaseEvaluator
from runner.judge.true_interval import ended_after
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import ContainerCreated, ContainerStarted, InitEnded, InitRestarted
from runner.model.expectation import Expectation, InitIs, InitState, LogsHave, Pattern
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    ParentNotified,
    ProcessExited,
    SignalDelivered,
    TraceOpened,
)
from runner.model.observation import (
    EngineAnswered,
    LogMatched,
    Observation,
    ProbeClosed,
    StepActed,
    StepBegan,
    StepEnded,
    TraceReached,
)
from runner.model.step import Sender
from runner.model.verdict import Decision, Errored, Failed, Passed, Undecided
from tests.support.cases import SETTINGS, case, send
from tests.support.facts import INIT, MS, RUNTIME, generated, process, sent, snapshot

RUNNING = InitIs(InitState.RUNNING)
BLIND = (
    ContainerCreated(0, "c"),
    ContainerStarted(1 * MS),
    StepBegan(2 * MS, -1),
    StepActed(2 * MS, -1),
    snapshot(process(), at_ms=3, until_ms=900),
    StepEnded(900 * MS, -1),
    StepBegan(995 * MS, 0),
    replace(sent("TERM", sender=Sender.HOST), answered_ns=1010 * MS),
    StepActed(1010 * MS, 0),
)
RECORDED = (TraceOpened(1 * MS, INIT.host_pid), *BLIND, generated("TERM", RUNTIME, at_ms=1005))
SEEN = snapshot(process(), at_ms=1012, until_ms=1015)
ENDED = InitEnded(1510 * MS, 0)


def exited(at_ms: int) -> ProcessExited:
    """Init has ended, by the record."""
    return ProcessExited(at_ms * MS, INIT)


def decided(*facts: Observation, expectation: Expectation | None = None) -> Decision:
    """Say how `init: running` after a signal stands, with a quiet period of 100 ms."""
    evaluator = CaseEvaluator(case(send("TERM", expectation or Expectation((RUNNING,)))), SETTINGS)
    for fact in facts:
        evaluator.see(fact)
    return evaluator.decide(1520 * MS)


def test_the_record_says_late_that_init_ran_for_long_enough() -> None:
    """It ended half a second later, when the quiet period was over."""
    facts = (*RECORDED, SEEN, ENDED, exited(1500))

    early = decided(*facts)

    assert isinstance(early, Undecided)
    assert early.trace_ns is not None
    assert isinstance(decided(*facts, TraceReached(1501 * MS)), Passed)


def test_an_end_in_the_quiet_period_that_is_known_late_is_a_failure() -> None:
    """The twin: the engine's report came at the same time."""
    facts = (*RECORDED, SEEN, ENDED, exited(1050), TraceReached(1501 * MS))

    assert isinstance(decided(*facts), Failed)


def test_a_stop_in_the_quiet_period_that_is_known_late_is_one_too() -> None:
    """A process that is stopped does not run."""
    stopped = ParentNotified(1050 * MS, INIT, RUNTIME, ChildStatus.STOPPED)
    facts = (*RECORDED, SEEN, ENDED, exited(1500), stopped, TraceReached(1501 * MS))

    assert not isinstance(decided(*facts), Passed)


@pytest.mark.parametrize(
    ("seen", "end", "verdict"),
    [
        (SEEN, (ENDED,), Errored),
        (SEEN, (ProbeClosed(1050 * MS), ENDED), Failed),
        (replace(SEEN, until_ns=1200 * MS), (ENDED,), Passed),
    ],
)
def test_without_the_record_looks_and_the_end_of_the_probe_decide(
    seen: Observation, end: tuple[Observation, ...], verdict: type
) -> None:
    """What the engine reports has happened earlier, nobody knows when."""
    assert isinstance(decided(*BLIND, seen, *end), verdict)


@pytest.mark.parametrize(
    "fact",
    [snapshot(process(), at_ms=1000), exited(1000), InitEnded(1000 * MS, 0)],
    ids=["look", "record", "engine"],
)
def test_what_ends_at_a_time_was_so_until_then(fact: Observation) -> None:
    """And not for a moment longer."""
    history = with_fact(ContainerHistory(), fact)

    assert ended_after(fact, history, 1000 * MS)
    assert not ended_after(fact, history, 1000 * MS + 1)


def test_output_that_comes_late_counts() -> None:
    """It has no time of its own."""
    both = Expectation((RUNNING, LogsHave(absent=(Pattern("bye"),))))
    known = (TraceReached(1501 * MS), EngineAnswered(1515 * MS))
    facts = (*RECORDED, SEEN, ENDED, exited(1500))
    bye = LogMatched(1512 * MS, Pattern("bye"), "bye")

    assert isinstance(decided(*facts, *known, expectation=both), Passed)
    assert isinstance(decided(*facts, bye, *known, expectation=both), Failed | Errored)


def test_an_init_that_no_look_has_shown_ran_by_its_record() -> None:
    """It was started anew and ended before the probe could be."""
    begun = (
        InitRestarted(1020 * MS, 1),
        TraceOpened(1019 * MS, INIT.host_pid),
    )
    facts = (*RECORDED, SEEN, InitEnded(1016 * MS, 0), *begun)
    ran = (*facts, InitEnded(1510 * MS, 0), exited(1500), TraceReached(1501 * MS))

    assert isinstance(decided(*ran), Passed)


def test_who_was_stopped_by_the_record_is_stopped_before_a_look_shows_it() -> None:
    """And runs again when that is in the trace."""
    stop = generated("STOP", RUNTIME, at_ms=1020)
    took = SignalDelivered(1021 * MS, SIGTERM, INIT, Delivery.DEFAULT)
    told = ParentNotified(1021 * MS, INIT, RUNTIME, ChildStatus.STOPPED)
    again = ParentNotified(1022 * MS, INIT, RUNTIME, ChildStatus.CONTINUED)
    stopped = Expectation((InitIs(InitState.STOPPED),))
    facts = (*RECORDED, SEEN, stop, took, told)

    assert isinstance(decided(*facts, expectation=stopped), Passed)
    assert isinstance(decided(*facts, again, expectation=stopped), Undecided)
    whole = TraceReached(1030 * MS)
    assert isinstance(decided(*facts, again, whole, expectation=stopped), Passed)
    shown = snapshot(process(state=ProcessState.STOPPED), at_ms=1030)
    assert isinstance(decided(*facts, again, shown, expectation=stopped), Passed)
