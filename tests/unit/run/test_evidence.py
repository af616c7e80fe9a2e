"""Which evidence a run has: the best there is, or what was asked for, or none at all."""

from __future__ import annotations

import dataclasses
from contextlib import closing

import pytest

from runner.archive import result_json
from runner.engine.fake import FakeEngine, FakeProgram
from runner.engine.trace.contract import KernelTrace
from runner.errors import EngineError, TraceUnavailable
from runner.model.expectation import InitIs, InitState
from runner.model.result import EngineFacts, RunResult
from runner.model.verdict import Evidence
from runner.report import junit, markdown
from runner.run import pipeline
from runner.run.evidence import open_evidence
from tests.support.cases import SETTINGS, case, snapshot
from tests.support.results import PASSED, run_of
from tests.support.shown import recap_of
from tests.unit.execute.test_kernel_watch import FakeTrace
from tests.unit.run.test_pipeline import Ear


class Sources(FakeEngine):
    """An engine with one of the two sources, or none."""

    def __init__(self, *there: bool) -> None:
        super().__init__({"/init": FakeProgram(prints="up\n")})
        self.there = there
        self.asked: list[bool] = []
        self.trace = FakeTrace()

    def open_trace(self, *, local: bool) -> KernelTrace:
        """As `Engine.open_trace`."""
        self.asked.append(local)
        if local in self.there:
            return self.trace
        raise TraceUnavailable("not root" if local else "no helpers here")


@pytest.mark.parametrize(
    ("there", "asked", "why"),
    [
        ((True, False), [True], "from this machine's tracefs"),
        ((False,), [True, False], "from a helper container"),
    ],
)
@pytest.mark.parametrize("wanted", [None, Evidence.KERNEL])
def test_the_kernels_record_is_read_where_it_can_be(
    there: tuple[bool, ...], asked: list[bool], why: str, wanted: Evidence | None
) -> None:
    """The machine's own first; it is closed and removed in the end."""
    engine = Sources(*there)

    with closing(open_evidence(engine, wanted)) as evidence:
        assert (evidence.level, evidence.why) == (Evidence.KERNEL, why)

    assert engine.asked == asked
    assert engine.trace.removed == 1


def test_where_it_cannot_proc_will_do_and_every_reason_is_told() -> None:
    """It is no error: nothing was asked for."""
    with closing(open_evidence(Sources(), None)) as evidence:
        assert evidence.level is Evidence.PROC
        assert evidence.watch is None
        assert evidence.why == (
            "the kernel trace cannot be read: this machine's tracefs: not root; "
            "a helper container: no helpers here"
        )


def test_where_it_cannot_and_must_the_run_does_not_begin() -> None:
    """Exit code 4, with the reasons, and what to do."""
    settings = dataclasses.replace(SETTINGS, evidence=Evidence.KERNEL)
    one = case(snapshot(InitIs(InitState.RUNNING)))

    with pytest.raises(EngineError) as caught:
        pipeline.run([one], engine=Sources(), settings=settings, forks=1, listener=Ear())

    assert caught.value.exit_code == 4
    assert "not root" in caught.value.what
    assert "run as root" in caught.value.advice


@pytest.mark.parametrize("wanted", [Evidence.PROC, Evidence.ENGINE])
def test_weaker_evidence_that_is_asked_for_is_not_exceeded(wanted: Evidence) -> None:
    """No trace is opened."""
    engine = Sources(True, False)

    with closing(open_evidence(engine, wanted)) as evidence:
        assert (evidence.level, evidence.why) == (wanted, "asked for")

    assert engine.asked == []


def test_a_mistake_during_the_run_leaves_no_trace_open() -> None:
    """Whatever the exception."""
    engine = Sources(True)

    def fail() -> None:
        with closing(open_evidence(engine, None)):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert engine.trace.removed == 1


def with_evidence(level: Evidence, why: str) -> RunResult:
    """A run with some evidence."""
    run = run_of(PASSED)
    facts: EngineFacts = dataclasses.replace(run.engine, evidence=level, evidence_why=why)
    return dataclasses.replace(run, engine=facts)


def test_every_report_says_which_evidence_was_used_and_why() -> None:
    """Console, Markdown, JUnit and the stored result."""
    run = with_evidence(Evidence.KERNEL, "from a helper container")

    recap = recap_of(run)
    assert recap[-2] == "evidence: kernel (from a helper container)"
    assert "evidence: kernel (from a helper container)" in markdown.render(run)
    assert 'value="kernel (from a helper container)"' in junit.render(run)
    stored = result_json.load(result_json.dump(run))
    assert (stored.engine.evidence, stored.engine.evidence_why) == (
        Evidence.KERNEL,
        "from a helper container",
    )


def test_words_of_the_engine_stay_on_one_line() -> None:
    """They may be anything."""
    run = with_evidence(Evidence.PROC, "no\nhelper | <b>")

    recap = recap_of(run)
    assert "\n" not in recap[-2]
    assert "<b>" not in markdown.render(run)
