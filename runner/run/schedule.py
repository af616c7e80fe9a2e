"""
Running many cases at a time, and giving their results in the order of the cases.

The executor is anything shaped like `concurrent.futures.Executor`: threads on one engine today.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Generic, TypeVar

_WAKE_EVERY_S = 0.2

T = TypeVar("T")
R = TypeVar("R")


class Schedule(Generic[T, R]):
    """
    Jobs under way. `next_result` waits for the next one in order; `cancel` keeps those that
    have not begun from beginning, for which `not_run` then gives the result.

    No job begins once `is_last` is true of a result, however many come before it in order.
    """

    def __init__(
        self,
        jobs: Sequence[T],
        run_one: Callable[[T], R],
        *,
        not_run: Callable[[T], R],
        executor: Executor,
        is_last: Callable[[R], bool] = lambda _: False,
    ) -> None:
        self._run_one = run_one
        self._not_run = not_run
        self._is_last = is_last
        self._over = threading.Event()
        self._under_way: list[tuple[T, Future[R]]] = [
            (job, executor.submit(self._begin, job)) for job in jobs
        ]
        self._given = 0

    def done(self) -> bool:
        """Return whether all results have been given."""
        return self._given == len(self._under_way)

    def next_result(self) -> R:
        """Wait for the next result in the order of the jobs."""
        job, future = self._under_way[self._given]
        result = self._not_run(job) if future.cancelled() else _result_of(future)
        self._given += 1
        return result

    def cancel(self) -> None:
        """Let no more jobs begin."""
        for _, future in self._under_way:
            future.cancel()

    def _begin(self, job: T) -> R:
        # Whoever runs the job looks: the main thread may be waiting for an earlier one.
        if self._over.is_set():
            return self._not_run(job)
        result = self._run_one(job)
        if self._is_last(result):
            self._over.set()
        return result


def _result_of(future: Future[R]) -> R:
    # A signal that arrives just before the main thread blocks does not wake it (met on a busy
    # machine: Ctrl-C was heard only when the next result came), so it never blocks for long.
    while True:
        try:
            return future.result(timeout=_WAKE_EVERY_S)
        except TimeoutError:
            # The job may have come to its end just now, or have raised this itself.
            if future.done():
                return future.result()
