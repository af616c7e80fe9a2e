"""What is sure at once, what takes more to be known, and what never will be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.evaluator import CaseEvaluator
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import InitEnded
from runner.model.expectation import (
    Bounds,
    Check,
    InitIs,
    InitKilledBy,
    InitState,
    OutcomeWas,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
    ShutdownWas,
)
from runner.model.kernel_facts import ChildStatus, ExitCalled, KernelFact, ProcessExited
from runner.model.observation import (
    EngineAnswered,
    Observation,
    StepActed,
    StepBegan,
    StepEnded,
    TimedOut,
    TraceReached,
)
from runner.model.step import Sender
from runner.model.verdict import Errored, Failed, Passed, Undecided
from tests.support.cases import SETTINGS, case, expect, send, snapshot
from tests.support.decided import RESTARTED, acts, before, decided, judged, look
from tests.support.facts import INIT, MS, RUNTIME, WORKER, delivered, generated, process, sent, told

END = 60_000
TERM = acts(sent("TERM", sender=Sender.HOST))
TO_WORKER = acts(sent("TERM", pid=7))
KILLED_BY = expect(InitKilledBy((SIGTERM,)))
EXITED = ProcessExited(1050 * MS, INIT)
GONE = InitEnded(1060 * MS, 143)
QUEUED = generated("TERM", sender=RUNTIME)
SEVEN = Selector(pid=7)


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        ((QUEUED, EXITED, told(INIT, ChildStatus.KILLED, at_ms=1051)), Passed),
        ((QUEUED, EXITED, told(INIT, ChildStatus.EXITED, at_ms=1051)), Failed),
        ((QUEUED, EXITED), Passed),
        ((QUEUED, ExitCalled(1049 * MS, INIT, 143), EXITED), Failed),
        ((EXITED,), Errored),
        ((QUEUED,), Errored),
        ((), Errored),
    ],
    ids=["killed", "exited", "nobody-told", "exit-called", "no-signal", "no-end", "nothing"],
)
def test_the_record_says_what_has_ended_init(record: tuple[KernelFact, ...], kind: type) -> None:
    """Where it does not, and is whole, that will never be known."""
    facts = (*before(), *TERM, *record, GONE)
    reached = (TraceReached(END * MS), EngineAnswered(END * MS))

    assert isinstance(decided(END, KILLED_BY, *facts, *reached), kind)
    if kind is Errored:
        assert isinstance(decided(1070, KILLED_BY, *facts, TraceReached(1055 * MS)), Undecided)


def test_how_an_init_ended_that_a_policy_starts_again_is_not_the_last_word() -> None:
    """Though the record of its end is whole, and does not say how."""
    facts = (*before(), *TERM, EXITED, GONE, TraceReached(1061 * MS))

    assert isinstance(decided(1070, KILLED_BY, *facts, restart=RESTARTED), Undecided)
    assert isinstance(decided(1070, KILLED_BY, *facts), Errored)


def test_a_status_that_no_signal_gives_leaves_it_to_the_record() -> None:
    """Such as 0, where the engine does not know better."""
    record = (QUEUED, EXITED, told(INIT, ChildStatus.KILLED, at_ms=1051))
    facts = (*before(), *TERM, *record, replace(GONE, exit_code=0), TraceReached(END * MS))

    assert isinstance(decided(END, KILLED_BY, *facts), Passed)
    other = expect(InitKilledBy((SIGKILL,)))
    assert isinstance(decided(END, other, *facts), Failed)


@pytest.mark.parametrize("known", [True, False])
def test_a_shutdown_is_timed_by_the_record_once_that_has_come(*, known: bool) -> None:
    """The engine's word of the end is no end of the record."""
    quick = expect(ShutdownWas(took_s=Bounds(at_most=0.05)))
    record = (QUEUED, EXITED, TraceReached(1061 * MS)) if known else (QUEUED,)
    facts = (*before(), *TERM, *record, GONE)

    assert isinstance(decided(1070, quick, *facts), Passed if known else Undecided)


def test_a_case_is_ended_early_in_one_step_only() -> None:
    """What was judged before stays, and what comes before the first step is no step."""
    one = case(send("TERM", expect(InitIs(InitState.RUNNING))))
    evaluator = CaseEvaluator(one, SETTINGS)
    for fact in (*before(traced=False)[:3], TimedOut(5_000 * MS, 5.0)):
        evaluator.see(fact)

    assert isinstance(evaluator.verdict(), Errored)
    assert [step.verdict.kind for step in evaluator.result(()).steps] == ["skipped"]
    assert evaluator.went_wrong


def test_what_was_judged_is_not_judged_anew_when_the_case_is_ended_early() -> None:
    """The step had passed."""
    one = case(send("TERM", expect(InitIs(InitState.RUNNING))), snapshot(InitIs(InitState.RUNNING)))
    runs = look(at_ms=1010, until_ms=1500)
    evaluator = CaseEvaluator(one, SETTINGS)
    early = (*before(traced=False), *TERM, runs, StepEnded(1500 * MS, 0), TimedOut(1600 * MS, 1.6))
    for fact in early:
        evaluator.see(fact)

    assert [step.verdict.kind for step in evaluator.result(()).steps] == ["passed", "skipped"]
    assert evaluator.verdict().kind == "errored"


def test_a_step_that_only_looks_counts_from_when_it_began() -> None:
    """What came of the signal before it has no part in that."""
    one = case(send("TERM"), snapshot(InitIs(InitState.STOPPED), within=0.5))
    evaluator = CaseEvaluator(one, SETTINGS)
    second = (StepBegan(2000 * MS, 1), StepActed(2000 * MS, 1))
    for fact in (*before(traced=False), *TERM, *second, look(at_ms=2010, until_ms=END)):
        evaluator.see(fact)

    waiting = evaluator.decide(2400 * MS)
    assert isinstance(waiting, Undecided)
    assert waiting.wake_ns == 2500 * MS
    assert isinstance(evaluator.decide(2501 * MS), Failed)


TRACED = replace(process(7), traced=True)


@pytest.mark.parametrize(
    ("target", "after", "told_of"),
    [(TRACED, process(7), True), (process(7), TRACED, True), (TRACED, TRACED, True)],
)
def test_what_a_tracer_was_shown_before_or_after_cannot_be_told(
    target: object, after: object, *, told_of: bool
) -> None:
    """It may have put another signal in its place."""
    facts = (
        *before(process(), target),  # type: ignore[arg-type]
        *TO_WORKER,
        generated("TERM", target=WORKER),
        look(process(), after, at_ms=1010, until_ms=END),  # type: ignore[arg-type]
        TraceReached(END * MS),
    )
    (one,) = judged(END, expect(OutcomeWas(Outcome.TERMINATED)), *facts).steps[0].signals

    assert ("was reported to its tracer" in one.seen) is told_of
    assert (one.actual, one.final) == (None, True)


def test_what_became_of_a_signal_is_told_as_of_the_end_of_the_case() -> None:
    """Where there is no record, and nothing was seen after it."""
    facts = (*before(traced=False), *TO_WORKER)

    (one,) = judged(END, expect(OutcomeWas(Outcome.TERMINATED)), *facts).steps[0].signals

    assert (one.actual, one.at_ns) == (None, END * MS)


def test_without_the_record_what_is_seen_of_a_lasting_outcome_takes_the_quiet_period() -> None:
    """It is final when init has ended."""
    stops = (*before(traced=False), *acts(sent("STOP", pid=7)))
    halted = process(7, state=ProcessState.STOPPED)
    seen = look(process(), halted, at_ms=1010, until_ms=1020)
    stopped, other = expect(OutcomeWas(Outcome.STOPPED)), expect(OutcomeWas(Outcome.PENDING))

    assert isinstance(decided(1020, stopped, *stops, seen), Passed)
    assert isinstance(decided(1020, other, *stops, seen), Undecided)
    ended = InitEnded(1100 * MS, 0)
    assert isinstance(decided(1101, other, *stops, seen, ended), Failed)


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (ProcessIs(SEVEN, ProcessFacts(received=(Received(SIGTERM),), comm="x")), Undecided),
        (ProcessIs(SEVEN, ProcessFacts(received=(Received(SIGTERM),), comm="worker")), Passed),
        (ProcessIs(SEVEN, ProcessFacts(received=(), comm="worker")), Failed),
    ],
)
def test_of_two_parts_of_a_check_one_that_is_wrong_for_good_decides(
    check: Check, kind: type
) -> None:
    """A name may change; what was received cannot be undone."""
    record = (generated("TERM", target=WORKER), delivered("TERM", task=WORKER))
    facts: tuple[Observation, ...] = (
        *before(),
        *TO_WORKER,
        *record,
        look(at_ms=1010, until_ms=2500),
        TraceReached(2500 * MS),
    )
    assert isinstance(decided(2500, expect(check), *facts), kind)
