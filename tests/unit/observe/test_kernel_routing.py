"""
Which containers are told of an event: neither of what is somebody else's, nor less than there is.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.engine.trace.lines import Scope
from runner.model.kernel_facts import (
    KernelFact,
    SignalGenerated,
    TraceLost,
    TraceOpened,
)
from runner.observe.kernel_events import Lost
from runner.observe.kernel_router import KernelRouter
from tests.support.kernel_lines import birth_of, feed, head, sent, taken


def gap(since_us: int, until_us: int) -> Lost:
    """A gap, in microseconds after the first second."""
    return Lost(1_000_000_000 + until_us * 1000, 12, 1_000_000_000 + since_us * 1000)


def lives(name: int, born_us: int, freed_us: int | None = None) -> tuple[list[str], list[str]]:
    """Give the lines of the birth of a container, by the PID of its init, and of its end."""
    birth = [
        head(f"runc:[1:CHILD]-{name + 1}", birth_of(name, "app", flags=0x8000), born_us),
        f"identity: {name} {name} 1 2 {name} 0 -",
        head(f"app-{name}", f"sched_process_exec: filename=/app pid={name} old_pid=7", born_us),
    ]
    if freed_us is None:
        return birth, []
    return birth, [head("x-1", f"sched_process_free: comm=app pid={name} prio=120", freed_us)]


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (gap(10, 20), {"early", "late"}),
        (gap(10, 12), {"early"}),
        (gap(0, 3), set()),
        (gap(31, 40), {"late"}),
    ],
)
def test_a_gap_is_told_to_who_was_there_in_its_time(lost: Lost, told: set[str]) -> None:
    """Not to those that had ended before it began, nor to one that was born after it had ended."""
    router, facts = KernelRouter(), {"early": list[KernelFact](), "late": list[KernelFact]()}
    early, early_ends = lives(100, 5, 30)
    late, _ = lives(200, 15)
    feed(router, *early)
    router.register(100, facts["early"].append, now_ns=0, alone=False)
    feed(router, *late, *early_ends)
    router.feed(lost)
    router.register(200, facts["late"].append, now_ns=0, alone=False)

    assert told == {name for name, all_of_it in facts.items() if lost_in(all_of_it)}
    for one in (one for all_of_it in facts.values() for one in lost_in(all_of_it)):
        assert one == TraceLost(lost.at_ns, 12, lost.since_ns)


def lost_in(facts: list[KernelFact]) -> list[TraceLost]:
    """Give the gaps."""
    return [one for one in facts if isinstance(one, TraceLost)]


def test_a_namespace_with_the_inode_of_an_earlier_one_is_another() -> None:
    """
    The kernel gives the inode again at once. Whoever is known from before is no business of it,
    even where the record has not come to the end of the earlier one.
    """
    router, facts = KernelRouter(), list[KernelFact]()
    child = head("app-100", birth_of(101, "app"), 6)
    feed(router, *lives(100, 5)[0], child, "identity: 101 101 2 2 100 0 -")
    again = [
        line.replace("identity: 200 200 1 2 200", "identity: 200 200 1 2 100")
        for line in (lives(200, 15)[0])
    ]
    feed(router, *again)
    router.register(200, facts.append, now_ns=0, alone=False)
    feed(router, sent("app-101", 15, 100, at_us=20), taken("app-101", 9, at_us=21))

    assert facts[0] == TraceOpened(1_000_015_000, 200)
    assert len(facts) == 2


def test_a_lagging_reader_does_not_take_another_process_for_the_one_that_was_born() -> None:
    """The number was given again before /proc was asked: that one has started later."""
    router, facts = KernelRouter(), list[KernelFact]()
    birth, who, program = lives(100, 5)[0]
    feed(router, birth, who.replace(" 0 -", " 1900000000 -"), program)

    assert not router.register(100, facts.append, now_ns=0, alone=False)


def test_a_container_outside_the_record_is_not_said_to_be_on_it() -> None:
    """Where only what descends from the engine's processes is recorded, and it was not born so."""
    router, facts = KernelRouter(), list[KernelFact]()
    router.feed(Scope(engine_only=True, syscalls=True))
    router.register(100, facts.append, now_ns=0, alone=False)
    feed(router, "identity: 100 100 1 2 77 0 -", sent("runc-5", 15, 100))

    assert facts == []


def test_a_container_that_was_there_before_is_recorded_from_now_on() -> None:
    """Where all tasks are; what is read later and is older may be somebody else's."""
    router, facts = KernelRouter(), list[KernelFact]()
    router.feed(Scope(engine_only=False, syscalls=False))
    router.register(100, facts.append, now_ns=1_000_010_000, alone=False)
    feed(router, "identity: 100 100 1 2 77 0 -")
    feed(router, sent("runc-5", 15, 100, at_us=9), sent("runc-5", 1, 100, at_us=11))

    opened, one = facts
    assert opened == TraceOpened(1_000_010_000, 100, syscalls=False)
    assert isinstance(one, SignalGenerated)
    assert int(one.signal) == 1


def test_a_container_that_nobody_knows_and_that_makes_too_many_events_is_left_out() -> None:
    """If it turns out to be of this run, its record is not whole, and it is told nothing more."""
    asked, facts = list[int](), list[KernelFact]()
    router = KernelRouter(leaves_out(asked))
    feed(router, *lives(100, 5)[0])

    assert router.too_noisy(100)
    router.register(100, facts.append, now_ns=0, alone=False)
    feed(router, sent("runc-5", 15, 100))

    assert asked == [100]
    (lost,) = facts
    assert isinstance(lost, TraceLost)
    assert lost.since_ns == 1_000_005_000


def test_a_sender_outside_has_its_name_also_where_the_kernel_has_forgotten_it() -> None:
    """The kernel keeps a limited number of names for the heads of lines."""
    router, facts = KernelRouter(), list[KernelFact]()
    feed(router, *lives(100, 5)[0])
    router.register(100, facts.append, now_ns=0, alone=False)
    feed(
        router,
        head("shim-50", birth_of(51, "shim"), 6),
        head("<...>-51", "sched_process_exec: filename=/usr/bin/runc pid=51 old_pid=51", 7),
        sent("<...>-51", 15, 100, at_us=8),
        head("x-1", "sched_process_free: comm=runc pid=51 prio=120", 9),
        sent("<...>-51", 15, 100, at_us=10),
    )

    senders = [one.sender.comm for one in facts if isinstance(one, SignalGenerated)]
    assert senders == ["runc", ""]


@pytest.mark.parametrize("noisy", [100, 101])
def test_what_is_left_out_before_its_birth_is_read_is_not_whole(noisy: int) -> None:
    """What makes too many events is left out before its turn."""
    facts = list[KernelFact]()
    router = KernelRouter(leaves_out([]))

    assert router.too_noisy(noisy)
    feed(router, *lives(100, 5)[0])
    router.register(100, facts.append, now_ns=0, alone=False)
    feed(router, head("app-100", birth_of(101, "app"), 6), "identity: 101 101 2 2 100 0 -")

    assert lost_in(facts)


def test_a_container_of_this_run_is_not_left_out() -> None:
    """However many events it makes."""
    asked = list[int]()
    router = KernelRouter(leaves_out(asked))
    feed(router, *lives(100, 5)[0])
    router.register(100, list[KernelFact]().append, now_ns=0, alone=False)

    assert not router.too_noisy(100)
    assert asked == []


def test_what_the_kernel_goes_on_to_record_is_not_said_to_be_left_out() -> None:
    """Such as a process of the machine's own."""
    facts = list[KernelFact]()
    router = KernelRouter(lambda _: False)
    feed(router, *lives(100, 5)[0])

    assert not router.too_noisy(100)
    router.register(100, facts.append, now_ns=0, alone=False)
    assert not lost_in(facts)


def test_a_container_that_nobody_knows_and_that_starts_processes_without_end_is_left_out() -> None:
    """Asked again where the one that was named had ended; one of this run never is."""
    asked, facts = list[int](), list[KernelFact]()
    router = KernelRouter(leaves_out(asked))
    feed(router, *lives(100, 5)[0], *lives(200, 6)[0])
    router.register(200, facts.append, now_ns=0, alone=False)

    for number in range(2_000):
        feed(router, head("app-100", birth_of(5_000 + number, "app"), 10 + number))
        feed(router, head("app-200", birth_of(9_000 + number, "app"), 10 + number))

    assert asked == [100, 100]
    assert not lost_in(facts)
    assert len(facts) > 2_000


def leaves_out(asked: list[int]) -> Callable[[int], bool]:
    """Give what leaves out whoever it is asked to."""

    def leave_out(task: int) -> bool:
        asked.append(task)
        return True

    return leave_out
