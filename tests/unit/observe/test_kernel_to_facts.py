"""
What events mean by what was before them, on lines made by hand.
"""

from __future__ import annotations

import pytest

from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.kernel_facts import (
    ExitCalled,
    Generation,
    KernelFact,
    ParentNotified,
    Role,
    SignalAccepted,
    SignalDelivered,
    SignalfdRead,
    SignalGenerated,
    SubreaperSet,
)
from runner.observe.kernel_router import KernelRouter
from runner.observe.kernel_trace import TraceReader
from tests.support.kernel_lines import birth_of, events_of, head, sent, taken


def fed(*lines: str) -> list[KernelFact]:
    """Play made-up lines in a namespace whose init is task 10; times are in microseconds."""
    router, reader, told = KernelRouter(), TraceReader(), []
    for line in (
        head("runc:[1:CHILD]-9", "task_newtask: pid=10 comm=app clone_flags=11 oom_score_adj=0"),
        "identity: 10 10 1 2 77 0 -",
        head("app-10", "sched_process_exec: filename=/app pid=10 old_pid=10"),
        *lines,
    ):
        events = events_of(reader, line)
        assert events, line
        for event in events:
            router.feed(event)
    router.register(10, told.append, now_ns=0, alone=False)
    return told[2:]


THREAD = head("app-10", "task_newtask: pid=11 comm=app clone_flags=3d0f00 oom_score_adj=0")


def test_a_signal_taken_by_another_thread_belongs_to_the_process() -> None:
    """A thread is known by its birth alone."""
    one, two = fed(THREAD, sent("runc-5", 15, 10), taken("app-11", 15))

    assert isinstance(one, SignalGenerated)
    assert isinstance(two, SignalDelivered)
    assert one.target == two.task
    assert two.task.role is Role.INIT


def test_a_process_of_many_threads_is_ended_by_a_signal_once() -> None:
    """Each of its threads takes a SIGKILL, and there is one fact."""
    facts = fed(THREAD, sent("runc-5", 15, 10), taken("app-11", 9), taken("app-10", 9))

    deliveries = [one for one in facts if isinstance(one, SignalDelivered)]
    assert [one.cause for one in deliveries] == [SIGTERM]


def test_a_signal_that_was_taken_before_is_no_cause() -> None:
    """It was handled; the process has ended by itself, and its threads with it."""
    handled = head("app-10", "signal_deliver: sig=15 errno=0 code=0 sa_handler=7f sa_flags=0")
    facts = fed(THREAD, sent("runc-5", 15, 10), handled, taken("app-11", 9))

    assert [one.signal for one in facts if isinstance(one, SignalDelivered)] == [SIGTERM]


def test_sigkill_is_the_cause_whatever_else_is_pending() -> None:
    """SIGTERM may be blocked and come after it, too."""
    facts = fed(sent("runc-5", 9, 10), sent("runc-5", 15, 10), taken("app-10", 9))

    assert [one.cause for one in facts if isinstance(one, SignalDelivered)] == [SIGKILL]


def test_a_discarded_signal_ends_nothing() -> None:
    """Init of a PID namespace has no default action."""
    facts = fed(THREAD, sent("app-11", 15, 10, result=1), taken("app-11", 9))

    assert not any(isinstance(one, SignalDelivered) for one in facts)


def test_a_signal_from_one_that_has_ended_is_the_kernels() -> None:
    """A parent-death signal, or SIGHUP to an orphaned process group: no teardown, no forwarding."""
    ended = head("app-10", "sched_process_exit: comm=app pid=10 prio=120 group_dead=true")
    birth = head("app-10", "task_newtask: pid=12 comm=app clone_flags=11 oom_score_adj=0")
    before, after = [
        one
        for one in fed(birth, sent("app-10", 1, 12), ended, sent("app-10", 1, 12))
        if isinstance(one, SignalGenerated)
    ]

    assert (before.after_end, after.after_end) == (False, True)
    assert not after.teardown


def test_who_was_gone_before_it_was_asked_for_is_where_the_sender_is() -> None:
    """A process can send to its own PID namespace only; the kernel may, for it, to any."""
    (own,) = [one for one in fed(sent("app-10", 15, 33)) if isinstance(one, SignalGenerated)]
    (kernels,) = [
        one for one in fed(sent("app-10", 15, 33, code=128)) if isinstance(one, SignalGenerated)
    ]

    assert (own.target.role, own.target.pid) == (Role.INSIDE, None)
    assert kernels.target.role is Role.HOST


ENDED = head("app-10", "sched_process_exit: comm=app pid=10 prio=120 group_dead=true")
CHILD = head("app-10", birth_of(12, "app"))


@pytest.mark.parametrize(("code", "known"), [(2, True), (3, True), (1, False)])
def test_an_end_by_a_signal_that_is_not_on_record_is_told(code: int, *, known: bool) -> None:
    """By what its parent is told; the threads of one that has exited take SIGKILL, too."""
    ended = head("app-12", "sched_process_exit: comm=app pid=12 prio=120 group_dead=true")
    facts = fed(CHILD, taken("app-12", 9), ended, sent("app-12", 17, 10, code=code))

    taken_by = [one for one in facts if isinstance(one, SignalDelivered)]
    assert [(one.signal, one.cause) for one in taken_by] == ([(SIGKILL, None)] if known else [])
    assert isinstance(facts[-1], ParentNotified)


def test_a_process_that_ends_by_itself_is_not_ended_by_a_signal_that_waits() -> None:
    """SIGTERM is blocked; exit_group(2) ends the other threads by SIGKILL."""
    exits = head("app-11", "sys_exit_group(error_code: 0x103)")
    facts = fed(
        THREAD,
        sent("runc-5", 15, 10),
        exits,
        taken("app-10", 9),
        ENDED,
        sent("app-10", 17, 5, code=1),
    )

    assert not any(isinstance(one, SignalDelivered) for one in facts)
    assert [one.status for one in facts if isinstance(one, ExitCalled)] == [3]


def test_a_signal_that_is_quicker_than_exit_has_ended_the_process() -> None:
    """A thread has called exit_group(2), and the parent is told of a signal."""
    exits = head("app-11", "sys_exit_group(error_code: 0)")
    facts = fed(
        THREAD,
        sent("runc-5", 15, 10),
        exits,
        taken("app-10", 9),
        ENDED,
        sent("app-10", 17, 5, code=2),
    )

    assert [one.cause for one in facts if isinstance(one, SignalDelivered)] == [SIGTERM]


def test_a_program_that_takes_the_place_of_another_ends_its_threads_and_is_killed_later() -> None:
    """The SIGKILL of a thread before execve(2) is not that of the end."""
    execs = head("app-10", "sched_process_exec: filename=/other pid=10 old_pid=10")
    facts = fed(
        THREAD,
        taken("app-11", 9),
        execs,
        taken("app-10", 9, at_us=7),
        ENDED,
        sent("app-10", 17, 5, code=2),
    )

    assert [one.at_ns for one in facts if isinstance(one, SignalDelivered)] == [1_000_007_000]


@pytest.mark.parametrize(
    ("calls", "statuses"),
    [
        ([head("app-10", "sys_exit(error_code: 5)")], [5]),
        ([head("app-11", "sys_exit(error_code: 5)")], []),
        (
            [
                head("app-10", "sys_exit(error_code: 5)"),
                head("app-11", "sys_exit_group(error_code: 6)"),
            ],
            [6],
        ),
        ([head("app-10", "sys_exit(error_code: 5)"), taken("app-11", 9)], []),
    ],
)
def test_the_status_is_that_of_exit_group_or_of_the_first_threads_exit(
    calls: list[str], statuses: list[int]
) -> None:
    """If no signal has ended the other threads; wait(2)."""
    facts = fed(THREAD, *calls, ENDED)

    assert [one.status for one in facts if isinstance(one, ExitCalled)] == statuses


def test_a_parent_is_told_by_a_sigchld_of_which_the_kernel_made_something() -> None:
    """Queued, already pending, so not queued again, or ignored."""
    facts = fed(CHILD, *(sent("app-12", 17, 10, result=one, code=1) for one in (0, 1, 2)))

    assert [one.generation for one in facts if isinstance(one, ParentNotified)] == [
        Generation.QUEUED,
        Generation.IGNORED,
        Generation.ALREADY_PENDING,
    ]


SIGNALFD = head("app-10", "sys_signalfd4(ufd: 0x4, user_mask: 0x7f, sizemask: 8, flags: 0)")


def read_call(fd: int, count: int, result: int) -> list[str]:
    """A call of read(2)."""
    return [
        head("app-10", f"sys_read(fd: {fd:#x}, buf: 0x7f, count: {count:#x})"),
        head("app-10", f"sys_read -> {result & (2**64 - 1):#x}"),
    ]


@pytest.mark.parametrize(
    ("lines", "reads"),
    [
        ([SIGNALFD, *read_call(4, 128, 128)], [(4, 1)]),
        ([SIGNALFD, *read_call(4, 1024, 256)], [(4, 2)]),
        (read_call(4, 128, 128), []),
        ([SIGNALFD, *read_call(4, 128, -11)], []),
        # The begin of a read with a buffer of another size is not recorded.
        ([SIGNALFD, *read_call(4, 128, -11), read_call(5, 9999, 128)[1]], [(None, 1)]),
        ([SIGNALFD, read_call(4, 128, 0)[0], read_call(5, 9999, 256)[1]], [(None, 2)]),
    ],
)
def test_a_read_of_signals_has_its_descriptor_or_none(
    lines: list[str], reads: list[tuple[int | None, int]]
) -> None:
    """In a container where somebody has called signalfd(2); never that of another call."""
    found = [one for one in fed(*lines) if isinstance(one, SignalfdRead)]

    assert [(one.fd, one.signals) for one in found] == reads


def test_a_signal_that_is_waited_for_and_a_subreaper_are_told() -> None:
    """With the process of the thread that does it."""
    subreaper = head("app-11", "sys_prctl(option: 0x24, arg2: 1, arg3: 0, arg4: 0, arg5: 0)")
    accepted, on = fed(THREAD, head("app-11", "sys_rt_sigtimedwait -> 0xf"), subreaper)

    assert isinstance(accepted, SignalAccepted)
    assert (accepted.signal, accepted.task.role) == (SIGTERM, Role.INIT)
    assert isinstance(on, SubreaperSet)
    assert on.on


def test_gos_preemption_is_left_out_and_any_other_sigurg_is_not() -> None:
    """SIGURG by tgkill(2) to oneself."""
    facts = fed(
        THREAD, sent("app-11", 23, 10, code=-6), sent("app-11", 23, 10), sent("runc-5", 23, 10)
    )

    assert [(one.signal, one.code) for one in facts if isinstance(one, SignalGenerated)] == [
        (Signal(23), 0),
        (Signal(23), 0),
    ]
