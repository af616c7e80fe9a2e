"""Processes by the kernel trace and by looks: who is who, and when they were gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.history.processes import KnownProcess, with_kernel_fact, without_init
from runner.kernel.processes import ProcessState
from runner.model.kernel_facts import (
    ChildStatus,
    KernelFact,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
    SubreaperSet,
    Task,
)
from runner.model.process import SignalFd
from tests.support.facts import (
    INIT,
    MS,
    RUNTIME,
    WORKER,
    delivered,
    generated,
    process,
    snapshot,
    told,
)
from tests.unit.history.test_processes import known, of_pid

NAMELESS = Task(Role.INSIDE, None, 4099, "quick")
SECONDS = 1_000


def test_a_process_is_gone_when_it_exits_and_not_before() -> None:
    """Whatever else is in the trace of it."""
    lives = known(generated("TERM", target=WORKER), delivered("TERM", task=WORKER))
    ended = known(generated("TERM", target=WORKER), ProcessExited(1002 * MS, WORKER))

    assert [one.gone_ns for one in of_pid(lives, 7)] == [None]
    assert [one.gone_ns for one in of_pid(ended, 7)] == [1002 * MS]
    assert [one.host_pid for one in of_pid(ended, 7)] == [WORKER.host_pid]
    told_of = known(ProcessExited(1002 * MS, WORKER), told(WORKER, ChildStatus.KILLED))
    assert [one.gone_ns for one in of_pid(told_of, 7)] == [1002 * MS]


def test_a_process_was_there_until_it_was_gone() -> None:
    """That moment included."""
    one = KnownProcess(10, gone_ns=20)

    assert [one.was_there_since(at_ns) for at_ns in (19, 20, 21)] == [True, True, False]
    assert KnownProcess(10).was_there_since(10**18)


@pytest.mark.parametrize("role", [Role.HOST, Role.PROBE])
def test_what_is_not_of_the_container_is_none_of_its_processes(role: Role) -> None:
    """Neither by a signal nor by a birth."""
    outside = replace(WORKER, role=role, pid=9)
    facts = (ProcessForked(10 * MS, INIT, outside), ProcessExited(11 * MS, outside))

    assert list(known(*facts)) == []
    assert [one.pid for one in known(generated("TERM", sender=outside, target=WORKER))] == [7]


def test_both_ends_of_a_signal_are_known_by_it() -> None:
    """Sender and target."""
    found = known(generated("TERM", sender=INIT, target=WORKER))

    assert {one.pid: one.host_pid for one in found} == {1: 4001, 7: 4007}
    assert found.of_host(4001) in of_pid(found, 1)
    assert found.of_host(4999) is None


def test_a_process_is_found_by_its_pid_on_the_machine() -> None:
    """While it lives, while its other PID is not known, and when both are gone."""
    nameless = known(generated("TERM", target=NAMELESS))
    gone = known(generated("TERM", target=NAMELESS), ProcessExited(1002 * MS, NAMELESS))
    other_init = without_init(known(generated("TERM", target=WORKER)), 50 * MS)

    assert [one.pid for one in (nameless.of_host(4099), gone.of_host(4099)) if one] == [None, None]
    found = gone.of_host(4099)
    assert found is not None
    assert found.gone_ns == 1002 * MS
    earlier = other_init.of_host(WORKER.host_pid)
    assert earlier is not None
    assert earlier.gone_ns == 50 * MS
    assert other_init.of_task(WORKER) == earlier


def test_a_pid_that_was_known_is_kept() -> None:
    """News that come late may have it no more: /proc had nothing to say when it was asked."""
    gone = without_init(known(generated("TERM", target=WORKER)), 50 * MS)

    found = with_kernel_fact(gone, ProcessExited(45 * MS, replace(WORKER, pid=None)))

    assert [(one.pid, one.gone_ns) for one in found] == [(7, 45 * MS)]


def test_a_host_that_is_no_process_of_the_container_is_nobody() -> None:
    """It has no PID there."""
    found = known(generated("TERM", sender=RUNTIME, target=WORKER))

    assert found.of_task(RUNTIME) is None
    assert found.of_task(replace(WORKER, role=Role.HOST)) == of_pid(found, 7)[0]


@pytest.mark.parametrize(("at_s", "found"), [(5, True), (5.1, False)])
def test_a_process_that_is_gone_is_found_for_five_seconds_by_its_pid(
    at_s: float, *, found: bool
) -> None:
    """News of it may be late; after that the PID is another's."""
    looks = [
        snapshot(process(1), process(7), at_ms=0),
        snapshot(process(1), at_ms=100),
        snapshot(process(1), at_ms=100 + round(at_s * SECONDS)),
    ]

    assert (7 in known(*looks).present) is found
    assert [one.gone_ns for one in of_pid(known(*looks), 7)] == [100 * MS]


def test_a_process_that_was_born_after_a_look_began_is_not_missing_in_it() -> None:
    """The look may have read the list of processes before."""
    born = ProcessForked(10 * MS, INIT, WORKER)

    assert [one.gone_ns for one in of_pid(known(born, snapshot(process(1), at_ms=10)), 7)] == [None]
    late = known(born, snapshot(process(1), at_ms=11))
    assert [one.gone_ns for one in of_pid(late, 7)] == [11 * MS]


def test_what_a_program_calls_itself_like_its_parent_is_its_own() -> None:
    """A look that began after execve(2) shows no name but its own."""
    shell = process(1, comm="sh", argv=("sh",))
    born = ProcessForked(10 * MS, replace(INIT, comm="sh"), replace(WORKER, comm="sh"))
    execed = ProgramExeced(20 * MS, replace(WORKER, comm="app"))
    again = snapshot(shell, process(7, comm="sh", argv=("sh",)), at_ms=20)

    found = known(snapshot(shell, at_ms=5), born, execed, again)

    assert [(one.comms, one.argvs) for one in of_pid(found, 7)] == [(("app", "sh"), ("sh",))]
    twice = with_kernel_fact(found, replace(execed, at_ns=30 * MS))
    assert of_pid(twice, 7) == of_pid(found, 7)


def test_what_was_queued_for_a_signalfd_is_known_by_every_descriptor_ever_seen() -> None:
    """A look that shows one more is taken into account, though nothing else has changed."""
    one, two = SignalFd(4, 1), SignalFd(5, 2)
    looks = [
        snapshot(process(7, signalfds=fds), at_ms=at)
        for at, fds in ((10, ()), (20, (one,)), (30, (one, two)), (40, (two,)))
    ]

    assert [dict(found.signalfds) for found in known(*looks)] == [{4: 1, 5: 2}]


def test_a_pid_on_the_machine_that_is_used_again_is_another_process() -> None:
    """Both are kept, and the later one is found by it."""
    first = ProcessForked(10 * MS, INIT, WORKER)
    again = ProcessForked(30 * MS, INIT, replace(WORKER, pid=17))
    ends = [ProcessExited(20 * MS, WORKER), ProcessExited(40 * MS, replace(WORKER, pid=17))]

    found = without_init(known(first, ends[0], again, ends[1]), 50 * MS)

    assert sorted((one.pid or 0, one.gone_ns or 0) for one in found) == [
        (7, 20 * MS),
        (17, 40 * MS),
    ]
    latest = found.of_host(WORKER.host_pid)
    assert latest is not None
    assert latest.pid == 17


def births() -> list[KernelFact]:
    """A process is born, and another one that has its PID in the namespace."""
    return [
        ProcessForked(10 * MS, INIT, WORKER),
        ProcessForked(30 * MS, INIT, replace(WORKER, host_pid=5007)),
    ]


def test_a_pid_that_is_born_again_ends_the_process_that_had_it() -> None:
    """Its end may be missing on record."""
    found = known(*births())

    assert [(one.host_pid, one.gone_ns) for one in of_pid(found, 7)] == [
        (5007, None),
        (4007, 30 * MS),
    ]


def test_a_birth_that_is_learnt_late_is_that_of_the_process_in_the_look() -> None:
    """It was seen first; its parent is in the trace now."""
    found = known(snapshot(process(7), at_ms=20), ProcessForked(20 * MS, INIT, WORKER))

    assert [(one.host_pid, one.gone_ns) for one in of_pid(found, 7)] == [(4007, None)]


def test_a_birth_after_a_look_ends_the_process_that_the_look_has_shown() -> None:
    """Of the one in the look, no PID on the machine is known to tell them apart."""
    found = known(snapshot(process(7), at_ms=20), ProcessForked(21 * MS, INIT, WORKER))

    assert [(one.host_pid, one.gone_ns) for one in of_pid(found, 7)] == [
        (4007, None),
        (None, 21 * MS),
    ]


def test_a_look_tells_when_a_process_of_the_record_was_started() -> None:
    """Though it shows nothing else that is new: another start time is another process."""
    born = ProcessForked(10 * MS, INIT, WORKER)
    look, again = (snapshot(process(7, started=at), at_ms=at) for at in (20, 30))

    assert [one.started for one in of_pid(known(born, look), 7)] == [20]
    assert [one.started for one in of_pid(known(born, look, again), 7)] == [30, 20]


def test_a_process_whose_pid_is_not_known_is_gone_with_its_init() -> None:
    """The kernel leaves none of a PID namespace."""
    other_init = without_init(known(generated("TERM", target=NAMELESS)), 50 * MS)

    assert [(one.host_pid, one.gone_ns) for one in other_init] == [(4099, 50 * MS)]


def test_the_holder_of_a_pid_is_another_one_after_the_record_has_ended_it() -> None:
    """But a zombie is still the same."""
    born, end = ProcessForked(10 * MS, INIT, WORKER), ProcessExited(20 * MS, WORKER)
    dead = snapshot(process(7, state=ProcessState.ZOMBIE), at_ms=30)

    assert len(of_pid(known(born, end, snapshot(process(7), at_ms=30)), 7)) == 2
    assert len(of_pid(known(born, end, dead), 7)) == 1
    assert len(of_pid(known(born, snapshot(process(7), at_ms=30)), 7)) == 1


def test_that_processes_were_forgotten_is_never_forgotten() -> None:
    """Also when few are left."""
    many = known(
        *(snapshot(process(1), process(7 + n, started=n), at_ms=6_000 * n) for n in range(5_003))
    )
    later = without_init(many, 10**15)

    assert many.births_lost
    assert later.births_lost
    assert known(snapshot(process(1), at_ms=1)).births_lost is False


def test_a_subreaper_is_one_until_it_says_otherwise() -> None:
    """Other facts do not change that (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    on, off = (SubreaperSet(at * MS, WORKER, value) for at, value in ((10, True), (20, False)))

    assert [one.subreaper for one in known(on, generated("TERM", target=WORKER))] == [True]
    assert [one.subreaper for one in known(on, off)] == [False]


def test_a_process_in_words() -> None:
    """Its PID and its last name, or that they are not known."""
    (one,) = known(generated("TERM", sender=RUNTIME, target=NAMELESS))

    assert str(one) == "? quick"
    assert str(KnownProcess(0, 7)) == "7 ?"
    assert str(KnownProcess(0, 7, comms=("a", "b"))) == "7 b"
