"""Many jobs at a time, results in order, and a main thread that hears signals."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest

from runner.run.schedule import Schedule


def test_results_come_in_the_order_of_the_jobs() -> None:
    """Whichever ends first."""
    gate = threading.Event()

    def run(job: int) -> int:
        if job == 0:
            gate.wait(5)
        else:
            gate.set()
        return job * 10

    with ThreadPoolExecutor(2) as executor:
        schedule = Schedule([0, 1, 2], run, not_run=lambda job: -job, executor=executor)
        results = [schedule.next_result() for _ in range(3)]

    assert results == [0, 10, 20]
    assert schedule.done()


def test_cancelled_jobs_are_not_run() -> None:
    """Those under way end as they will."""
    gate = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        schedule = Schedule(
            [1, 2, 3], lambda job: gate.wait(5) and job, not_run=lambda job: -job, executor=executor
        )
        schedule.cancel()
        gate.set()
        results = [schedule.next_result() for _ in range(3)]

    assert results == [1, -2, -3]


def test_no_job_begins_after_the_last_one() -> None:
    """Though the main thread waits for an earlier one, of which the result comes first."""
    gate, begun = threading.Event(), list[int]()

    def run(job: int) -> int:
        begun.append(job)
        if job == 0:
            gate.wait(5)
        return job

    with ThreadPoolExecutor(2) as executor:
        schedule = Schedule(
            range(8), run, not_run=lambda job: -job, executor=executor, is_last=lambda one: one == 1
        )
        executor.submit(gate.set)
        results = [schedule.next_result() for _ in range(8)]

    assert begun == [0, 1]
    assert results == [0, 1, -2, -3, -4, -5, -6, -7]


def test_a_signal_is_heard_while_waiting_for_a_result() -> None:
    """Long before the result comes."""
    gate = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        schedule = Schedule(
            [1], lambda job: gate.wait(20) and job, not_run=lambda job: job, executor=executor
        )
        before = signal.signal(signal.SIGUSR1, signal.default_int_handler)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        try:
            with pytest.raises(KeyboardInterrupt):
                schedule.next_result()
        finally:
            signal.signal(signal.SIGUSR1, before)
            gate.set()


def test_a_timeout_of_the_job_itself_is_its_own() -> None:
    """It is not taken for our own short waits."""

    def run(_job: int) -> int:
        raise TimeoutError("the job's")

    with ThreadPoolExecutor(1) as executor:
        schedule = Schedule([1], run, not_run=lambda job: job, executor=executor)

        with pytest.raises(TimeoutError, match="the job's"):
            schedule.next_result()


def test_a_result_that_comes_as_the_waiting_ends_is_given() -> None:
    """Between the timeout and the look at it, the job has come to its end."""

    class Late(Future[int]):
        def result(self, timeout: float | None = None) -> int:
            if timeout is not None and not self.done():
                self.set_result(7)
                raise TimeoutError
            return super().result(timeout)

    class At(Executor):
        def submit(self, *_: object, **__: object) -> Late:  # type: ignore[override]
            return Late()

    schedule = Schedule([1], lambda job: job, not_run=lambda _: 0, executor=At())

    assert schedule.next_result() == 7
