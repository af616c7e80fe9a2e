"""One process by the kernel trace, among others: what is another's is not its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.history.process_life import Ending, Taking, by_process, life_of
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    ExitCalled,
    Generation,
    KernelFact,
    ProcessExited,
    ProcessForked,
    Role,
    SignalAccepted,
    SignalfdRead,
    Task,
)
from tests.support.facts import INIT, MS, RUNTIME, WORKER, delivered, generated, told

OTHER = Task(Role.INSIDE, 8, 4008, "other")
CHLD = Signal.parse("CHLD")
EXITED = ProcessExited(1002 * MS, WORKER)
QUEUED = generated("TERM", sender=INIT, target=WORKER)


@pytest.mark.parametrize(
    "fact",
    [
        generated("HUP", target=OTHER),
        delivered("TERM", task=OTHER),
        SignalAccepted(1001 * MS, SIGTERM, OTHER),
        SignalfdRead(1001 * MS, OTHER, 4, 1),
        ExitCalled(1001 * MS, OTHER, 7),
        ProcessExited(1001 * MS, OTHER),
        told(OTHER, ChildStatus.EXITED, parent=INIT),
        told(WORKER, ChildStatus.STOPPED, parent=INIT),
    ],
    ids=["generated", "delivered", "accepted", "read", "exit", "exited", "told", "stopped"],
)
def test_what_others_do_says_nothing_of_a_process(fact: KernelFact) -> None:
    """Nor does a stop: it lives, and has received nothing; then it ends by what was sent to it."""
    killed = (EXITED, told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1003))
    fds = {4: 1 << (SIGTERM - 1)}

    lives = life_of(WORKER.host_pid, (QUEUED, fact), fds)
    ended = life_of(WORKER.host_pid, (QUEUED, fact, *killed), fds)

    exited = (EXITED, told(WORKER, ChildStatus.EXITED, parent=INIT, at_ms=1003))
    by_itself = life_of(WORKER.host_pid, (fact, *exited), fds).end

    assert by_itself is not None
    assert (by_itself.ending, by_itself.status) == (Ending.EXITED, None)
    assert (lives.receipts, lives.end, lives.perhaps_read) == ([], None, False)
    assert ended.end is not None
    assert (ended.end.ending, ended.end.cause, ended.end.status) == (Ending.KILLED, QUEUED, None)


def test_each_process_has_the_facts_of_its_life() -> None:
    """Those of its signals and its end; a parent has those of its children's ends."""
    by_worker, by_other = delivered("TERM", task=WORKER), delivered("TERM", task=OTHER)
    end, birth = told(OTHER, ChildStatus.EXITED, parent=WORKER), ProcessForked(MS, WORKER, OTHER)

    found = by_process((by_worker, by_other, end, birth, QUEUED))

    assert found == {WORKER.host_pid: [by_worker, end, QUEUED], OTHER.host_pid: [by_other, end]}


@pytest.mark.parametrize(
    ("parent", "generation", "received"),
    [
        (WORKER, Generation.QUEUED, [CHLD]),
        (WORKER, Generation.IGNORED, []),
        (INIT, Generation.QUEUED, []),
    ],
)
def test_a_parent_reads_the_sigchld_that_was_queued_for_it(
    parent: Task, generation: Generation, received: list[Signal]
) -> None:
    """One that it ignores is not queued, and one for another parent is not its own."""
    notice = replace(told(OTHER, ChildStatus.EXITED, parent=parent), generation=generation)
    record = (notice, SignalfdRead(1001 * MS, WORKER, 4, 1))

    life = life_of(WORKER.host_pid, record, {4: 1 << (CHLD - 1)})

    assert [one.signal for one in life.receipts] == received
    assert all(one.sender is None for one in life.receipts)


def test_the_first_that_was_queued_is_taken_first() -> None:
    """Of several of one number, each sender is known; also where init discards the first."""
    first = generated("RTMIN", sender=INIT, target=WORKER, at_ms=1000)
    second = generated("RTMIN", sender=OTHER, target=WORKER, at_ms=1001)
    taken = delivered("RTMIN", task=WORKER, at_ms=1002)
    accepted = SignalAccepted(1002 * MS, first.signal, WORKER)
    ignored = delivered("RTMIN", Delivery.IGNORED, task=WORKER, at_ms=1002)

    for record in ((first, second, taken), (first, second, accepted)):
        assert [one.cause for one in life_of(WORKER.host_pid, record).receipts] == [first]
    life = life_of(WORKER.host_pid, (first, second, ignored, taken))
    assert [one.cause for one in life.receipts] == [second]


def end_of(*record: KernelFact, status: ChildStatus = ChildStatus.KILLED) -> Signal | None:
    """Give the signal that has ended the worker."""
    end = life_of(WORKER.host_pid, (*record, EXITED, told(WORKER, status, parent=INIT))).end
    assert end is not None
    return end.signal


def test_the_last_fatal_signal_that_nobody_took_has_ended_a_process() -> None:
    """After SIGKILL no other one does; one that ends nothing by default, or was handled, never."""
    hup, kill = generated("HUP", target=WORKER), generated("KILL", target=WORKER)
    chld = generated("CHLD", target=WORKER)

    assert end_of(hup, QUEUED) == SIGTERM
    assert end_of(kill, QUEUED) == SIGKILL
    assert end_of(QUEUED, kill) == SIGKILL
    assert end_of(QUEUED, chld) == SIGTERM
    assert end_of(hup, QUEUED, delivered("HUP", task=WORKER)) == SIGTERM
    assert end_of(hup, QUEUED, SignalAccepted(1001 * MS, hup.signal, WORKER)) == SIGTERM
    assert end_of(QUEUED, delivered("TERM", task=WORKER)) is None
    assert end_of(QUEUED, SignalAccepted(1001 * MS, SIGTERM, WORKER)) is None
    assert end_of(QUEUED, delivered("TERM", Delivery.IGNORED, task=WORKER)) is None


def test_a_handler_that_ran_has_not_ended_a_process_that_is_killed_later() -> None:
    """Its end has no cause on record then, and it has received the one signal once."""
    record = (QUEUED, delivered("TERM", task=WORKER), EXITED)

    life = life_of(WORKER.host_pid, (*record, told(WORKER, ChildStatus.KILLED, parent=INIT)))

    assert [(one.signal, one.taking) for one in life.receipts] == [(SIGTERM, Taking.DELIVERED)]
    assert life.end is not None
    assert (life.end.ending, life.end.cause) == (Ending.KILLED, None)


def test_what_init_takes_of_an_unknown_sender_is_discarded() -> None:
    """Only the kernel can make it act, and that would be on record."""
    assert life_of(INIT.host_pid, (delivered("TERM", Delivery.DEFAULT),)).receipts == []
    stopped = life_of(INIT.host_pid, (delivered("STOP", Delivery.DEFAULT),))
    assert [str(one.signal) for one in stopped.receipts] == ["SIGSTOP"]


@pytest.mark.parametrize(
    ("known_until_ns", "system_calls", "ending"),
    [
        (EXITED.at_ns + 1, True, Ending.KILLED),
        (EXITED.at_ns, True, Ending.UNKNOWN),
        (EXITED.at_ns + 1, False, Ending.UNKNOWN),
    ],
)
def test_without_system_calls_or_all_facts_a_parent_that_is_not_told_leaves_it_open(
    known_until_ns: int, *, system_calls: bool, ending: Ending
) -> None:
    """The call of exit(2) may be missing, or its parent may be told yet."""
    life = life_of(
        WORKER.host_pid,
        (QUEUED, EXITED),
        system_calls=system_calls,
        known_until_ns=known_until_ns,
    )

    assert life.end is not None
    assert life.end.ending is ending


def test_a_parent_may_be_told_before_the_end_is_on_record() -> None:
    """The time is then that of the notice, and the status that of exit(2)."""
    notice = told(WORKER, ChildStatus.EXITED, parent=RUNTIME, at_ms=1005)

    early = life_of(WORKER.host_pid, (ExitCalled(1001 * MS, WORKER, 3), notice)).end
    late = life_of(WORKER.host_pid, (ExitCalled(1001 * MS, WORKER, 3), EXITED, notice)).end

    assert early is not None
    assert late is not None
    assert (early.at_ns, early.ending, early.status) == (1005 * MS, Ending.EXITED, 3)
    assert (late.at_ns, late.ending, late.status) == (EXITED.at_ns, Ending.EXITED, 3)


def test_reading_from_an_unknown_descriptor_may_have_taken_what_was_queued() -> None:
    """Where nothing was queued, nothing can have been taken."""
    read = SignalfdRead(1001 * MS, WORKER, 9, 1)

    assert life_of(WORKER.host_pid, (QUEUED, read), {4: 1}).perhaps_read
    assert not life_of(WORKER.host_pid, (read,), {4: 1}).perhaps_read
    anywhere = replace(read, fd=None)
    known = life_of(WORKER.host_pid, (QUEUED, anywhere), {4: 1 << (SIGTERM - 1)})
    assert [(one.signal, one.taking) for one in known.receipts] == [(SIGTERM, Taking.READ)]
