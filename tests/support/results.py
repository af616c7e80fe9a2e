"""Results of real cases on the fake engine, and hand-made ones."""

from __future__ import annotations

import dataclasses

from runner.engine.fake import FakeEngine
from runner.engine.fake_program import FakeProgram, Reaction
from runner.execute.case_run import run_case
from runner.judge.evaluator import CaseEvaluator, judge
from runner.kernel.signals import SIGTERM
from runner.model.case import Case
from runner.model.expectation import (
    InitExited,
    InitIs,
    InitState,
    KillAnswered,
    LogsHave,
    Pattern,
)
from runner.model.observation import Interrupted
from runner.model.result import CaseResult, EngineFacts, RunResult
from tests.support.cases import SETTINGS, case, expect, send, snapshot, stop

ENGINE = EngineFacts(
    name="docker", version="20.10", api="1.41", cgroup="v1", kernel="6.18", arch="x86_64"
)


def played(a_case: Case, program: FakeProgram) -> CaseResult:
    """Play a case on the fake engine and judge it."""
    engine = FakeEngine({"/init": program})
    timeline = run_case(
        a_case, images={"": "x"}, engine=engine, settings=SETTINGS, open_evaluator=CaseEvaluator
    )
    return judge(a_case, timeline, SETTINGS)


def named(result: CaseResult, name: str, **changes: object) -> CaseResult:
    """Rename a case."""
    a_case = dataclasses.replace(result.case, name=name, scenario=name, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(result, case=a_case)


GRACEFUL = FakeProgram(prints="up\n", caught={SIGTERM: Reaction("bye\n", exits=0, after_s=0.02)})
BARE = FakeProgram(prints="up\n")

PASSED = named(
    played(case(stop(5, expect(InitExited((0,)), LogsHave((Pattern("bye"),))))), GRACEFUL),
    "stops gracefully",
    why="A handler ends it.",
    source=("signal(7)",),
    tags=("seed",),
)
FAILED = named(
    played(
        case(
            send("TERM", expect(KillAnswered(""), InitExited((0,)), within=0.5)),
            snapshot(InitIs(InitState.RUNNING)),
        ),
        BARE,
    ),
    "ends on SIGTERM",
)
ERRORED = named(
    played(
        case(
            snapshot(InitIs(InitState.RUNNING)), ready=expect(LogsHave((Pattern("no"),)), within=1)
        ),
        BARE,
    ),
    "gets ready",
)
FLAKY = dataclasses.replace(
    named(PASSED, "passes at last"), earlier=(FAILED.verdict, ERRORED.verdict)
)
NOT_RUN = named(judge(FAILED.case, (Interrupted(1),), SETTINGS), "was not run")


def run_of(*cases: CaseResult, interrupted: bool = False) -> RunResult:
    """A run with these cases."""
    return RunResult(
        run_id="20261124-100000-abcdef",
        version="0.1.0",
        started_at="2026-11-24T10:00:00Z",
        took_s=1.25,
        engine=ENGINE,
        cases=cases,
        interrupted=interrupted,
    )


MIXED = run_of(PASSED, FAILED, ERRORED)
MATRIX = run_of(
    *(
        dataclasses.replace(
            PASSED,
            case=dataclasses.replace(
                PASSED.case,
                name=f"row {number}",
                scenario="row {{ number }}",
                row={"number": str(number), "from": "inside"},
            ),
        )
        for number in range(62)
    )
)
