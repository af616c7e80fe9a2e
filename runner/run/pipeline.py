"""
A run: from checked cases to results. Data flows one way: execute, judge, and into the result.

Nothing here prints; a `Listener` is told what happens.
"""

from __future__ import annotations

import dataclasses
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Protocol

from runner import __version__, shipped
from runner.engine.contract import Engine
from runner.engine.labels import is_left_over
from runner.errors import BUG_ADVICE, EngineError, words_of_bug
from runner.execute.case_run import run_case
from runner.execute.kernel_watch import KernelWatch
from runner.judge.evaluator import CaseEvaluator, judge
from runner.model.case import Case
from runner.model.container import BuiltImage, ImageSource
from runner.model.engine_facts import EngineLost
from runner.model.observation import Interrupted, Observation, Timeline
from runner.model.result import CaseResult, RunResult, StepResult
from runner.model.settings import Settings
from runner.model.verdict import Errored, Skipped, Verdict, went_wrong
from runner.plan.when import answered
from runner.run.evidence import open_evidence
from runner.run.schedule import Schedule

_BUILDS_AT_A_TIME = 4


class Listener(Protocol):
    """Told what happens during a run. All but `result` may be called from any thread."""

    def note(self, line: str) -> None:
        """Something worth a line: an image is built, leftovers were removed."""
        ...

    def progress(self, line: str) -> None:
        """Something that only matters until the next one comes."""
        ...

    def started(self, case: Case) -> None:
        """A case has begun."""
        ...

    def finished(self, case: Case) -> None:
        """A case has ended."""
        ...

    def result(self, result: CaseResult) -> None:
        """The next result in the order of the cases."""
        ...


def new_run_id() -> str:
    """Make an id that no other run on the same engine has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def run(
    cases: Sequence[Case],
    *,
    engine: Engine,
    settings: Settings,
    forks: int,
    listener: Listener,
    fail_fast: bool = False,
) -> RunResult:
    """
    Run all cases, `forks` at a time, and give their results in order.

    A case that failed or errored is run again as often as the settings say, until it passes.
    With `fail_fast`, no case is begun once a result is failed or errored; those are skipped.

    On KeyboardInterrupt, running cases are ended and their containers removed, the others are
    skipped, and the result says that it was interrupted.

    Raises:
        EngineError: nothing could be run at all.
    """
    began_s, started_at = time.monotonic(), datetime.now(UTC)
    engine.prepare_probe(_probe(), listener.progress)
    with open_evidence(engine, settings.evidence) as evidence:
        facts = dataclasses.replace(
            engine.describe(), evidence=evidence.level, evidence_why=evidence.why
        )
        cases = [answered(case, facts) for case in cases]
        _reap(engine, listener)
        images = _prepare(engine, list(_images(cases)), listener)
        runs = _CaseRuns(engine, settings, images, listener, watch=evidence.watch)
        results, interrupted = _run_all(cases, runs, forks=forks, fail_fast=fail_fast)
    return RunResult(
        run_id=settings.run_id,
        version=__version__,
        started_at=started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        took_s=time.monotonic() - began_s,
        engine=facts,
        cases=tuple(results),
        interrupted=interrupted,
    )


def _run_all(
    cases: Sequence[Case], runs: _CaseRuns, *, forks: int, fail_fast: bool
) -> tuple[list[CaseResult], bool]:
    """Return the results in order, and whether the run was interrupted."""
    results: list[CaseResult] = []
    interrupted = False
    with ThreadPoolExecutor(max_workers=forks, thread_name_prefix="case") as executor:
        schedule = Schedule(cases, runs.run_one, not_run=runs.not_run, executor=executor)
        while not schedule.done():
            try:
                results.append(schedule.next_result())
                runs.listener.result(results[-1])
                if fail_fast and went_wrong(results[-1].verdict):
                    runs.why_not = "an earlier case failed, and --fail-fast is set"
                    schedule.cancel()
            except KeyboardInterrupt:
                interrupted, runs.why_not = True, ""
                schedule.cancel()
                runs.engine.interrupt()
            except BaseException:
                # A mistake of ours: end what runs, so that nothing is left, and tell it.
                schedule.cancel()
                runs.engine.interrupt()
                raise
    return results, interrupted


class _CaseRuns:
    """
    Runs single cases; once the engine is lost, the cases after that are not tried.

    `why_not` is the reason why cancelled cases are skipped; "" if they were interrupted.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        images: Mapping[ImageSource, str | EngineError],
        listener: Listener,
        *,
        watch: KernelWatch | None,
    ) -> None:
        self.engine = engine
        self._settings = settings
        self._images = images
        self.listener = listener
        self._watch = watch
        self.why_not = ""
        self._lost: EngineLost | None = None
        self._lock = threading.Lock()

    def run_one(self, case: Case) -> CaseResult:
        """Run and judge one case."""
        if case.skip:
            return self._unrun(case, None)
        images: dict[str, str] = {}
        for name, container in case.containers.items():
            image = self._images[container.plan.image]
            if isinstance(image, EngineError):
                return self._unrun(case, EngineLost(time.monotonic_ns(), image.what, image.advice))
            images[name] = image
        if self._lost is not None:
            return self._unrun(case, self._lost)
        self.listener.started(case)
        result = self._tried(case, images)
        self.listener.finished(case)
        return result

    def _tried(self, case: Case, images: Mapping[str, str]) -> CaseResult:
        """Try a case until it passes, and not more often than wanted."""
        earlier: list[Verdict] = []
        while True:
            left = self._settings.retries - len(earlier)
            result = self._try(case, images, last=left <= 0)
            if left <= 0 or not _worth_a_retry(result):
                return dataclasses.replace(result, earlier=tuple(earlier))
            earlier.append(result.verdict)
            again = f"{len(earlier)} of {self._settings.retries}"
            self.listener.note(f"{case.name}: {result.verdict.kind}, once more ({again})")

    def _try(self, case: Case, images: Mapping[str, str], *, last: bool) -> CaseResult:
        keep = self._settings.keep and last
        timeline: Timeline = ()
        try:
            timeline = run_case(
                case,
                images=images,
                engine=self.engine,
                settings=dataclasses.replace(self._settings, keep=keep),
                open_evaluator=CaseEvaluator,
                watch=self._watch,
            )
            with self._lock:
                lost = (one for one in timeline if isinstance(one, EngineLost) and one.for_good)
                self._lost = self._lost or next(lost, None)
            return judge(case, timeline, self._settings)
        except Exception as error:  # noqa: BLE001 - a mistake of ours costs one case, not the run
            return _broken(case, timeline, error)

    def not_run(self, case: Case) -> CaseResult:
        """Return the result of a case that was cancelled before it began."""
        if self.why_not:
            return self._unrun(dataclasses.replace(case, skip=self.why_not), None)
        return self._unrun(case, Interrupted(time.monotonic_ns()))

    def _unrun(self, case: Case, reason: Observation | None) -> CaseResult:
        return judge(case, (reason,) if reason else (), self._settings)


def _broken(case: Case, timeline: Timeline, error: Exception) -> CaseResult:
    """Return the result of a case on which our own judgement has made a mistake."""
    skipped = Skipped("the case ended before this step")
    steps = tuple(StepResult(step.title, step.where, skipped) for step in case.all_steps)
    verdict = Errored(words_of_bug(error), BUG_ADVICE)
    return CaseResult(case, verdict, steps, timeline, took_s=0.0)


def _images(cases: Sequence[Case]) -> Iterator[ImageSource]:
    """Yield the images of all cases that are to be run."""
    for case in cases:
        if not case.skip:
            yield from (container.plan.image for container in case.containers.values())


def _worth_a_retry(result: CaseResult) -> bool:
    if result.verdict.kind not in {"failed", "errored"}:
        return False
    return not any(
        isinstance(fact, Interrupted) or (isinstance(fact, EngineLost) and fact.for_good)
        for fact in result.timeline
    )


def _reap(engine: Engine, listener: Listener) -> None:
    left_over = [one for one in engine.list_owned() if is_left_over(one.labels) and not one.kept]
    for one in left_over:
        engine.remove_owned(one.container_id)
    if left_over:
        count = len(left_over)
        listener.note(
            f"removed {count} container{'s' if count > 1 else ''} of a run that was killed"
        )


def _prepare(
    engine: Engine, sources: Sequence[ImageSource], listener: Listener
) -> Mapping[ImageSource, str | EngineError]:
    """Fetch or build all images; one that cannot be had is an error later."""

    def ensure(source: ImageSource) -> str | EngineError:
        try:
            return engine.ensure_image(source, listener.progress)
        except EngineError as error:
            return error

    distinct = list(dict.fromkeys(sources))
    with ThreadPoolExecutor(max_workers=_BUILDS_AT_A_TIME) as executor:
        return dict(zip(distinct, executor.map(ensure, distinct), strict=True))


def _probe() -> ImageSource:
    return BuiltImage("probe", context=str(shipped.folder("images/probe")))
