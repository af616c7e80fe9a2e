"""Lines of the kernel's trace: each event, names that hold anything, and never an exception."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.engine.trace.lines import (
    Birth,
    BirthParser,
    Identity,
    Scope,
    Until,
    identity_line,
    mark_line,
    read_clock,
    read_identity,
    read_mark,
    read_scope,
    read_until,
    read_who,
    scope_line,
    until_line,
    who_line,
)
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.observe.kernel_events import (
    Accepted,
    Delivered,
    Execed,
    ExitCall,
    Exited,
    Forked,
    Freed,
    Generated,
    Lost,
    Mark,
    ReadBegun,
    ReadEnded,
    SignalfdCall,
    SubreaperCall,
)
from runner.observe.kernel_trace import TraceReader, read_event

AT_NS = 918_920_838_000

NASTY = [
    "c-init-nosig",
    "a b",
    " pid=3 ",
    "pid=3 grp=1",
    "(x)",
    "x) y (z",
    "a-12 [0] b 1.5",
    "café",
    "\\xff",
    "a\nb",
    "\n",
    "a\n",
    "\na",
    "<...>x",
    "comm=x pid=3",
    ": ",
]


def line(event: str, rest: str, comm: str = "kill", tid: int = 29028) -> str:
    """A line as trace_pipe gives it."""
    return f"{comm:>16}-{tid:<7} [001] d..1.   918.920838: {event}: {rest}"


def call(text: str) -> str:
    """A line on a system call: there is no name of an event before it."""
    return f"            tini-1927    [001] .....   918.920838: {text}"


def generate(comm: str, signal: int = 9, result: int = 1) -> str:
    """What signal_generate says after its head."""
    return f"sig={signal} errno=0 code=0 comm={comm} pid=28975 grp=1 res={result}"


def read_all(text: str) -> object:
    """Read a text line by line, as a source brings it."""
    reader = TraceReader()
    (event,) = [one for piece in text.split("\n") for one in reader.read(piece)]
    return event


@pytest.mark.parametrize(
    ("text", "event"),
    [
        (
            line("signal_generate", generate("c-init-nosig")),
            Generated(AT_NS, 29028, "kill", SIGKILL, 0, 28975, "c-init-nosig", True, 1),
        ),
        (
            line("signal_generate", "sig=15 errno=0 code=-6 comm=x pid=7 grp=0 res=0"),
            Generated(AT_NS, 29028, "kill", SIGTERM, -6, 7, "x", False, 0),
        ),
        (
            line("signal_deliver", "sig=15 errno=0 code=0 sa_handler=7f3a sa_flags=14000000"),
            Delivered(AT_NS, 29028, "kill", SIGTERM, 0, 0x7F3A),
        ),
        (
            line("task_newtask", "pid=7 comm=bash clone_flags=1200000 oom_score_adj=0"),
            Forked(AT_NS, 29028, "kill", 7, "bash"),
        ),
        (
            line("task_newtask", "pid=7 comm=runc clone_flags=3d0f00 oom_score_adj=-998"),
            Forked(AT_NS, 29028, "kill", 7, "runc", thread=True),
        ),
        (
            line("task_newtask", "pid=7 comm=unshare clone_flags=20000011 oom_score_adj=0"),
            Forked(AT_NS, 29028, "kill", 7, "unshare", new_namespace=True),
        ),
        (
            line("sched_process_exec", "filename=/usr/bin/sleep pid=7 old_pid=8"),
            Execed(AT_NS, 7, "sleep"),
        ),
        (
            line("sched_process_exit", "comm=sleep pid=7 prio=120 group_dead=false"),
            Exited(AT_NS, 7, "sleep", last=False),
        ),
        (
            line("sched_process_exit", "comm=sleep pid=7 prio=120 group_dead=true"),
            Exited(AT_NS, 7, "sleep", last=True),
        ),
        (
            line("sched_process_exit", "comm=sleep pid=7 prio=120"),
            Exited(AT_NS, 7, "sleep", last=True),
        ),
        (line("sched_process_free", "comm=sleep pid=7 prio=120"), Freed(AT_NS, 7)),
        (line("tracing_mark_write", "scenario-run mark 7"), Mark(AT_NS, 7)),
        (call("sys_rt_sigtimedwait -> 0xf"), Accepted(AT_NS, 1927, "tini", SIGTERM)),
        (call("sys_rt_sigtimedwait_time64 -> 0xf"), Accepted(AT_NS, 1927, "tini", SIGTERM)),
        (
            call("sys_read(fd: 4, buf: 7ffd0080, count: 80)"),
            ReadBegun(AT_NS, 1927, "tini", 4, 128),
        ),
        (
            call("sys_read(fd: 0x1f, buf: 0x7ffd0080, count: 0x80)"),
            ReadBegun(AT_NS, 1927, "tini", 31, 128),
        ),
        (call("sys_read -> 0x80"), ReadEnded(AT_NS, 1927, "tini", 128)),
        (call("sys_read -> 0xfffffffffffffff5"), ReadEnded(AT_NS, 1927, "tini", -11)),
        (call("sys_exit_group(error_code: ff)"), ExitCall(AT_NS, 1927, "tini", 255, group=True)),
        (call("sys_exit(error_code: 0x7)"), ExitCall(AT_NS, 1927, "tini", 7, group=False)),
        (
            call("sys_prctl(option: 24, arg2: 1, arg3: 0, arg4: 0, arg5: 0)"),
            SubreaperCall(AT_NS, 1927, "tini", on=True),
        ),
        (
            call("sys_prctl(option: 0x24, arg2: 0, arg3: 0, arg4: 0, arg5: 0)"),
            SubreaperCall(AT_NS, 1927, "tini", on=False),
        ),
        (
            call("sys_signalfd4(ufd: 0xffffffffffffffff, user_mask: 0x7f, sizemask: 8, flags: 0)"),
            SignalfdCall(AT_NS, 1927, "tini"),
        ),
    ],
)
def test_each_kind_of_line_is_read(text: str, event: object) -> None:
    """Every event that is enabled has one shape; kernels before 6.12 do not say group_dead."""
    assert read_event(text) == event


@pytest.mark.parametrize(
    "text",
    [
        "sys_read -> 80",
        "sys_read(fd: 4, buf: 7ffd0080)",
        "sys_rt_sigtimedwait -> 0xfffffffffffffff5",
        "sys_rt_sigtimedwait -> 0x20",
        "sys_write -> 0x80",
        "sys_prctl(option: 0xf, arg2: 1, arg3: 0, arg4: 0, arg5: 0)",
    ],
)
def test_other_system_calls_are_nothing(text: str) -> None:
    """Nor is a wait that has timed out, or what has another shape."""
    assert read_event(call(text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "x-29028 [001] d..1 918.920838: sched_process_free: comm=sleep pid=7 prio=120",
        "x-29028 (29000) [001] d..1. 918.920838: sched_process_free: comm=sleep pid=7 prio=120",
        "    x-29028 [1001] d..1. 918.920838: sched_process_free: comm=sleep pid=7 prio=120",
    ],
)
def test_a_head_of_another_shape_is_read_too(text: str) -> None:
    """Older kernels have four flags, and columns move with a name, a number or an option."""
    assert read_event(text) == Freed(AT_NS, 7)


def on(cpu: int, at_us: int) -> str:
    """A line of a processor."""
    free = "sched_process_free: comm=sleep pid=7 prio=120"
    return f"               x-1       [{cpu:03}] .....     1.{at_us:06}: {free}"


def test_a_gap_is_between_two_events_of_its_processor() -> None:
    """The kernel says it right before the first one after it; others are not affected."""
    reader = TraceReader(since_ns=5)
    reader.read(on(0, 10))
    reader.read(on(1, 20))

    assert reader.read("CPU:0 [LOST 37 EVENTS]") == ()
    assert reader.read(on(1, 30)) == (Freed(1_000_030_000, 7),)
    assert reader.read(on(0, 40)) == (
        Lost(1_000_040_000, 37, 1_000_010_000),
        Freed(1_000_040_000, 7),
    )
    assert reader.read(on(0, 50)) == (Freed(1_000_050_000, 7),)


def test_a_gap_before_anything_was_read_has_the_beginning_of_the_trace() -> None:
    """Where nobody knows how many events are lost, it is 0."""
    reader = TraceReader(since_ns=5)
    reader.read("CPU:2 [LOST EVENTS]")

    assert reader.read(on(2, 40))[0] == Lost(1_000_040_000, 0, 5)


@pytest.mark.parametrize("number", [0, 32, 33, 65])
def test_numbers_that_nobody_can_send_are_nothing(number: int) -> None:
    """32 and 33 belong to the C library, 0 only asks."""
    assert read_event(line("signal_generate", generate("x", number))) is None


def test_a_name_that_the_kernel_has_forgotten_is_none() -> None:
    """It writes `<...>` then."""
    event = read_event(line("signal_generate", generate("x"), comm="<...>"))

    assert isinstance(event, Generated)
    assert event.actor_comm == ""


@pytest.mark.parametrize("comm", NASTY)
def test_names_may_hold_anything(comm: str) -> None:
    """As the name of a target, of a child, of one that ends: it comes back whole."""
    generated = read_all(line("signal_generate", generate(comm)))
    born = read_all(line("task_newtask", f"pid=7 comm={comm} clone_flags=11 oom_score_adj=0"))
    ended = read_all(line("sched_process_exit", f"comm={comm} pid=7 prio=120 group_dead=true"))

    assert isinstance(generated, Generated)
    assert (generated.target_comm, generated.target) == (comm, 28975)
    assert isinstance(born, Forked)
    assert (born.comm, born.child) == (comm, 7)
    assert ended == Exited(AT_NS, 7, comm, last=True)


@pytest.mark.parametrize("comm", NASTY)
def test_the_head_may_hold_any_name(comm: str) -> None:
    """Who acts is known by number; of a name with a newline, the last piece is left."""
    event = read_all(line("signal_generate", generate("x"), comm=comm))

    assert isinstance(event, Generated)
    assert event.actor == 29028
    assert event.actor_comm == comm.rpartition("\n")[2].lstrip(" ")


def test_the_name_of_a_file_cannot_look_like_a_line() -> None:
    """What begins like a head in the middle of a line is part of a name."""
    fake = line("signal_generate", generate("init")).strip()
    event = read_event(line("sched_process_exec", f"filename=/tmp/x{fake} pid=7 old_pid=7"))

    assert isinstance(event, Execed)


def test_a_program_goes_by_the_name_of_its_file_cut_to_15_bytes() -> None:
    """proc_pid_comm(5); half a character is left out."""
    text = "filename=/opt/containerd-shim-runc-v2 pid=7 old_pid=7"

    assert read_event(line("sched_process_exec", text)) == Execed(AT_NS, 7, "containerd-shim")
    accents = line("sched_process_exec", f"filename=/{'é' * 9} pid=7 old_pid=7")
    assert read_event(accents) == Execed(AT_NS, 7, "é" * 7)


def test_a_piece_without_its_rest_is_dropped() -> None:
    """The next whole line is read as if nothing had been."""
    reader = TraceReader()
    whole = line("sched_process_free", "comm=x pid=7 prio=120")

    assert reader.read(line("signal_generate", "sig=9 errno=0 code=0 comm=a")) == ()
    assert reader.read(whole) == (Freed(AT_NS, 7),)
    assert all(reader.read("junk") == () for _ in range(50))
    assert reader.read(whole) == (Freed(AT_NS, 7),)


@given(st.text(max_size=300))
def test_any_line_at_all_is_nothing_at_worst(text: str) -> None:
    """Programs write their names as they like."""
    reader = TraceReader()
    read_event(text)
    read_clock(text)
    BirthParser().told_by(text)
    reader.read(line("signal_generate", "sig=9 errno=0 code=0 comm=a"))
    reader.read(text)


@given(
    st.sampled_from(["signal_generate", "task_newtask", "sched_process_exit", "x"]),
    st.text(max_size=60),
    st.text(max_size=15),
)
def test_any_rest_of_a_line_is_nothing_at_worst(event: str, rest: str, comm: str) -> None:
    """After a head as the kernel writes it."""
    read_event(line(event, rest, comm))
    BirthParser().told_by(line(event, rest, comm))


comms = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=15)
tids = st.integers(1, 2**22)


@given(
    signal=st.sampled_from([*range(1, 32), *range(34, 65)]),
    code=st.integers(-60, 128),
    target=tids,
    comm=comms,
    result=st.integers(0, 4),
    actor=tids,
)
def test_a_line_made_of_known_values_gives_them_back(
    signal: int, code: int, target: int, comm: str, result: int, actor: int
) -> None:
    """For signal_generate, which says most."""
    rest = f"sig={signal} errno=0 code={code} comm={comm} pid={target} grp=1 res={result}"
    event = read_all(line("signal_generate", rest, tid=actor))

    assert event == Generated(
        AT_NS, actor, "kill", Signal(signal), code, target, comm, True, result
    )


cgroups = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80)
inodes, times = st.integers(1, 2**32), st.integers(0, 2**62)


@given(st.builds(Identity, tids, tids, tids, st.integers(1, 32), inodes, times, cgroups))
def test_an_identity_is_read_as_it_was_written(identity: Identity) -> None:
    """One line, six numbers and a path."""
    assert read_identity(identity_line(identity)) == identity


@given(st.builds(Scope, st.booleans(), st.booleans()))
def test_a_scope_is_read_as_it_was_written(scope: Scope) -> None:
    """Two flags."""
    assert read_scope(scope_line(scope)) == scope


@given(st.builds(Until, times, st.tuples(st.booleans(), st.booleans())))
def test_what_is_read_up_to_when_is_read_as_it_was_written(until: Until) -> None:
    """A time, and a flag for each instance."""
    assert read_until(until_line(until)) == until


@given(st.integers(1, 2**31))
def test_marks_and_questions_are_told_apart(number: int) -> None:
    """Both come back in the trace."""
    mark = line("tracing_mark_write", mark_line(number))
    who = line("tracing_mark_write", who_line(number))

    assert (read_mark(mark), read_who(mark)) == (number, None)
    assert (read_mark(who), read_who(who)) == (None, number)


def test_births_of_processes_are_found_and_those_of_threads_are_not() -> None:
    """Also where a name makes two lines of one event."""
    births = BirthParser()
    text = "pid={} comm={} clone_flags={} oom_score_adj=0"

    assert births.told_by(line("task_newtask", text.format(7, "a", "1200000"))) == Birth(7, False)
    assert births.told_by(line("task_newtask", text.format(7, "a", "3d0f00"))) is None
    first, second = line("task_newtask", text.format(9, "a\nb", "11")).split("\n")
    assert births.told_by(first) is None
    assert births.told_by(second) == Birth(9, False)
    assert births.told_by(second) is None


@pytest.mark.parametrize(
    ("comm", "runtime"),
    [("runc:[1:CHILD]", True), ("crun", True), ("runc", False), ("crunch", False), ("x", False)],
)
def test_what_a_runtime_starts_is_known_by_its_name(comm: str, *, runtime: bool) -> None:
    """As runc calls itself on its way into a container, and crun always."""
    text = f"pid=7 comm={comm} clone_flags=8000 oom_score_adj=0"

    assert BirthParser().told_by(line("task_newtask", text)) == Birth(7, runtime)


def test_a_clock_is_read() -> None:
    """And nothing else is one."""
    assert read_clock("clock: 12") == 12
    assert read_clock("clock: x") is None
