"""The reader of the kernel trace, on a made-up one."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator

from runner.engine.contract import EngineEvent
from runner.engine.inbox import RealInbox
from runner.execute.kernel_watch import KernelWatch
from runner.model.kernel_facts import KernelFact, ProcessExited, TraceLost, TraceOpened
from runner.model.observation import TraceReached

BIRTH = (
    "r-9 [000] ..... 5.000001: task_newtask: pid=10 comm=r clone_flags=11 oom_score_adj=0",
    "identity: 10 10 1 2 77 0 -",
    "r-10 [000] ..... 5.000002: sched_process_exec: filename=/app pid=10 old_pid=10",
)
END = "app-10 [000] ..... 5.000003: sched_process_exit: comm=app pid=10 prio=120 group_dead=true"


class FakeTrace:
    """A `KernelTrace` that is written by the test."""

    def __init__(self) -> None:
        self.queue: queue.Queue[str | None] = queue.Queue()
        self.asked: list[int] = []
        self.left_out: list[int] = []
        self.removed = 0

    def write(self, *lines: str) -> None:
        """Let lines come."""
        for line in lines:
            self.queue.put(line if line.startswith(("clock", "identity")) else f"1 {line}")
        self.queue.put("until: 9000000000000000000 1 1")

    def lines(self) -> Iterator[str]:
        """As `KernelTrace.lines`."""
        while (line := self.queue.get()) is not None:
            yield line

    def identify(self, host_pid: int) -> None:
        """As `KernelTrace.identify`."""
        self.asked.append(host_pid)
        self.write(f"identity: {host_pid} {host_pid} 1 2 77 0 -")

    def mark(self, number: int) -> None:
        """As `KernelTrace.mark`."""
        self.write(f"x-1 [000] ..... 6.000000: tracing_mark_write: scenario-run mark {number}")

    def leave_out(self, host_pid: int) -> bool:
        """As `KernelTrace.leave_out`."""
        self.left_out.append(host_pid)
        return True

    def close(self) -> None:
        """As `KernelTrace.close`."""
        self.queue.put(None)

    def remove(self) -> None:
        """As `KernelTrace.remove`."""
        self.removed += 1


class Queued:
    """A watch on a fake trace, and a queue."""

    def __init__(self) -> None:
        self.trace = FakeTrace()
        self.watch = KernelWatch(self.trace)
        self.inbox = RealInbox()
        self.queue = self.inbox.queue("a")

    def facts(self, count: int) -> list[KernelFact]:
        """Wait for so many facts, and give those that the kernel tells."""
        said: list[EngineEvent] = []
        give_up_ns = self.inbox.now_ns() + 120_000_000_000
        while len(said) < count:
            assert self.inbox.now_ns() < give_up_ns
            said += self.inbox.take(give_up_ns)
        self.times = [one.at_ns for one in said]
        return [one for one in said if not isinstance(one, TraceReached)]


def test_a_container_that_was_seen_to_be_born_is_told_from_there() -> None:
    """Nobody has to be asked who its init is."""
    one = Queued()
    one.trace.write(*BIRTH, END)
    while one.watch._router._tasks.comm(10) != "app":
        time.sleep(0.001)
    one.watch.follow(10, one.queue, alone=False)

    facts = one.facts(3)

    assert facts[0] == TraceOpened(5_000_001_000, 10, container="a")
    assert isinstance(facts[2], ProcessExited)
    assert one.trace.asked == []
    one.watch.close()


def test_a_container_that_was_not_is_asked_for() -> None:
    """And its record is complete from then on; what was before may be somebody else's."""
    before_ns = time.monotonic_ns()
    one = Queued()
    one.watch.follow(10, one.queue, alone=False)
    (opened,) = one.facts(1)
    one.trace.write(END, END.replace(" 5.", f" {time.monotonic_ns() // 1_000_000_000 + 1}."))

    assert one.trace.asked == [10]
    assert isinstance(opened, TraceOpened)
    assert before_ns <= opened.at_ns <= time.monotonic_ns()
    assert isinstance(one.facts(1)[0], ProcessExited)
    one.watch.close()


def test_times_are_the_runners_clock() -> None:
    """The trace of another machine says what its clock shows, and is moved by the difference."""
    before_ns = time.monotonic_ns()
    one = Queued()
    one.trace.write("clock: 5000000000", *BIRTH)
    one.watch.follow(10, one.queue, alone=False)
    one.facts(2)

    # The last fact is 2 microseconds younger than the line that says the other machine's time.
    assert before_ns <= one.times[-1] - 2000 <= time.monotonic_ns()
    one.watch.close()


def test_the_clock_of_this_machine_is_taken_as_it_is() -> None:
    """A difference below a second is the time that the line took."""
    one = Queued()
    now_s = time.monotonic_ns() // 1_000_000_000
    one.trace.write(
        f"clock: {time.monotonic_ns()}", *(x.replace(" 5.", f" {now_s}.") for x in BIRTH)
    )
    one.watch.follow(10, one.queue, alone=False)
    one.facts(2)

    assert one.times[-1] == now_s * 1_000_000_000 + 2000
    one.watch.close()


def test_a_container_that_has_left_is_told_of_no_more() -> None:
    """Its queue may be gone."""
    one = Queued()
    one.trace.write(*BIRTH)
    one.watch.follow(10, one.queue, alone=False)
    one.facts(2)
    one.watch.leave(10)
    one.trace.write(END)
    one.watch.close()

    assert not one.inbox.take(one.inbox.now_ns())


def test_what_happened_before_a_container_has_left_is_still_told() -> None:
    """The reader may be behind."""
    one = Queued()
    one.trace.write(*BIRTH)
    one.watch.follow(10, one.queue, alone=False)
    one.facts(2)
    one.trace.write(END)
    one.watch.leave(10)

    assert isinstance(one.facts(1)[0], ProcessExited)
    one.watch.close()


def test_the_record_is_known_until_the_time_at_which_that_was_asked() -> None:
    """All that was on it then has arrived before the answer does."""
    one = Queued()
    one.trace.write(*BIRTH)
    one.watch.follow(10, one.queue, alone=False)
    one.facts(2)
    one.trace.write(END)
    asked_ns = one.inbox.now_ns()
    one.watch.catch_up(one.queue)

    (fact,) = one.facts(2)

    assert isinstance(fact, ProcessExited)
    assert one.times[-1] >= asked_ns
    one.watch.close()


def test_nobody_waits_for_a_record_that_has_ended() -> None:
    """What comes before the answer says that it has a gap."""
    one = Queued()
    one.trace.write(*BIRTH)
    one.watch.follow(10, one.queue, alone=False)
    one.facts(2)
    one.trace.close()
    one.watch.catch_up(one.queue)

    (fact,) = one.facts(2)

    assert isinstance(fact, TraceLost)
    one.watch.close()


def test_closing_ends_the_reader_and_leaves_nothing_behind() -> None:
    """The thread has ended before the trace is removed."""
    one = Queued()
    one.watch.close()

    assert not one.watch._thread.is_alive()
    assert one.trace.removed == 1


def test_a_record_that_ends_by_itself_is_a_gap() -> None:
    """As when its helper is killed; what is not seen any more must not count as not happened."""
    one = Queued()
    one.trace.write(*BIRTH)
    one.watch.follow(10, one.queue, alone=False)
    one.facts(2)
    one.trace.close()

    assert one.facts(1) == [TraceLost(5_000_002_000, 0, 5_000_002_000, container="a")]
    one.watch.close()


def test_a_container_that_comes_after_the_end_of_the_record_has_a_gap_too() -> None:
    """Its record is not complete from anywhere."""
    one = Queued()
    one.trace.close()
    one.watch._thread.join(10)
    one.watch.follow(10, one.queue, alone=False)

    (fact,) = one.facts(1)
    assert isinstance(fact, TraceLost)
    one.watch.close()
