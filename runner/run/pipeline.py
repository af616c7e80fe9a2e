"""
A run: from checked cases to results, in their order.

Nothing here prints; a `Listener` is told what happens.
"""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from runner import __version__
from runner.engine.contract import Engine
from runner.model.case import READY, Case
from runner.model.observation import Interrupted, StepBroken
from runner.model.result import CaseResult, EngineFacts, RunResult
from runner.model.settings import Settings
from runner.model.verdict import NOT_BEGUN, went_wrong
from runner.plan.when import FACTS, answered, unanswered
from runner.run.listener import Listener
from runner.run.schedule import Schedule
from runner.run.store import KeepAll, Store
from runner.run.worker import Worker

_KNOWN: Final = f"a `when` may name {', '.join(FACTS)} and variables: scenario-doc when"

OpenExecutor = Callable[[int], Executor]
"""Opens what runs so many cases at a time."""


def in_threads(forks: int) -> Executor:
    """Run cases in threads of this process."""
    return ThreadPoolExecutor(max_workers=forks, thread_name_prefix="case")


def new_run_id() -> str:
    """Return an id that no other run on the same engine has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def run(  # noqa: PLR0913 - each has its own default or name
    cases: Sequence[Case],
    *,
    engine: Engine,
    settings: Settings,
    forks: int,
    listener: Listener,
    open_executor: OpenExecutor = in_threads,
    store: Store | None = None,
) -> RunResult:
    """
    Run all cases, `forks` at a time, and return their results in order.

    A case that failed or errored is run again as often as the settings say, until it passes. Where
    they say to fail fast, no case is begun once a result is failed or errored; those are skipped.
    `store` is given each result once it is there, and the run keeps what it returns.

    On KeyboardInterrupt, running cases are ended and their containers removed, the others are
    skipped, and the result says that it was interrupted.

    Raises:
        EngineError: nothing could be run at all.
    """
    began_s, started_at = time.monotonic(), datetime.now(UTC)
    store = store or KeepAll()
    with Worker(engine, settings, listener) as worker:
        facts = worker.describe()
        cases = [answered(case, facts) for case in cases]
        worker.remove_leftovers()
        worker.prepare(cases)
        head = RunResult(
            run_id=settings.run_id,
            version=__version__,
            started_at=started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            took_s=0.0,
            engine=facts,
            cases=(),
        )
        store.begin(head, len(cases))
        with open_executor(forks) as executor:
            order = _InOrder(worker, listener, store, facts, fail_fast=settings.fail_fast)
            results = order.run(cases, executor)
    result = dataclasses.replace(
        head,
        took_s=time.monotonic() - began_s,
        cases=tuple(results),
        interrupted=order.interrupted,
    )
    store.end(result)
    return result


class _InOrder:
    """Collects the results in the order of the cases, and ends a run early."""

    def __init__(
        self,
        worker: Worker,
        listener: Listener,
        store: Store,
        engine: EngineFacts,
        *,
        fail_fast: bool,
    ) -> None:
        self._worker = worker
        self._engine = engine
        self._listener = listener
        self._store = store
        self._fail_fast = fail_fast
        self.interrupted = False

    def run(self, cases: Sequence[Case], executor: Executor) -> list[CaseResult]:
        """Return a result for each case."""
        results: list[CaseResult] = []
        schedule = Schedule(
            list(enumerate(cases)),
            self._run,
            not_run=self._not_run,
            executor=executor,
            is_last=lambda result: self._fail_fast and went_wrong(result.verdict),
        )
        while not schedule.done():
            try:
                results.append(schedule.next_result())
                self._listener.result(results[-1])
            except KeyboardInterrupt:
                self.interrupted = True
                schedule.cancel()
                self._worker.interrupt()
            except BaseException:
                # A bug of ours: end what runs, so that nothing is left, and raise it.
                schedule.cancel()
                self._worker.interrupt()
                raise
        return results

    def _run(self, job: tuple[int, Case]) -> CaseResult:
        number, case = job
        why = "" if case.skip else unanswered(case, self._engine)
        if not why:
            return self._store.add(number, self._worker.run(case))
        broken = StepBroken(time.monotonic_ns(), READY, why, _KNOWN)
        return self._store.add(number, self._worker.without_running(case, broken))

    def _not_run(self, job: tuple[int, Case]) -> CaseResult:
        """Return the result of a case that does not begin."""
        number, case = job
        if self.interrupted:
            why = Interrupted(time.monotonic_ns())
            return self._store.add(number, self._worker.without_running(case, why))
        skipped = dataclasses.replace(case, skip=NOT_BEGUN)
        return self._store.add(number, self._worker.without_running(skipped, None))
