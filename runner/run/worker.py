"""
A worker: one engine, with its images and its evidence, on which cases are run and judged.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from runner import shipped
from runner.engine.contract import Engine
from runner.engine.labels import is_left_over
from runner.errors import BUG_ADVICE, EngineError, words_of_bug
from runner.execute.case_run import run_case
from runner.judge.evaluator import CaseEvaluator, judge
from runner.model.case import Case
from runner.model.container import BuiltImage, ImageSource
from runner.model.engine_facts import EngineLost
from runner.model.observation import Interrupted, Observation, Timeline
from runner.model.result import CaseResult, EngineFacts, StepResult
from runner.model.settings import Settings
from runner.model.verdict import Errored, Skipped, Verdict, went_wrong
from runner.run.evidence import open_evidence
from runner.run.listener import Listener
from runner.words import count

_BUILDS_AT_A_TIME = 4


class Worker:
    """
    Runs cases on one engine; once that is lost, the cases after that are not tried.

    It needs nothing of a run but its settings, and a case needs nothing but a worker. To be used in
    a `with`, which closes the evidence.

    Raises:
        EngineError: nothing can be run on this engine at all.
    """

    def __init__(self, engine: Engine, settings: Settings, listener: Listener) -> None:
        self._engine = engine
        self._settings = settings
        self._listener = listener
        self._images: dict[ImageSource, str | EngineError] = {}
        self._lost: EngineLost | None = None
        self._lock = threading.Lock()
        engine.prepare_probe(_probe(), listener.progress)
        self._evidence = open_evidence(engine, settings.evidence)

    def __enter__(self) -> Self:
        """Use it for the time of a run."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing of the evidence behind on the engine's machine."""
        self._evidence.close()

    def describe(self) -> EngineFacts:
        """Return what the engine is, and which evidence is had there."""
        evidence = self._evidence
        return dataclasses.replace(
            self._engine.describe(), evidence=evidence.level, evidence_why=evidence.why
        )

    def remove_leftovers(self) -> None:
        """Remove the containers of runs that were killed."""
        owned = self._engine.list_owned()
        left_over = [one for one in owned if is_left_over(one.labels) and not one.kept]
        for one in left_over:
            self._engine.remove_owned(one.container_id)
        if left_over:
            containers = count(len(left_over), "container")
            self._listener.note(f"removed {containers} of a run that was killed")

    def prepare(self, cases: Sequence[Case]) -> None:
        """Pull or build the images of all cases; one that cannot be had is an error later."""

        def ensure(source: ImageSource) -> str | EngineError:
            try:
                return self._engine.ensure_image(source, self._listener.progress)
            except EngineError as error:
                return error

        wanted = dict.fromkeys(
            container.plan.image
            for case in cases
            if not case.skip
            for container in case.containers.values()
        )
        with ThreadPoolExecutor(max_workers=_BUILDS_AT_A_TIME) as executor:
            self._images = dict(zip(wanted, executor.map(ensure, wanted), strict=True))

    def run(self, case: Case) -> CaseResult:
        """Run and judge one case, as often as its settings say; raises nothing of its own."""
        result = self._run(case)
        self._listener.finished(result)
        return result

    def _run(self, case: Case) -> CaseResult:
        if case.skip:
            return self.without_running(case, None)
        images: dict[str, str] = {}
        for name, container in case.containers.items():
            image = self._images[container.plan.image]
            if isinstance(image, EngineError):
                lost = EngineLost(time.monotonic_ns(), image.what, image.advice)
                return self.without_running(case, lost)
            images[name] = image
        if self._lost is not None:
            return self.without_running(case, self._lost)
        self._listener.started(case)
        return self._tried(case, images)

    def without_running(self, case: Case, reason: Observation | None) -> CaseResult:
        """Return the result of a case that is not run, for that reason or because it is skipped."""
        return judge(case, (reason,) if reason else (), self._settings)

    def interrupt(self) -> None:
        """End the cases that run."""
        self._engine.interrupt()

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
            self._listener.note(f"{case.name}: {result.verdict.kind}, retry {again}")

    def _try(self, case: Case, images: Mapping[str, str], *, last: bool) -> CaseResult:
        keep = self._settings.keep and last
        timeline: Timeline = ()
        try:
            timeline = run_case(
                case,
                images=images,
                engine=self._engine,
                settings=dataclasses.replace(self._settings, keep=keep),
                open_evaluator=CaseEvaluator,
                watch=self._evidence.watch,
            )
            with self._lock:
                lost = (one for one in timeline if isinstance(one, EngineLost) and one.for_good)
                self._lost = self._lost or next(lost, None)
            return judge(case, timeline, self._settings)
        except Exception as error:  # noqa: BLE001 - a bug of ours costs one case, not the run
            return _broken(case, timeline, error)


def _broken(case: Case, timeline: Timeline, error: Exception) -> CaseResult:
    """Return the result of a case that met a bug in our own judgement."""
    skipped = Skipped("the case ended before this step")
    steps = tuple(StepResult(step.title, step.where, skipped) for step in case.all_steps)
    verdict = Errored(words_of_bug(error), BUG_ADVICE)
    return CaseResult(case, verdict, steps, timeline, took_s=0.0)


def _worth_a_retry(result: CaseResult) -> bool:
    if not went_wrong(result.verdict):
        return False
    return not any(
        isinstance(fact, Interrupted) or (isinstance(fact, EngineLost) and fact.for_good)
        for fact in result.timeline
    )


def _probe() -> ImageSource:
    return BuiltImage("probe", context=str(shipped.folder("images/probe")))
