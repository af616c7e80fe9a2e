"""What rests on the kernel trace: delivered, outcome, forwarded, received, killed_by."""

from __future__ import annotations

import dataclasses

import pytest

from runner.history.container_history import ContainerHistory
from runner.history.fold import before_step, with_fact
from runner.judge.condition import CheckContext, CheckResult
from runner.judge.conditions import evaluate
from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import ContainerStarted, EngineSent, InitEnded
from runner.model.expectation import (
    Bounds,
    Check,
    DeliveredWas,
    ForwardedWas,
    InitIs,
    InitKilledBy,
    InitState,
    OutcomeWas,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
    ShutdownWas,
)
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    ProcessExited,
    Role,
    Task,
    TraceLost,
    TraceOpened,
)
from runner.model.observation import Observation, StepBegan, StopRequested
from runner.model.step import Sender
from tests.support.facts import (
    INIT,
    MS,
    RUNTIME,
    WORKER,
    delivered,
    generated,
    process,
    sent,
    snapshot,
    told,
)

STARTED = ContainerStarted(0)
OPENED = TraceOpened(0, 4001)
DROPPED = generated("TERM", Generation.IGNORED)
ON = generated("TERM", sender=INIT, target=WORKER, at_ms=1000.3)
GONE = InitEnded(1010 * MS, 137)


def step_zero() -> ContainerHistory:
    """A history in which a step that sends signals has begun."""
    return before_step(ContainerHistory(), StepBegan(995 * MS, 0), acts=True, sends=True)


def seen(check: Check, *facts: Observation, now_ms: int = 1200) -> CheckResult:
    """What a check looks like after these facts, of a step that began at 995 ms."""
    history = step_zero()
    for fact in facts:
        history = with_fact(history, fact)
    return evaluate(check, CheckContext(history, 995 * MS, 1000 * MS, now_ms * MS, of_step=True))


def test_what_the_record_has_discarded_was_not_delivered_and_no_later_fact_changes_that() -> None:
    """So nothing has to be waited for."""
    facts = (STARTED, OPENED, snapshot(process()), sent("TERM"), DROPPED)

    results = [seen(DeliveredWas(False), *facts), seen(OutcomeWas(Outcome.DROPPED_INIT), *facts)]
    assert [(one.holds, one.final) for one in results] == [(True, True)] * 2
    assert not seen(DeliveredWas(True), *facts).holds
    assert not seen(OutcomeWas(Outcome.HANDLER_RUNS), *facts).holds
    assert seen(OutcomeWas(None), *facts).holds


def test_each_signal_of_a_step_is_asked_for_unless_one_is_named() -> None:
    """One that was delivered is enough to contradict."""
    facts = (
        STARTED,
        OPENED,
        snapshot(process(caught=("INT",))),
        sent("TERM"),
        sent("INT"),
        DROPPED,
        generated("INT"),
        delivered("INT"),
    )

    assert not seen(DeliveredWas(False), *facts).holds
    assert seen(DeliveredWas(False, SIGTERM), *facts).holds
    assert seen(DeliveredWas(True, Signal.parse("INT")), *facts).holds
    assert not seen(OutcomeWas(Outcome.DROPPED_INIT), *facts).holds
    assert seen(OutcomeWas(Outcome.DROPPED_INIT, SIGTERM), *facts).holds
    assert not seen(OutcomeWas(Outcome.DROPPED_INIT, Signal.parse("INT")), *facts).holds
    assert seen(OutcomeWas(Outcome.HANDLER_RUNS, Signal.parse("INT")), *facts).holds
    assert not seen(OutcomeWas(None, SIGKILL), *facts).known


def test_what_is_not_recorded_yet_is_not_known() -> None:
    """It may come; a check is not called wrong for that."""
    result = seen(DeliveredWas(False), STARTED, OPENED, snapshot(process()), sent("TERM"))

    assert (result.holds, result.known, result.final) == (False, False, False)


def test_nothing_sent_can_never_be_judged() -> None:
    """That is an error, not a failure."""
    for check in (DeliveredWas(False), OutcomeWas(None)):
        result = seen(check, STARTED, OPENED, snapshot(process()))
        assert (result.known, result.final) == (False, True)


def test_a_gap_in_the_record_makes_it_worth_nothing() -> None:
    """Masks then decide what they can; the rest is an error with advice."""
    before = snapshot(process(waits=True))
    facts = (STARTED, OPENED, before, sent("TERM"), TraceLost(0, 3), DROPPED)

    for check in (DeliveredWas(False), ForwardedWas(SIGTERM)):
        result = seen(check, *facts)
        assert (result.known, result.final) == (False, True)
        assert "only the kernel trace tells this" in result.seen


def test_forwarding_is_counted_by_target() -> None:
    """What init has sent to others, by the record."""
    facts = (STARTED, OPENED, snapshot(process(), process(7)), sent("TERM"), ON)

    assert seen(ForwardedWas(SIGTERM), *facts).holds
    assert seen(ForwardedWas(SIGTERM, Selector(comm="worker"), Bounds(1, 1)), *facts).holds
    assert not seen(ForwardedWas(SIGTERM, Selector(comm="other")), *facts).holds
    assert not seen(ForwardedWas(SIGTERM, None, Bounds(2, 2)), *facts).holds
    assert not seen(ForwardedWas(SIGKILL), *facts).holds


def test_another_than_init_forwards_too() -> None:
    """Chosen by a selector; what it sends to itself is no forwarding."""
    other = dataclasses.replace(WORKER, pid=8, host_pid=4008, comm="child")
    by_worker = generated("TERM", sender=WORKER, target=other, at_ms=1000.4)
    to_itself = generated("TERM", sender=WORKER, target=WORKER, at_ms=1000.5)
    facts = (
        STARTED,
        OPENED,
        snapshot(process(), process(7), process(8, comm="child")),
        sent("TERM"),
    )
    worker = Selector(comm="worker")

    def forwarded(*record: Observation, to: str | None = None, times: int = 1) -> bool:
        selector = Selector(comm=to) if to else None
        check = ForwardedWas(SIGTERM, selector, Bounds(times, times), sender=worker)
        return seen(check, *facts, ON, *record).holds

    assert forwarded(by_worker)
    assert forwarded(by_worker, to="child")
    assert not forwarded(by_worker, to="worker")
    assert forwarded(to_itself, times=0)


@pytest.mark.parametrize(
    "other",
    [
        dataclasses.replace(ON, sender=RUNTIME),
        dataclasses.replace(ON, target=INIT),
        dataclasses.replace(ON, code=128),
    ],
)
def test_what_is_not_inits_own_sending_is_no_forwarding(other: Observation) -> None:
    """Others' signals, its own to itself, and what the kernel sends in its name."""
    assert not seen(
        ForwardedWas(SIGTERM), STARTED, OPENED, snapshot(process(), process(7)), other
    ).holds


def test_the_end_of_a_namespace_is_no_forwarding() -> None:
    """What init sends after its exit is the kernel emptying the namespace."""
    killed = generated("KILL", sender=INIT, target=WORKER, at_ms=1002)
    teardown = dataclasses.replace(killed, after_end=True)
    facts = (
        STARTED,
        OPENED,
        snapshot(process(), process(7)),
        ProcessExited(1001 * MS, INIT),
        teardown,
    )

    assert not seen(ForwardedWas(SIGKILL), *facts).holds


def test_received_is_what_was_delivered_to_a_process() -> None:
    """A signal that ends it counts by its own name; one that was discarded does not."""
    facts = (
        STARTED,
        OPENED,
        snapshot(process(), process(7)),
        generated("TERM", target=WORKER),
        delivered("KILL", Delivery.DEFAULT, task=WORKER),
        ProcessExited(1001 * MS, WORKER),
        told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1001.1),
    )

    def received(*names: str) -> ProcessIs:
        signals = tuple(Received(Signal.parse(one)) for one in names)
        return ProcessIs(Selector(comm="worker"), ProcessFacts(received=signals))

    after = snapshot(process(), at_ms=1050)

    assert seen(received("TERM"), *facts, after).holds
    assert not seen(received("INT"), *facts, after).holds
    assert not seen(received(), *facts, after).holds
    assert seen(received(), *facts[:3], snapshot(process(), process(7), at_ms=1050)).holds


def test_the_record_tells_an_exit_137_from_a_kill() -> None:
    """The number is the same."""
    by_kill = (
        STARTED,
        OPENED,
        generated("KILL", sender=RUNTIME),
        told(INIT, ChildStatus.KILLED),
        GONE,
    )
    by_itself = (STARTED, OPENED, told(INIT, ChildStatus.EXITED), GONE)

    assert seen(InitKilledBy((SIGKILL,)), *by_kill).holds
    assert not seen(InitKilledBy((SIGTERM,)), *by_kill).holds
    result = seen(InitKilledBy((SIGKILL,)), *by_itself)
    assert (result.holds, result.known, result.final) == (False, True, True)


def test_without_the_record_a_kill_needs_a_sender() -> None:
    """137 alone is never taken for a kill."""
    killed = InitKilledBy((SIGKILL,))
    alone = seen(killed, STARTED, snapshot(process()), GONE)
    ours = seen(killed, STARTED, snapshot(process()), sent("KILL", sender=Sender.HOST), GONE)
    other = seen(killed, STARTED, InitEnded(1010 * MS, 143))
    escalated = seen(
        killed,
        STARTED,
        StopRequested(1000 * MS, 0, 1.0, None),
        EngineSent(1001 * MS, SIGTERM),
        EngineSent(1005 * MS, SIGKILL),
        GONE,
    )

    assert (alone.known, alone.final) == (False, True)
    assert ours.holds
    assert escalated.holds
    assert (other.holds, other.known) == (False, True)


def test_a_shutdown_is_timed_by_the_kernel_where_it_is_recorded() -> None:
    """From when the signal was sent to when the last thread of init ended."""
    stop = StopRequested(1000 * MS, 0, 5.0, None)
    facts = (
        STARTED,
        OPENED,
        stop,
        generated("TERM", sender=RUNTIME, at_ms=1030),
        ProcessExited(1042 * MS, INIT),
        InitEnded(1080 * MS, 0),
    )

    result = seen(ShutdownWas(Bounds(0.012, 0.012)), *facts)
    assert result.holds, result.seen
    assert "by the kernel's clock" in result.seen


def test_without_the_record_a_shutdown_is_timed_as_far_as_it_is_known() -> None:
    """Between a request and its report, and between the last snapshot and the end: the engine."""
    facts = (
        STARTED,
        StopRequested(1000 * MS, 0, 5.0, None),
        EngineSent(1010 * MS, SIGTERM),
        snapshot(process(), at_ms=1050),
        InitEnded(1080 * MS, 0),
    )

    results = {
        most_s: seen(ShutdownWas(Bounds(None, most_s)), *facts) for most_s in (0.03, 0.05, 0.08)
    }

    assert {most_s: (one.holds, one.known) for most_s, one in results.items()} == {
        0.03: (False, True),
        0.05: (False, False),
        0.08: (True, True),
    }


def test_without_the_record_a_shutdown_takes_at_least_from_the_first_report_to_the_last_look() -> (
    None
):
    """Not from the SIGKILL at its end."""
    facts = (
        STARTED,
        StopRequested(1000 * MS, 0, 5.0, None),
        EngineSent(1010 * MS, SIGTERM),
        snapshot(process(), at_ms=1050, until_ms=6100),
        EngineSent(6001 * MS, SIGKILL),
        InitEnded(6110 * MS, 137),
    )

    assert seen(ShutdownWas(Bounds(at_least=5.09)), *facts).holds


def test_a_record_that_begins_late_says_of_init_what_its_parent_was_told() -> None:
    """It may have been stopped before; a record from its birth on has each stop."""
    late, halted = TraceOpened(1 * MS, 4001), told(INIT, ChildStatus.STOPPED)
    runs, stopped = InitIs(InitState.RUNNING), InitIs(InitState.STOPPED)

    assert seen(runs, STARTED, OPENED).holds
    assert not seen(runs, STARTED, late).known
    assert seen(stopped, STARTED, late, halted).holds


def test_a_new_step_that_sends_begins_a_new_record() -> None:
    """What was delivered before says nothing of it; a snapshot in between does not."""
    history = step_zero()
    for fact in (STARTED, OPENED, DROPPED):
        history = with_fact(history, fact)
    later = StepBegan(1100 * MS, 1)

    assert before_step(history, later, acts=False, sends=False).kernel_facts == (DROPPED,)
    assert before_step(history, later, acts=True, sends=False).kernel_facts == (DROPPED,)
    assert before_step(history, later, acts=True, sends=True).kernel_facts == ()


def test_a_task_names_itself_by_where_it_is() -> None:
    """As stories tell it."""
    assert [str(one) for one in (INIT, WORKER, RUNTIME)] == [
        "init (init)",
        "7 worker",
        "runc on the host",
    ]
    assert str(Task(Role.INSIDE, None, 5, "short")) == "? short"


def test_what_was_forwarded_twice_is_seen_at_the_second_time() -> None:
    """Before that, it was only once."""
    again = dataclasses.replace(ON, at_ns=1050 * MS)

    assert seen(ForwardedWas(SIGTERM, times=Bounds(2)), OPENED, ON, again).at_ns == 1050 * MS
