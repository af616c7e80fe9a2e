"""A whole run on the fake engine: order, images, leftovers, interrupts, a lost engine."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping

import pytest

from runner.archive import result_json
from runner.engine.contract import EventQueue, OwnedContainer
from runner.engine.fake import FakeContainer, FakeEngine, FakeProgram
from runner.engine.labels import CASE, STARTED, Owner
from runner.errors import EngineUnreachable
from runner.model.case import Case
from runner.model.container import ContainerPlan
from runner.model.engine_facts import ContainerCreated
from runner.model.expectation import InitIs, InitState
from runner.model.observation import ContainerKept
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import NOT_BEGUN, Errored, Skipped
from runner.report import junit, markdown
from runner.run import pipeline, worker
from tests.support.cases import SETTINGS, case, snapshot

RUNNING = snapshot(InitIs(InitState.RUNNING))


class Ear:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.results: list[str] = []
        self.finished_as: list[str] = []
        self.threads: set[str] = set()

    def note(self, line: str) -> None:
        """Keep a note."""
        self.notes.append(line)

    def progress(self, line: str) -> None:
        """Progress is not kept."""

    def started(self, a_case: Case) -> None:
        """Keep who runs it."""
        self.threads.add(threading.current_thread().name)

    def finished(self, result: CaseResult) -> None:
        """Keep how it ended."""
        self.finished_as.append(result.verdict.kind)

    def result(self, result: CaseResult) -> None:
        """Keep the order."""
        self.results.append(result.case.name)


def run(engine: FakeEngine, *cases: Case, ear: Ear | None = None) -> RunResult:
    """Run cases, one at a time: the fake engine's clock is for one."""
    return pipeline.run(cases, engine=engine, settings=SETTINGS, forks=1, listener=ear or Ear())


def bare() -> FakeEngine:
    """An engine with one program."""
    return FakeEngine({"/init": FakeProgram(prints="up\n")})


def test_results_come_in_the_order_of_the_cases() -> None:
    """And everything is in the result."""
    ear = Ear()

    result = run(bare(), *(case(RUNNING, name=f"case {n}") for n in range(5)), ear=ear)

    assert ear.results == [f"case {n}" for n in range(5)]
    assert result.totals.passed == 5
    assert result.engine.name == "fake"


def test_an_image_that_is_not_there_is_an_error_of_its_cases_only() -> None:
    """The others are run."""
    result = run(bare(), case(RUNNING, image="missing", name="one"), case(RUNNING, name="two"))

    first = result.cases[0].verdict
    assert isinstance(first, Errored)
    assert first.engine
    assert "no image 'missing'" in first.what
    assert result.cases[1].verdict.kind == "passed"


def test_containers_of_a_killed_run_are_removed_first() -> None:
    """Those of living runs stay."""
    engine = bare()
    labels = Owner.this_process().labels("old", "case")
    for name, more in (("dead", {STARTED: "1"}), ("living", {})):
        engine.containers[name] = OwnedContainer(name, {**labels, **more})
    ear = Ear()

    run(engine, case(RUNNING), ear=ear)

    assert list(engine.containers) == ["living"]
    assert ear.notes == ["removed 1 container of a run that was killed"]


def test_kept_containers_of_a_dead_run_stay() -> None:
    """Somebody wants to look at them."""
    engine = bare()
    labels = {**Owner.this_process().labels("old", "case"), STARTED: "1"}
    engine.containers["kept"] = OwnedContainer("kept", labels, kept=True)

    run(engine, case(RUNNING))

    assert list(engine.containers) == ["kept"]


def test_the_containers_of_what_went_wrong_are_kept_if_so_wanted() -> None:
    """Those of passed cases are removed as ever; the timeline has the name."""
    engine = bare()
    failing = case(snapshot(InitIs(InitState.STOPPED), within=0.1), name="failing")

    result = pipeline.run(
        [case(RUNNING), failing],
        engine=engine,
        settings=dataclasses.replace(SETTINGS, keep=True),
        forks=1,
        listener=Ear(),
    )

    assert [one.labels[CASE] for one in engine.list_owned()] == ["failing"]
    assert [one.kept for one in engine.list_owned()] == [True]
    kept = [fact for fact in result.cases[1].timeline if isinstance(fact, ContainerKept)]
    assert [fact.name for fact in kept] == ["scenario-run-kept-fake-2"]
    assert result.cases[1].verdict.kind == "failed"


def test_an_interrupt_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though interrupted cases are errored."""
    engine = bare()
    monkeypatch.setattr(FakeContainer, "follow_output", lambda _: engine.interrupt())

    result = pipeline.run(
        [case(RUNNING)],
        engine=engine,
        settings=dataclasses.replace(SETTINGS, keep=True),
        forks=1,
        listener=Ear(),
    )

    assert result.cases[0].verdict == Errored("interrupted")
    assert not engine.containers


def test_an_interrupt_ends_the_run_in_good_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results so far are kept, the others say that they were interrupted, nothing is left."""
    engine = bare()
    ear = Ear()

    def interrupted(result: CaseResult) -> None:
        ear.results.append(result.case.name)
        if len(ear.results) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(ear, "result", interrupted)

    result = run(engine, *(case(RUNNING, name=f"case {n}") for n in range(50)), ear=ear)

    assert result.interrupted
    assert len(result.cases) == 50
    assert len(ear.results) == 50
    assert result.cases[-1].verdict == Errored("interrupted")
    assert not engine.containers


def test_once_the_engine_is_lost_no_other_case_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead engine must not cost a timeout for each case."""
    engine = bare()
    tries: list[str] = []

    def lost(self: FakeContainer) -> None:
        tries.append(self.container_id)
        raise EngineUnreachable("gone")

    monkeypatch.setattr(FakeContainer, "follow_output", lost)

    result = run(engine, *(case(RUNNING, name=f"case {n}") for n in range(9)))

    assert len(tries) == 1
    assert {one.verdict.kind for one in result.cases} == {"errored"}
    assert all(isinstance(one.verdict, Errored) and one.verdict.engine for one in result.cases)


@pytest.mark.parametrize("method", ["follow_output", "start", "inspect", "remove"])
def test_a_mistake_of_ours_costs_one_case(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    """It is told whole and as ours; the other cases are run, and nothing is left behind."""
    engine = bare()
    right = getattr(FakeContainer, method)
    calls: list[str] = []

    def broken(self: FakeContainer, *arguments: object) -> object:
        calls.append(self.container_id)
        answer = right(self, *arguments)
        if calls[0] == self.container_id:
            raise ZeroDivisionError("by nought")
        return answer

    monkeypatch.setattr(FakeContainer, method, broken)

    result = run(engine, *(case(RUNNING, name=f"case {n}") for n in range(3)))

    first, *others = (one.verdict for one in result.cases)
    assert isinstance(first, Errored)
    assert first.what.startswith("ZeroDivisionError: by nought (runner/execute/case_run.py:")
    assert "this is a bug in scenario-run" in first.advice
    assert not first.engine
    assert [one.kind for one in others] == ["passed", "passed"]
    assert result.cases[0].timeline
    assert not engine.containers


@pytest.mark.parametrize("name", ["judge", "CaseEvaluator", "run_case"])
def test_a_mistake_in_our_judgement_costs_one_case(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Its facts are kept, where they were gathered, and every report can be written."""
    right = getattr(worker, name)

    def broken(a_case: Case, *arguments: object, **keys: object) -> object:
        if a_case.name == "case 0":
            raise RecursionError
        return right(a_case, *arguments, **keys)

    monkeypatch.setattr(worker, name, broken)
    engine = bare()

    result = run(engine, *(case(RUNNING, name=f"case {n}") for n in range(2)))

    first, other = result.cases
    assert isinstance(first.verdict, Errored)
    assert first.verdict.what.startswith("RecursionError")
    assert other.verdict.kind == "passed"
    assert bool(first.timeline) == (name == "judge")
    assert not engine.containers
    for render in (junit.render, markdown.render, result_json.dump):
        assert "RecursionError" in render(result)


def test_run_ids_differ() -> None:
    """Two runs on one engine tell their containers apart."""
    assert pipeline.new_run_id() != pipeline.new_run_id()
    assert dataclasses.replace(SETTINGS, run_id="x").run_id == "x"


def test_a_skipped_case_is_not_run_and_says_why() -> None:
    """It needs neither its image nor a container."""
    skipped = dataclasses.replace(case(RUNNING, image="missing"), skip="not today")

    result = run(bare(), skipped)

    assert result.cases[0].verdict == Skipped("not today")
    assert result.cases[0].steps[0].verdict == Skipped("not today")
    assert result.totals.skipped == 1


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("engine.name == 'fake'", "passed"),
        ("cgroup == 'v2'", "skipped"),
        ("word in ['a', 'b']", "passed"),
        ("engine.nothing > 3", "errored"),
        ("1 / 0 > word", "errored"),
    ],
)
def test_when_is_answered_by_the_facts_of_the_engine(expression: str, kind: str) -> None:
    """False: skipped, with the expression as the reason. Without an answer it is errored."""
    a_case = dataclasses.replace(case(RUNNING), when=expression, variables={"word": "a"})

    verdict = run(bare(), a_case).cases[0].verdict

    assert verdict.kind == kind
    if isinstance(verdict, Skipped):
        assert expression in verdict.reason
    if isinstance(verdict, Errored):
        assert f"when: {expression} cannot be answered" in verdict.what


def test_a_step_whose_when_has_no_answer_makes_its_case_errored() -> None:
    """Nothing of the case is run; one that is skipped already is not asked."""
    asks = dataclasses.replace(RUNNING, when="kernel.nope > 3")

    errored, skipped = run(
        bare(), case(asks, RUNNING), case(dataclasses.replace(asks, skip="no"), RUNNING, name="b")
    ).cases

    assert isinstance(errored.verdict, Errored)
    assert "kernel.nope" in errored.verdict.what
    assert not [fact for fact in errored.timeline if isinstance(fact, ContainerCreated)]
    assert skipped.verdict.kind == "passed"


def test_a_skipped_step_is_passed_over() -> None:
    """The others are carried out; if none is left that expects anything, nothing was tested."""
    no_step = dataclasses.replace(RUNNING, when="arch == 'z80'")

    some, none = run(bare(), case(no_step, RUNNING), case(no_step, name="b")).cases

    assert [step.verdict.kind for step in some.steps] == ["skipped", "passed"]
    assert some.verdict.kind == "passed"
    assert none.verdict.kind == "errored"


def test_a_step_that_is_skipped_already_is_not_asked_when() -> None:
    """Its expression must not let it be carried out after all."""
    skipped = dataclasses.replace(RUNNING, skip="before", when="engine.name == 'fake'")

    steps = run(bare(), case(skipped, RUNNING)).cases[0].steps

    assert [step.verdict.kind for step in steps] == ["skipped", "passed"]


def with_retries(engine: FakeEngine, a_case: Case, retries: int) -> CaseResult:
    """Run a case, and again if need be."""
    settings = dataclasses.replace(SETTINGS, retries=retries)
    (result,) = pipeline.run(
        [a_case], engine=engine, settings=settings, forks=1, listener=Ear()
    ).cases
    return result


class Flaky(FakeEngine):
    """An engine on which init cannot be started the first few times."""

    def __init__(self, times: int) -> None:
        super().__init__({})
        self._times = times

    def create(
        self,
        plan: ContainerPlan,
        *,
        image: str,
        labels: Mapping[str, str],
        queue: EventQueue,
        share_pid_of: str = "",
    ) -> FakeContainer:
        """Count down."""
        self.programs = {} if self._times > 0 else {"/init": FakeProgram()}
        self._times -= 1
        return super().create(
            plan, image=image, labels=labels, queue=queue, share_pid_of=share_pid_of
        )


@pytest.mark.parametrize(
    ("bad", "retries", "kind", "earlier"),
    [(0, 2, "passed", 0), (1, 2, "passed", 1), (2, 2, "passed", 2), (3, 2, "failed", 2)],
)
def test_a_case_is_run_again_until_it_passes(
    bad: int, retries: int, kind: str, earlier: int
) -> None:
    """So often and not more; what came before is told, and nothing is left."""
    engine = Flaky(bad)

    result = with_retries(engine, case(RUNNING), retries)

    assert result.verdict.kind == kind
    assert [one.kind for one in result.earlier] == ["failed"] * earlier
    assert result.flaky is (kind == "passed" and earlier > 0)
    assert not engine.containers


def test_an_interrupted_case_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is errored."""
    engine = bare()
    monkeypatch.setattr(FakeContainer, "follow_output", lambda _: engine.interrupt())

    assert with_retries(engine, case(RUNNING), 5).earlier == ()


def test_only_the_container_of_the_last_try_is_kept() -> None:
    """One of each try would be more than anybody looks at."""
    engine = Flaky(9)
    settings = dataclasses.replace(SETTINGS, retries=2, keep=True)

    pipeline.run([case(RUNNING)], engine=engine, settings=settings, forks=1, listener=Ear())

    assert list(engine.containers) == ["fake-3"]


def test_after_a_failure_no_case_is_begun_if_so_wanted() -> None:
    """Those are skipped, and say why."""
    failing = case(snapshot(InitIs(InitState.STOPPED), within=0.1), name="failing")

    result = pipeline.run(
        [failing, *(case(RUNNING, name=f"case {n}") for n in range(30))],
        engine=bare(),
        settings=dataclasses.replace(SETTINGS, fail_fast=True),
        forks=1,
        listener=Ear(),
    )

    assert (result.totals.failed, result.totals.skipped) == (1, 30)
    assert result.cases[-1].verdict == Skipped(NOT_BEGUN)
