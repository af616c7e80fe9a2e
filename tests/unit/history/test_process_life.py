"""One process by the kernel trace: what it received, and how it ended."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.history.process_life import Ending, ProcessEnd, ProcessLife, Taking, life_of
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    ExitCalled,
    Generation,
    KernelFact,
    ProcessExited,
    SignalfdRead,
)
from tests.support.facts import INIT, MS, RUNTIME, WORKER, delivered, generated, told

END = delivered("KILL", Delivery.DEFAULT, task=WORKER, at_ms=1001)
EXITED = ProcessExited(1002 * MS, WORKER)
TEARDOWN = replace(
    generated("KILL", sender=INIT, target=WORKER, code=128, at_ms=1000.9), after_end=True
)


def worker(*record: KernelFact) -> ProcessLife:
    """Follow the worker through a record."""
    return life_of(WORKER.host_pid, record)


def signals(life: ProcessLife) -> list[str]:
    """Name what was received."""
    return [str(one.signal) for one in life.receipts]


def test_a_handler_receives_and_the_sender_is_known() -> None:
    """Each receipt names who had sent that signal."""
    life = worker(generated("TERM", sender=INIT, target=WORKER), delivered("TERM", task=WORKER))

    assert [(one.signal, one.sender) for one in life.receipts] == [(SIGTERM, INIT)]


@pytest.mark.parametrize("generation", [Generation.IGNORED, Generation.ALREADY_PENDING])
def test_what_was_not_queued_is_not_received(generation: Generation) -> None:
    """It was discarded when it was sent."""
    assert signals(worker(generated("TERM", generation, target=WORKER))) == []


def test_what_init_takes_without_a_handler_is_discarded() -> None:
    """But not what the kernel itself sends, as for a fault."""
    by_kill = (generated("TERM"), delivered("TERM", Delivery.DEFAULT))
    by_fault = (generated("SEGV", code=1), delivered("SEGV", Delivery.DEFAULT))

    assert signals(life_of(INIT.host_pid, by_kill)) == []
    assert signals(life_of(INIT.host_pid, by_fault)) == ["SIGSEGV"]


def test_of_a_signal_that_waits_twice_the_first_one_is_taken() -> None:
    """Init receives what the kernel has sent, and then discards what somebody else has."""
    by_kernel, by_worker = generated("RTMIN", code=1), generated("RTMIN", sender=WORKER)
    taken = delivered("RTMIN", Delivery.DEFAULT)

    life = life_of(INIT.host_pid, (by_kernel, by_worker, taken, taken))

    assert [one.cause for one in life.receipts] == [by_kernel]


def test_a_signal_that_ends_a_process_is_received_under_its_own_name() -> None:
    """The record says SIGKILL."""
    killed = told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1003)
    cause = generated("TERM", sender=INIT, target=WORKER)
    life = worker(cause, END, EXITED, killed)

    assert signals(life) == ["SIGTERM"]
    assert life.end == ProcessEnd(EXITED.at_ns, Ending.KILLED, cause)


def test_a_core_dump_is_received_once() -> None:
    """Its delivery has its own name."""
    life = worker(
        generated("QUIT", target=WORKER),
        delivered("QUIT", Delivery.DEFAULT, task=WORKER),
        EXITED,
        told(WORKER, ChildStatus.DUMPED, parent=INIT, at_ms=1003),
    )

    assert signals(life) == ["SIGQUIT"]
    assert life.end is not None
    assert life.end.signal == Signal.parse("QUIT")


def test_a_process_that_exits_has_not_received_what_still_waited() -> None:
    """Its threads end as by SIGKILL, and so did nobody."""
    exited = told(WORKER, ChildStatus.EXITED, parent=INIT, at_ms=1003)
    life = worker(generated("TERM", target=WORKER), END, EXITED, exited)

    assert signals(life) == []
    assert life.end is not None
    assert life.end.ending is Ending.EXITED


def test_the_end_of_the_namespace_is_no_receipt() -> None:
    """The kernel kills everybody when init ends (pid_namespaces(7))."""
    life = worker(TEARDOWN, END, EXITED, told(WORKER, ChildStatus.KILLED, at_ms=1003))

    assert signals(life) == []
    assert life.end is not None
    assert (life.end.ending, life.end.signal) == (Ending.WITH_INIT, SIGKILL)


def test_a_process_that_got_a_signal_before_init_ended_has_received_that() -> None:
    """And was killed with init all the same, if it lived on."""
    life = worker(
        generated("TERM", sender=INIT, target=WORKER),
        delivered("TERM", task=WORKER),
        TEARDOWN,
        END,
        EXITED,
        told(WORKER, ChildStatus.KILLED, at_ms=1003),
    )

    assert signals(life) == ["SIGTERM"]
    assert life.end is not None
    assert life.end.ending is Ending.WITH_INIT


def test_how_a_process_ended_is_not_known_before_its_parent_was_told() -> None:
    """An end alone does not say."""
    life = worker(generated("TERM", sender=RUNTIME, target=WORKER), EXITED)

    assert life.end is not None
    assert life.end.ending is Ending.UNKNOWN
    assert signals(life) == []


@pytest.mark.parametrize(
    ("called", "ending"),
    [((ExitCalled(1001 * MS, WORKER, 7),), Ending.EXITED), ((), Ending.KILLED)],
)
def test_a_parent_that_is_not_told_leaves_it_to_the_call_of_exit(
    called: tuple[KernelFact, ...], ending: Ending
) -> None:
    """It ignores SIGCHLD (SIG_IGN); that is sure once the record reaches past the end."""
    record = (generated("TERM", sender=INIT, target=WORKER), *called, EXITED)

    end = life_of(WORKER.host_pid, record, known_until_ns=EXITED.at_ns + 1).end

    assert end is not None
    assert end.ending is ending


def test_signals_are_read_from_a_signalfd_by_their_number() -> None:
    """As many as one read(2) has brought."""
    mask = (1 << (SIGTERM - 1)) | (1 << (Signal.parse("USR1") - 1))
    record = (
        generated("TERM", target=WORKER),
        generated("USR1", target=WORKER),
        SignalfdRead(1001 * MS, WORKER, 4, 1),
    )

    life = life_of(WORKER.host_pid, record, {4: mask})

    assert [(str(one.signal), one.taking) for one in life.receipts] == [("SIGUSR1", Taking.READ)]
