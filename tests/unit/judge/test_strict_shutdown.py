"""`--strict-shutdown`: a stop or restart must leave no process that is killed with init."""

from __future__ import annotations

import dataclasses

import pytest

from runner.engine.fake import FakeEngine
from runner.engine.fake_program import FakeProgram, Reaction
from runner.execute.case_run import run_case
from runner.judge.evaluator import CaseEvaluator, judge
from runner.kernel.signals import SIGTERM
from runner.model.case import Case
from runner.model.engine_facts import InitRestarted
from runner.model.expectation import (
    Bounds,
    InitExited,
    InitIs,
    InitState,
    LogsHave,
    Pattern,
    ShutdownWas,
)
from runner.model.kernel_facts import TraceOpened
from runner.model.observation import (
    EngineAnswered,
    LogMatched,
    Observation,
    RestartRequested,
    StepActed,
    StepBegan,
    StepEnded,
    TraceReached,
)
from runner.model.result import CaseResult
from runner.model.step import Restart, Sender, Step
from runner.model.verdict import Decision, Errored, Failed, Passed, Undecided
from tests.support.cases import SETTINGS, case, execute, expect, send, snapshot, step, stop
from tests.support.decided import STOPS, acts, before, look
from tests.support.facts import MS, WORKER, process, sent
from tests.support.killed import DIES, ENDED, KNOWN, teardown

STRICT = dataclasses.replace(SETTINGS, strict_shutdown=True)
BYE = Pattern("bye")
CLEAN = (*before(), *STOPS, *DIES, *ENDED, KNOWN)
LEAVES = (*before(), *STOPS, *DIES, teardown(WORKER), *ENDED, KNOWN)


def at(now_ms: int, what: Step, *facts: Observation) -> Decision:
    """Say how a step stands at a time."""
    evaluator = CaseEvaluator(case(what), STRICT)
    for fact in facts:
        evaluator.see(fact)
    return evaluator.decide(now_ms * MS)


def strictly(what: Step, *facts: Observation, strict: bool = True) -> CaseResult:
    """Judge a case of one step and one that looks whether init has ended."""
    settings = STRICT if strict else SETTINGS
    known = (*facts, StepEnded(1130 * MS, 0))
    return judge(case(what, snapshot(InitExited((0,)))), known, settings)


@pytest.mark.parametrize("expects", [True, False])
def test_a_stop_that_leaves_a_process_fails(*, expects: bool) -> None:
    """Whether it expects something itself or not; what it has met is said, too."""
    one = stop(5.0, expect(InitExited((0,))) if expects else None)
    verdict = strictly(one, *LEAVES).steps[0].verdict

    assert isinstance(verdict, Failed)
    *met, last = verdict.findings
    assert [found.holds for found in met] == [True] * expects
    assert last.expected == "shutdown with 0 processes killed (--strict-shutdown)"
    assert last.seen.endswith("1 process killed with init: 7 worker")
    assert isinstance(strictly(one, *LEAVES, strict=False).steps[0].verdict, Passed)
    assert isinstance(strictly(one, *CLEAN).steps[0].verdict, Passed)


def test_a_restart_that_leaves_a_process_fails() -> None:
    """And what it expects of the new init counts as well."""
    begun = (StepBegan(995 * MS, 0), RestartRequested(1000 * MS, 0, 5.0))
    anew = (
        InitRestarted(1200 * MS, 0),
        TraceOpened(1150 * MS, 5001),
        StepActed(1250 * MS, 0),
        look(process(), at_ms=1260, until_ms=1900),
        TraceReached(1900 * MS),
    )
    what = step(Restart(5.0), expect(InitIs(InitState.RUNNING)))

    assert isinstance(at(1900, what, *before(), *begun, *DIES, *ENDED, *anew), Passed)
    leaves = at(1900, what, *before(), *begun, *DIES, teardown(WORKER), *ENDED, *anew)
    assert isinstance(leaves, Failed)
    assert [one.holds for one in leaves.findings] == [True, False]


def test_a_step_that_says_itself_how_many_keeps_its_own() -> None:
    """A `shutdown` that says nothing of that is not enough."""
    one = ShutdownWas(killed=Bounds(at_most=1))
    own = strictly(stop(5.0, expect(one)), *LEAVES).steps[0].verdict

    assert isinstance(own, Passed)
    assert len(own.findings) == 1
    other = strictly(stop(5.0, expect(ShutdownWas(escalated=False))), *LEAVES).steps[0].verdict
    assert isinstance(other, Failed)


def test_other_steps_may_leave_what_they_like() -> None:
    """A signal of the test is no stop."""
    facts = (*before(), *acts(sent("TERM", sender=Sender.HOST)), *LEAVES[len(before()) + 3 :])
    result = strictly(send("TERM", expect(InitExited((0,)))), *facts)

    assert isinstance(result.steps[0].verdict, Passed)
    assert result.steps[0].killed is not None


def test_where_it_cannot_be_known_the_step_is_errored() -> None:
    """With what would make it known, and by which option."""
    facts = (*before(traced=False), *STOPS, DIES[0], *ENDED)
    verdict = strictly(stop(5.0, expect(InitExited((0,)))), *facts).steps[0].verdict

    assert isinstance(verdict, Errored)
    assert "run as root on the engine's machine" in verdict.what
    assert "(--strict-shutdown)" in verdict.what


def test_what_is_to_be_ignored_is_ignored() -> None:
    """Failed or errored, and without it the case does not pass."""
    ignores = dataclasses.replace(stop(5.0, expect(InitExited((0,)))), ignore_errors=True)
    blind = (*before(traced=False), *STOPS, DIES[0], *ENDED)

    for facts in (LEAVES, blind):
        (one, _) = strictly(ignores, *facts).steps
        assert one.ignored
        evaluator = CaseEvaluator(case(ignores, snapshot(InitExited((0,)))), STRICT)
        for fact in (*facts, StepEnded(1130 * MS, 0)):
            evaluator.see(fact)
        assert not evaluator.went_wrong
    assert not strictly(ignores, *CLEAN).steps[0].ignored


def test_what_a_step_itself_has_not_met_is_what_it_fails_by() -> None:
    """It is not made worse."""
    verdict = strictly(stop(5.0, expect(InitExited((1,)))), *LEAVES).steps[0].verdict

    assert isinstance(verdict, Failed)
    assert len(verdict.findings) == 1


def test_the_times_of_the_step_are_not_its_times() -> None:
    """What must come within 50 ms has come; the end may take the grace period and 5 s."""
    bye = LogsHave((BYE,))
    what = stop(5.0, expect(bye, within=0.05))
    early = (*before(), *STOPS, *DIES[:2], LogMatched(1010 * MS, BYE, "bye", 1))

    waits = at(1200, what, *early)
    assert isinstance(waits, Undecided)
    assert isinstance(at(2200, what, *early, *DIES[2:], *ENDED, TraceReached(2000 * MS)), Passed)
    never = (*early, TraceReached(12_000 * MS), EngineAnswered(12_000 * MS))
    decision = at(12_000, what, *never)
    assert isinstance(decision, Failed)
    assert decision.why == "not met within 10 s"


def test_the_trace_is_asked_for_past_the_end() -> None:
    """Also for a stop that expects nothing."""
    facts = (*before(), *STOPS, *DIES, *ENDED, TraceReached(1105 * MS))
    decision = at(1130, stop(5.0), *facts)

    assert isinstance(decision, Undecided)
    assert decision.trace_ns == 1110 * MS


def played(a_case: Case) -> CaseResult:
    """Play it on the fake engine, which has no kernel behind it."""
    program = FakeProgram(prints="up\n", caught={SIGTERM: Reaction("bye\n", exits=0)})
    timeline = run_case(
        a_case,
        images={"": "x"},
        engine=FakeEngine({"/init": program}),
        settings=STRICT,
        open_evaluator=CaseEvaluator,
    )
    return judge(a_case, timeline, STRICT)


def test_an_errored_stop_ends_the_case_unless_it_is_ignored() -> None:
    """The executor asks the same judge: what comes after is not carried out."""
    checked = stop(5.0, expect(InitExited((0,))))
    after = snapshot(InitExited((0,)))

    result = played(case(execute("true"), checked, after))
    assert [one.verdict.kind for one in result.steps] == ["passed", "errored", "skipped"]
    assert isinstance(result.verdict, Errored)
    lenient = played(case(dataclasses.replace(checked, ignore_errors=True), after))
    assert [one.verdict.kind for one in lenient.steps] == ["errored", "passed"]
    assert isinstance(lenient.verdict, Passed)
