"""What is asked of processes on the kernel trace: `received`, `exited`, `killed_by`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.condition import CheckResult
from runner.judge.conditions import evaluate
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import InitEnded
from runner.model.expectation import Bounds, ProcessFacts, ProcessIs, Received, Selector
from runner.model.kernel_facts import (
    ChildStatus,
    ExitCalled,
    ParentNotified,
    ProcessEventsOmitted,
    ProcessExited,
    Role,
    SubreaperSet,
    Task,
)
from runner.model.observation import Observation, RestartRequested, TraceReached
from tests.support.histories import (
    INIT,
    KID,
    MS,
    OPENED,
    OUTSIDE,
    context,
    delivered,
    generated,
    history,
    process,
    seen,
)

SNAPSHOT = seen(1, process(1, "init"), process(7, "kid"))
BY_INIT = (generated(10, SIGTERM, by=INIT, to=KID), delivered(10, SIGTERM, KID))
BY_OUTSIDE = (generated(20, SIGTERM, by=OUTSIDE, to=KID), delivered(20, SIGTERM, KID))
TEARDOWN = replace(generated(30, SIGKILL, by=INIT, to=KID, code=128), after_end=True)


def end(told: ChildStatus, *before: Observation) -> tuple[Observation, ...]:
    """The end of the kid, as the record shows it."""
    return (*before, ProcessExited(40 * MS, KID), ParentNotified(41 * MS, KID, INIT, told))


EXITS_7 = end(ChildStatus.EXITED, ExitCalled(39 * MS, KID, 7))
KILLED = end(ChildStatus.KILLED, generated(35, SIGTERM, by=INIT, to=KID))
WITH_INIT = end(ChildStatus.KILLED, TEARDOWN)


def kid(facts: ProcessFacts, *record: Observation, opened: Observation = OPENED) -> CheckResult:
    """Ask facts of the process `kid`."""
    check = ProcessIs(Selector(comm="kid"), facts)
    return evaluate(check, context(history(SNAPSHOT, opened, *record)))


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (Received(SIGTERM), True),
        (Received(SIGTERM, Bounds(2, 2)), True),
        (Received(SIGTERM, Bounds(1, 1)), False),
        (Received(SIGTERM, Bounds(0, 0)), False),
        (Received(SIGKILL, Bounds(0, 0)), True),
        (Received(SIGTERM, Bounds(1, 1), Selector(comm="init")), True),
        (Received(SIGTERM, Bounds(1, 1), Selector(pid=1)), True),
        (Received(SIGTERM, Bounds(1, 1), Selector(comm="dockerd")), True),
        (Received(SIGTERM, sender=Selector(comm="other")), False),
    ],
)
def test_received_says_how_often_and_from_whom(wanted: Received, *, holds: bool) -> None:
    """Init has sent SIGTERM once, and so has a process outside."""
    result = kid(ProcessFacts(received=(wanted,)), *BY_INIT, *BY_OUTSIDE)

    assert (result.holds, result.known) == (holds, True)


def test_a_sender_that_is_not_on_record_may_be_anybody() -> None:
    """That is not known, and not wrong."""
    result = kid(
        ProcessFacts(received=(Received(SIGTERM, sender=Selector(pid=1)),)),
        delivered(10, SIGTERM, KID),
    )

    assert (result.holds, result.known) == (False, False)


@pytest.mark.parametrize(
    ("facts", "true_of"),
    [
        (ProcessFacts(exited=(0, 7)), EXITS_7),
        (ProcessFacts(killed_by=(SIGTERM,)), KILLED),
        (ProcessFacts(killed_by=(SIGKILL,)), WITH_INIT),
        (ProcessFacts(killed_with_init=True), WITH_INIT),
    ],
)
@pytest.mark.parametrize("record", [EXITS_7, KILLED, WITH_INIT])
def test_how_a_process_has_ended(
    facts: ProcessFacts, true_of: tuple[Observation, ...], record: tuple[Observation, ...]
) -> None:
    """Each end is one of three, decided for good when it is in the trace."""
    result = kid(facts, *record)

    assert (result.holds, result.final, result.known) == (record is true_of, True, True)


def test_another_status_is_another_end() -> None:
    """A list names those that will do."""
    assert not kid(ProcessFacts(exited=(0, 8)), *EXITS_7).holds


@pytest.mark.parametrize("record", [EXITS_7, KILLED])
def test_a_process_that_ended_by_itself_was_not_killed_with_init(
    record: tuple[Observation, ...],
) -> None:
    """Nor one that still runs, as long as it does."""
    wanted = ProcessFacts(killed_with_init=False)

    assert (kid(wanted, *record).holds, kid(wanted, *record).final) == (True, True)
    assert (kid(wanted).holds, kid(wanted).final) == (True, False)
    assert not kid(wanted, *WITH_INIT).holds


def test_what_the_kernel_sends_at_the_end_of_a_namespace_is_no_receipt() -> None:
    """It heard of nothing, and was killed with init."""
    assert kid(ProcessFacts(received=(), killed_with_init=True), *WITH_INIT).holds
    assert not kid(ProcessFacts(received=(Received(SIGKILL),)), *WITH_INIT).holds


def test_a_status_that_is_not_on_record_is_not_known() -> None:
    """Without system calls, the record says that it exited, and not with what."""
    told = end(ChildStatus.EXITED)
    no_calls = replace(OPENED, syscalls=False)

    result = kid(ProcessFacts(exited=(7,)), *told, opened=no_calls)

    assert (result.holds, result.known) == (False, False)
    assert "no system calls" in result.seen


def test_by_which_signal_a_process_was_killed_may_not_be_on_record() -> None:
    """Its parent was told that one did it: that is not known, and not wrong."""
    result = kid(ProcessFacts(killed_by=(SIGTERM,)), *end(ChildStatus.KILLED))

    assert (result.holds, result.known) == (False, False)
    assert "not in the trace" in result.seen
    assert not kid(ProcessFacts(exited=(7,)), *end(ChildStatus.KILLED)).holds


def test_a_subreaper_has_asked_for_it() -> None:
    """prctl(2); it may take that back."""
    on, off = SubreaperSet(5 * MS, KID, on=True), SubreaperSet(6 * MS, KID, on=False)
    wanted = ProcessFacts(subreaper=True)

    assert kid(wanted, on).holds
    assert not kid(wanted, on, off).holds
    assert kid(ProcessFacts(subreaper=False)).holds
    assert not kid(wanted, on, opened=replace(OPENED, syscalls=False)).known


@pytest.mark.parametrize("facts", [ProcessFacts(subreaper=True), ProcessFacts(exited=(7,))])
def test_what_a_process_has_not_done_it_may_yet_do(facts: ProcessFacts) -> None:
    """That is wrong now, and not for good."""
    result = kid(facts)

    assert (result.holds, result.known, result.final) == (False, True, False)


def test_of_several_processes_one_is_enough_to_be_wrong_for_good() -> None:
    """What is right of all is so for good when it is of each."""
    twin = Task(Role.INSIDE, 8, 1008, "kid")
    both = (generated(10, SIGTERM, by=INIT, to=twin), *EXITS_7)

    right = kid(ProcessFacts(killed_with_init=False), *both)
    wrong = kid(ProcessFacts(exited=(0,)), *both)

    assert (right.holds, right.final) == (True, False)
    assert (wrong.holds, wrong.final) == (False, True)


def test_who_has_sent_what_was_received_is_said_where_it_is_on_record() -> None:
    """All of them."""
    twice = ProcessFacts(received=(Received(SIGTERM, Bounds(2, 2)),))
    once = ProcessFacts(received=(Received(SIGTERM, Bounds(1, 1)),))

    both = kid(twice, *BY_INIT, *BY_OUTSIDE).seen
    assert both.endswith("SIGTERM 2 times, from init (init) and dockerd on the host")
    assert kid(once, delivered(10, SIGTERM, KID)).seen.endswith("SIGTERM once")


def test_facts_are_so_for_good_when_each_of_them_is() -> None:
    """What was received stays so; that it was not killed with init may change."""
    got = (Received(SIGTERM),)

    assert kid(ProcessFacts(received=got), *BY_INIT).final
    both = kid(ProcessFacts(received=got, killed_with_init=False), *BY_INIT)
    assert (both.holds, both.final) == (True, False)


@pytest.mark.parametrize("wanted", [(), (Received(SIGTERM, Bounds(2, 2)),)])
def test_what_was_received_has_come_about_with_the_last_of_it(wanted: tuple[Received, ...]) -> None:
    """Whether that is right or wrong."""
    result = kid(ProcessFacts(received=wanted), *BY_INIT, *BY_OUTSIDE)

    assert result.at_ns == BY_OUTSIDE[-1].at_ns


def test_nobody_is_asked_who_had_ended_before_the_step() -> None:
    """What became of it is no business of this one."""
    before = seen(2, process(1, "init"))
    facts = ProcessFacts(received=())
    gone = history(SNAPSHOT, OPENED, before)
    later = replace(gone, spans=(replace(gone.spans[0], began_ns=50 * MS),))

    result = evaluate(ProcessIs(Selector(comm="kid"), facts), context(later))

    assert (result.holds, result.known) == (False, True)
    assert "was ever seen" in result.seen


QUICK = Task(Role.INSIDE, 9, 1009, "quick")


def test_too_little_is_known_of_one_that_came_and_went() -> None:
    """It got a signal, and no snapshot has shown its arguments: it may be the one that is meant."""
    record = (generated(10, SIGTERM, to=QUICK), delivered(10, SIGTERM, QUICK))

    def asked(wanted: tuple[Received, ...], argv: str) -> tuple[bool, bool]:
        check = ProcessIs(Selector(argv=argv), ProcessFacts(received=wanted))
        result = evaluate(check, context(history(SNAPSHOT, OPENED, *record)))
        return result.holds, result.known

    assert asked((Received(SIGTERM),), "quick") == (False, False)
    assert asked((), "kid") == (False, False)
    assert asked((Received(SIGTERM),), "kid") == (False, True)


@pytest.mark.parametrize("wanted", [True, False])
def test_who_may_be_meant_makes_nothing_unknown_by_what_may_change(*, wanted: bool) -> None:
    """It is no subreaper, and may become one."""
    record = (generated(10, SIGTERM, to=QUICK), delivered(10, SIGTERM, QUICK))
    check = ProcessIs(Selector(argv="quick"), ProcessFacts(subreaper=wanted))

    result = evaluate(check, context(history(SNAPSHOT, OPENED, *record)))

    assert (result.holds, result.known) == (False, True)


@pytest.mark.parametrize(
    ("selector", "known"),
    [(Selector(pid=1, argv="app"), False), (Selector(pid=1, comm="other"), True)],
)
def test_an_init_that_no_look_has_shown_may_be_the_one_that_is_meant(
    selector: Selector, *, known: bool
) -> None:
    """Its name is in the trace, and its arguments are not."""
    record = (generated(10, SIGTERM), delivered(10, SIGTERM))
    check = ProcessIs(selector, ProcessFacts(received=(Received(SIGTERM),)))

    result = evaluate(check, context(history(OPENED, *record)))

    assert (result.holds, result.known) == (False, known)


def test_who_was_never_seen_is_a_failure_once_the_record_is_whole() -> None:
    """Until then it may still come."""
    check = ProcessIs(Selector(comm="other"), ProcessFacts(received=()))
    facts = (SNAPSHOT, OPENED, *BY_INIT, InitEnded(50 * MS, 0))

    early = evaluate(check, context(history(*facts)))
    late = evaluate(check, context(history(*facts, TraceReached(60 * MS))))

    assert [(one.holds, one.final) for one in (early, late)] == [(False, False), (False, True)]


def test_what_was_left_out_cannot_be_said() -> None:
    """An end, or a process, may be among those that were too many to be kept."""
    omitted = ProcessEventsOmitted(30 * MS, 30 * MS, 1)

    not_ended = kid(ProcessFacts(exited=(7,)), omitted)
    seen_to_end = kid(ProcessFacts(exited=(7,)), omitted, *EXITS_7)
    other = ProcessIs(Selector(comm="other"), ProcessFacts(exited=(7,)))
    never_seen = evaluate(other, context(history(SNAPSHOT, OPENED, omitted)))

    assert (not_ended.holds, not_ended.known) == (False, False)
    assert (seen_to_end.holds, seen_to_end.known) == (True, True)
    assert (never_seen.holds, never_seen.known) == (False, False)
    assert "too many" in not_ended.seen
    assert "too many" in never_seen.seen


def test_what_several_show_is_so_since_the_last_of_them_showed_it() -> None:
    """All must show it, so the first one is not enough."""
    two = replace(KID, pid=8, host_pid=1008)
    shown = seen(1, process(1, "init"), process(7, "kid"), process(8, "kid"))
    record = [
        fact
        for at_ms, task in ((10, KID), (20, two))
        for fact in (generated(at_ms, SIGTERM, to=task), delivered(at_ms, SIGTERM, task))
    ]
    check = ProcessIs(Selector(comm="kid"), ProcessFacts(received=(Received(SIGTERM),)))

    result = evaluate(check, context(history(shown, OPENED, *record)))

    assert (result.holds, result.at_ns) == (True, 20 * MS)


def test_one_fact_that_can_never_be_shown_is_enough() -> None:
    """What it has received it will always have, however it ends."""
    result = kid(ProcessFacts(received=(), exited=(0,)), *BY_INIT)

    assert (result.holds, result.final) == (False, True)


def test_a_process_that_has_received_nothing_is_said_to_have() -> None:
    """Not with an empty list."""
    assert "has received nothing" in kid(ProcessFacts(received=(Received(SIGTERM),))).seen


def test_an_init_that_is_to_be_restarted_and_has_not_ended_has_its_processes() -> None:
    """They are those of before the restart, until it ends."""
    asked = RestartRequested(5 * MS, 0, 5.0)

    assert kid(ProcessFacts(received=(Received(SIGTERM),)), asked, *BY_INIT).holds


def test_an_end_that_is_not_known_yet_is_no_answer() -> None:
    """Whether it was killed with init is open, also where that is what must not be."""
    result = kid(ProcessFacts(killed_with_init=False), ProcessExited(40 * MS, KID))

    assert (result.holds, result.known) == (False, False)
