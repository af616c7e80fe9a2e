"""
Running many cases at a time.

The executor is anything shaped like `concurrent.futures.Executor`: threads on one engine today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def run_in_order(jobs: Sequence[T], run_one: Callable[[T], R], executor: Executor) -> Iterator[R]:
    """
    Run all jobs, as many at a time as the executor likes; give the results in the jobs' order.

    When the consumer gives up (an exception, Ctrl-C), jobs that have not begun are cancelled.
    """
    futures: list[Future[R]] = [executor.submit(run_one, job) for job in jobs]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
