"""How long a thing must be so, from when on, and what is asked for meanwhile."""

from __future__ import annotations

import dataclasses

import pytest

from runner.judge.evaluator import CaseEvaluator, judge
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import (
    ContainerCreated,
    ContainerStarted,
    EngineLost,
    EngineSent,
    InitEnded,
    InitRestarted,
    NeverStarted,
    StopAnswered,
)
from runner.model.expectation import (
    Bounds,
    Check,
    InitExited,
    InitIs,
    InitState,
    LogsHave,
    OomKilled,
    Pattern,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Selector,
    ShutdownWas,
)
from runner.model.kernel_facts import (
    ChildStatus,
    ProcessExited,
    TraceOpened,
)
from runner.model.observation import (
    CaseBroken,
    EngineAnswered,
    Interrupted,
    LogMatched,
    LogsEnded,
    Observation,
    StepActed,
    StepBegan,
    StepBroken,
    StepEnded,
    StopRequested,
    TimedOut,
    TraceReached,
)
from runner.model.process import Process
from runner.model.verdict import Errored, Failed, Passed, Skipped, Undecided
from tests.support.cases import SETTINGS, case, expect, send, snapshot, stop
from tests.support.decided import RESTARTED, STOPS, acts, before, decided, judged, look
from tests.support.facts import INIT, MS, process, sent, told

SENT = acts(sent("TERM", pid=7))
BLIND = (*before(traced=False), *SENT)
RUNNING = InitIs(InitState.RUNNING)
HALTED = process(state=ProcessState.STOPPED)
KIDS = Selector(comm="worker")
LATE = 60_000


@pytest.mark.parametrize(
    ("at_ms", "kind"), [(1300, Failed), (1500, Failed), (1501, Passed), (1600, Passed)]
)
def test_what_is_so_before_it_may_be_has_failed(at_ms: int, kind: type) -> None:
    """`not_before: 500ms` counts from the answer of kill(2), at 1,001 ms."""
    ended = (InitEnded(at_ms * MS, 0), EngineAnswered(LATE * MS))
    decision = decided(at_ms + 2000, expect(InitExited((0,)), not_before=0.5), *BLIND, *ended)

    assert isinstance(decision, kind)
    if isinstance(decision, Failed):
        assert decision.why == f"met after {(at_ms - 1001) / 1000:.3f} s, earlier than 0.5 s"
        assert [one.holds for one in decision.findings] == [False]


@pytest.mark.parametrize(("at_ms", "kind"), [(1501, Passed), (1502, Failed), (3000, Failed)])
def test_what_is_so_too_late_has_failed(at_ms: int, kind: type) -> None:
    """`within: 500ms` counts from there, too."""
    ended = (InitEnded(at_ms * MS, 0), EngineAnswered(LATE * MS))
    decision = decided(at_ms + 2000, expect(InitExited((0,)), within=0.5), *BLIND, *ended)

    assert isinstance(decision, kind)
    if isinstance(decision, Failed):
        assert decision.why == f"met only after {(at_ms - 1001) / 1000:.3f} s, not within 0.5 s"


@pytest.mark.parametrize(
    ("keys", "deadline_ms"),
    [
        ({}, 6001),
        ({"within": 2.0}, 3001),
        ({"not_before": 7.0}, 8001),
        ({"not_before": 1.0}, 6001),
    ],
)
def test_the_time_is_over_after_within_or_its_default(
    keys: dict[str, float], deadline_ms: int
) -> None:
    """5 s, or longer where it may not be so before."""
    expectation = expect(InitExited((0,)), **keys)  # type: ignore[arg-type]
    known = (look(at_ms=1010, until_ms=LATE), EngineAnswered((deadline_ms + 1) * MS))

    waiting = decided(deadline_ms - 1, expectation, *BLIND, *known[:1])
    assert isinstance(waiting, Undecided)
    assert waiting.wake_ns == deadline_ms * MS
    over = decided(deadline_ms + 1, expectation, *BLIND, *known)
    assert isinstance(over, Failed)
    assert over.why.startswith("not met within ")


@pytest.mark.parametrize(("own", "plan", "patience_ms"), [(2.0, 3.0, 7000), (None, 3.0, 8000)])
def test_a_stop_has_its_grace_period_and_5_s(
    own: float | None, plan: float, patience_ms: int
) -> None:
    """Its own, else that of the container."""
    step = dataclasses.replace(stop(2.0, expect(InitExited((0,)))))
    asks = dataclasses.replace(step.action, grace_s=own)  # type: ignore[type-var]
    step = dataclasses.replace(step, action=asks)  # type: ignore[arg-type]
    facts = (*before(traced=False), *STOPS, EngineSent(1000 * MS, SIGTERM))
    seen = (look(at_ms=1010, until_ms=LATE), EngineAnswered(LATE * MS))

    early = decided(999 + patience_ms, step, *facts, look(at_ms=1010), stop_grace_s=plan)
    late = decided(1001 + patience_ms, step, *facts, *seen, stop_grace_s=plan)

    assert isinstance(early, Undecided)
    assert isinstance(late, Failed)


def test_a_stop_of_which_nothing_is_expected_is_over_when_the_engine_answers() -> None:
    """Any other step is over at once."""
    facts = (*before(traced=False), *STOPS)

    assert isinstance(decided(1500, stop(5.0), *facts), Undecided)
    assert isinstance(decided(1500, stop(5.0), *facts, StopAnswered(1400 * MS)), Passed)
    assert isinstance(decided(1500, send("TERM"), *BLIND), Passed)


@pytest.mark.parametrize(
    ("check", "lasts"),
    [
        (LogsHave(absent=(Pattern("x"),)), True),
        (OomKilled(False), True),
        (ProcessCount(KIDS, alive=Bounds(1, 1)), False),
        (ProcessIs(KIDS, ProcessFacts(comm="worker")), False),
        (LogsHave((Pattern("x"),)), False),
    ],
)
def test_what_must_not_happen_must_not_have_until_the_stop_is_over(
    check: Check, *, lasts: bool
) -> None:
    """What says something of the present may be said of the time before."""
    facts = (
        *before(traced=False),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        look(at_ms=1010, until_ms=1400),
        LogMatched(1020 * MS, Pattern("x"), "x") if isinstance(check, LogsHave) and check.contains
        else EngineAnswered(1020 * MS),
        EngineAnswered(1400 * MS),
    )  # fmt: skip
    over = (StopAnswered(1500 * MS), look(at_ms=1010, until_ms=1600), EngineAnswered(1600 * MS))

    assert isinstance(decided(1400, expect(check), *facts), Undecided if lasts else Passed)
    assert isinstance(decided(1600, expect(check), *facts, *over), Passed)


def ready(*looks: Observation, now_ms: int, traced: bool = False) -> object:
    """Say whether a container whose readiness is the default is ready."""
    evaluator = CaseEvaluator(case(snapshot(RUNNING)), SETTINGS)
    opened = (TraceOpened(1 * MS, INIT.host_pid),) if traced else ()
    facts = (ContainerCreated(0, "c"), ContainerStarted(MS), *opened)
    for fact in (*facts, StepBegan(2 * MS, -1), StepActed(2 * MS, -1), *looks):
        evaluator.see(fact)
    return evaluator.decide(now_ms * MS)


@pytest.mark.parametrize(
    ("init", "still_ms", "kind"),
    [
        (process(), 10, Passed),
        (process(), 9, Undecided),
        (process(state=ProcessState.IDLE), 10, Passed),
        (process(state=ProcessState.RUNNING), 249, Undecided),
        (process(state=ProcessState.RUNNING), 250, Passed),
        (process(state=ProcessState.DISK_SLEEP), 249, Undecided),
        (process(comm="runc:[2:INIT]"), 900, Undecided),
    ],
)
def test_a_container_is_ready_when_init_has_come_to_rest(
    init: Process, still_ms: int, kind: type
) -> None:
    """It sleeps and is as it was for 10 ms, or it runs and is so for 250 ms; runc is not it."""
    assert isinstance(ready(look(init, at_ms=10, until_ms=10 + still_ms), now_ms=1000), kind)


def test_a_container_whose_init_is_gone_is_ready() -> None:
    """Steps may expect just that."""
    assert isinstance(ready(now_ms=1000), Undecided)
    assert isinstance(ready(InitEnded(5 * MS, 0), now_ms=1000), Passed)
    assert isinstance(ready(InitEnded(LATE * MS, 0), now_ms=LATE + 1), Passed)
    assert isinstance(ready(NeverStarted(5 * MS, "no", 127), now_ms=1000), Passed)


def test_a_container_that_never_became_ready_is_an_error() -> None:
    """As is what was waited for and did not come; not a failure of what is tested."""
    never = (
        *before(traced=False)[:4],
        look(process(comm="runc:[2:INIT]"), at_ms=10, until_ms=LATE),
    )
    one = case(snapshot(RUNNING))

    result = judge(one, (*never, StepEnded(LATE * MS, -1)), SETTINGS)

    assert isinstance(result.verdict, Errored)
    assert result.verdict.what.startswith("the container never became ready: expected init ready")


@pytest.mark.parametrize(
    ("before_ms", "after_ms", "zombies", "kind"),
    [(None, 1400, 0, Passed), (1010, 1400, 0, Failed), (1010, 1100, 0, Undecided)],
)
def test_a_zombie_counts_once_it_has_been_one_for_the_quiet_period(
    before_ms: int | None, after_ms: int, zombies: int, kind: type
) -> None:
    """100 ms here."""
    dead = process(8, state=ProcessState.ZOMBIE)
    others = (process(), process(7), *([dead] if before_ms else []))
    check = expect(ProcessCount(Selector(), zombies=Bounds(zombies, zombies)), within=0.3)

    decision = decided(after_ms, check, *BLIND, look(*others, at_ms=1010, until_ms=after_ms))

    assert isinstance(decision, kind)


@pytest.mark.parametrize(
    ("check", "lasts_ms"),
    [
        (ProcessCount(Selector(), alive=Bounds(2, 2)), 100),
        (ProcessCount(Selector(), zombies=Bounds(0, 0)), 200),
    ],
)
def test_that_there_is_no_zombie_takes_a_quiet_period_more(check: Check, lasts_ms: int) -> None:
    """One that is there already counts only after the first."""
    end_ms = 1001 + lasts_ms
    early, late = (look(at_ms=1001, until_ms=until_ms) for until_ms in (end_ms - 1, end_ms))

    assert isinstance(decided(end_ms - 1, expect(check), *BLIND, early), Undecided)
    assert isinstance(decided(end_ms, expect(check), *BLIND, late), Passed)


def test_a_count_may_ask_for_older_zombies() -> None:
    """`longer_than: 1s`."""
    dead = process(8, state=ProcessState.ZOMBIE)
    check = ProcessCount(Selector(), zombies=Bounds(1, 1), zombies_longer_than_s=1.0)

    for until_ms, kind in ((1500, Failed), (2010, Failed), (2011, Undecided), (3012, Passed)):
        seen = look(process(), dead, at_ms=1010, until_ms=until_ms)
        decision = decided(until_ms, expect(check, within=0.4), *BLIND, seen)
        assert isinstance(decision, kind), until_ms


def test_processes_are_unchanged_if_none_is_gone_and_none_is_new() -> None:
    """A PID that is used again is another process."""
    same = expect(ProcessCount(Selector(), unchanged=True), within=0.3)
    again = process(7, started=99)

    def after(*others: Process) -> object:
        return decided(1400, same, *BLIND, look(*others, at_ms=1010, until_ms=1400))

    assert isinstance(after(process(), process(7)), Passed)
    for others, words in (
        ((process(),), "7 worker is gone"),
        ((process(), process(7), process(8)), "8 worker is new"),
        ((process(), again), "7 worker is gone, 7 worker is new"),
    ):
        failed = after(*others)
        assert isinstance(failed, Failed)
        assert failed.findings[0].seen.startswith(words)


def test_of_an_init_that_is_gone_no_process_is_left() -> None:
    """The kernel empties its PID namespace first (pid_namespaces(7))."""
    gone = (InitEnded(1100 * MS, 0), LogsEnded(1100 * MS))
    seen = look(at_ms=1010, until_ms=1050)
    none, one = (ProcessCount(Selector(), alive=Bounds(number, number)) for number in (0, 1))
    exists = ProcessIs(KIDS, ProcessFacts())
    absent = ProcessIs(KIDS, ProcessFacts(), exists=False)

    for check, kind in ((none, Passed), (one, Failed), (exists, Failed), (absent, Passed)):
        decision = decided(1101, expect(check), *BLIND, seen, *gone)
        assert isinstance(decision, kind)
        assert decision.findings[0].seen.endswith("; init is gone")
        revived = decided(1101, expect(check), *BLIND, seen, *gone, restart=RESTARTED)
        assert isinstance(revived, Undecided if check in (none, one, exists) else Passed)


def test_where_no_look_has_come_the_record_says_whether_init_is_stopped() -> None:
    """It has each stop and each resumption."""
    stopped, on = told(INIT, ChildStatus.STOPPED), told(INIT, ChildStatus.CONTINUED, at_ms=1000.8)
    facts = (*before(), *SENT)
    halted = expect(InitIs(InitState.STOPPED))
    reached = TraceReached(3000 * MS)

    assert isinstance(decided(2500, halted, *facts, stopped, reached), Passed)
    assert not isinstance(decided(2500, halted, *facts, stopped, on, reached), Passed)
    late = (*before(traced=False), TraceOpened(950 * MS, INIT.host_pid), *SENT, reached)
    assert not isinstance(decided(2500, expect(RUNNING), *late), Passed)
    restarted = (InitEnded(1100 * MS, 0), InitRestarted(1200 * MS, 1))
    anew = (*facts, ProcessExited(1099 * MS, INIT), *restarted, TraceOpened(1150 * MS, 5001))
    assert not isinstance(decided(1201, halted, *anew, restart=RESTARTED), Passed)


ENDS: list[tuple[Observation, str]] = [
    (EngineLost(1500 * MS, "the engine is gone", "start it"), "the engine is gone"),
    (TimedOut(1500 * MS, 60.0), "the case did not end within its timeout of 60 s"),
    (Interrupted(1500 * MS), "interrupted"),
    (CaseBroken(1500 * MS, "a mistake", "report it"), "a mistake"),
]


@pytest.mark.parametrize(("fact", "words"), ENDS, ids=[one.kind for one, _ in ENDS])
def test_a_case_that_was_ended_early_is_errored(fact: Observation, words: str) -> None:
    """With the first reason; the steps after it were not run."""
    one = case(send("TERM", expect(RUNNING)), snapshot(RUNNING))

    result = judge(one, (*BLIND, fact, Interrupted(1600 * MS)), SETTINGS)

    assert isinstance(result.verdict, Errored)
    assert result.verdict.what == words
    assert result.verdict.engine is isinstance(fact, EngineLost)
    assert [step.verdict.kind for step in result.steps] == ["errored", "skipped"]
    assert result.steps[1].verdict == Skipped("an earlier step ended the case")
    assert result.took_s == 1.6
    assert (result.steps[0].began_s, result.steps[0].took_s) == (0.995, 0.505)


def test_a_step_that_could_not_be_carried_out_is_errored() -> None:
    """Unless that is ignored; then the next one counts."""
    broken = StepBroken(1500 * MS, 0, "no such process", "look", engine=True)
    passes = (StepBegan(1600 * MS, 1), StepActed(1600 * MS, 1), look(at_ms=1610, until_ms=1800))
    facts = (*BLIND, broken, *passes, StepEnded(1800 * MS, 1))
    step = send("TERM", expect(RUNNING))
    ignored = dataclasses.replace(step, ignore_errors=True)

    result = judge(case(step, snapshot(RUNNING)), facts, SETTINGS)
    other = judge(case(ignored, snapshot(RUNNING)), facts, SETTINGS)

    assert result.verdict == Errored("no such process", "look", engine=True)
    assert other.verdict.kind == "passed"
    assert [one.ignored for one in other.steps] == [True, False]


def test_a_step_or_case_that_is_skipped_says_why() -> None:
    """It has no verdict of its own."""
    step = dataclasses.replace(send("TERM", expect(RUNNING)), skip="not here")
    one = judge(case(step, snapshot(RUNNING)), before(), SETTINGS)

    assert one.steps[0].verdict == Skipped("not here")
    assert one.steps[1].verdict == Skipped("the case ended before this step")
    ignored = dataclasses.replace(send("TERM", expect(RUNNING)), ignore_errors=True)
    broken = StepBroken(1500 * MS, 0, "no such process", "look", engine=True)
    other = judge(case(ignored, snapshot(RUNNING)), (*BLIND, broken), SETTINGS)
    assert other.steps[1].verdict == Skipped("the case ended before this step")
    skipped = dataclasses.replace(case(snapshot(RUNNING)), skip="why not")
    all_of_it = judge(skipped, (), SETTINGS)
    assert all_of_it.verdict == all_of_it.steps[0].verdict == Skipped("why not")


def test_an_escalation_that_was_not_wanted_has_failed_before_init_ends() -> None:
    """It cannot be undone; that one has not come yet may change."""
    asked = StopRequested(1000 * MS, 0, 5.0, None)
    facts = (*before(traced=False), *acts(asked), EngineSent(1001 * MS, SIGTERM))
    result = judged(1100, expect(ShutdownWas(escalated=False)), *facts)

    assert result.verdict == Errored("the step was ended before it could be decided")
