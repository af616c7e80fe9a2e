"""When a finding was seen, which stay open where another one is sure, and what is waited for."""

from __future__ import annotations

import dataclasses

import pytest

from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import (
    EngineSent,
    HealthReported,
    InitEnded,
    InitRestarted,
    OutOfMemory,
    Paused,
    StopAnswered,
)
from runner.model.expectation import (
    Bounds,
    Check,
    DeliveredWas,
    ExecEndedWith,
    ForwardedWas,
    HealthIs,
    InitExited,
    InitIs,
    InitKilledBy,
    InitShows,
    InitState,
    KillAnswered,
    LogsHave,
    OomKilled,
    Pattern,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Received,
    RestartsAre,
    Selector,
    ShutdownWas,
)
from runner.model.kernel_facts import ProcessEventsOmitted, ProcessExited
from runner.model.observation import (
    EngineAnswered,
    EvidenceLate,
    ExecEnded,
    ExecStarted,
    LogMatched,
    LogsEnded,
    Observation,
    TraceReached,
    Way,
)
from runner.model.verdict import Errored, Failed, Finding, Passed, Undecided
from tests.support.cases import expect, pause
from tests.support.decided import RESTARTED, STOPS, acts, before, decided, look
from tests.support.facts import INIT, MS, WORKER, delivered, generated, process, sent

END = 60_000
ANSWERED_MS = 1001
NEVER = InitIs(InitState.NEVER_STARTED)
SEVEN = Selector(pid=7)
SENT = acts(sent("TERM", pid=7))
HANDLED = (generated("TERM", target=WORKER), delivered("TERM", task=WORKER, at_ms=1500))
GOT = ProcessIs(SEVEN, ProcessFacts(received=(Received(SIGTERM),)))
HALTED = process(state=ProcessState.STOPPED)


def findings(*checks: Check, facts: tuple[Observation, ...], **keys: object) -> list[Finding]:
    """What is said of checks beside one that has failed for good, long after."""
    decision = decided(END, expect(*checks, NEVER), *before(), *SENT, *facts, **keys)
    assert isinstance(decision, Failed)
    return list(decision.findings[:-1])


@pytest.mark.parametrize(
    ("check", "facts", "at_ms"),
    [
        (KillAnswered(""), (), 1000),
        (InitIs(InitState.RUNNING), (look(at_ms=1010, until_ms=1500),), 1010),
        (InitIs(InitState.RUNNING), (look(at_ms=950, until_ms=1500),), 1001),
        (InitIs(InitState.RUNNING), (ProcessExited(1200 * MS, INIT),), 1200),
        (InitExited((0,)), (InitEnded(1200 * MS, 0),), 1200),
        (InitExited((0,)), (), END),
        (InitShows(ProcessFacts(comm="init")), (look(at_ms=1010, until_ms=1500),), 1010),
        (RestartsAre(Bounds(0, 0)), (), END),
        (HealthIs("starting"), (), END),
        (HealthIs("healthy"), (HealthReported(1200 * MS, "healthy"),), 1200),
        (HealthIs("healthy"), (HealthReported(998 * MS, "healthy"),), 1001),
        (OomKilled(True), (OutOfMemory(1200 * MS),), 1200),
        (OomKilled(True), (), END),
        (LogsHave((Pattern("a"),)), (LogMatched(1200 * MS, Pattern("a"), "a"),), 1200),
        (LogsHave(absent=(Pattern("a"),)), (), 1001),
        (LogsHave((Pattern("a"),)), (LogMatched(1200 * MS, Pattern("b"), "b"),), END),
        (LogsHave(absent=(Pattern("a"),)), (LogMatched(1200 * MS, Pattern("a"), "a"),), 1200),
        (GOT, HANDLED, 1500),
        (GOT, (), END),
        (ProcessIs(SEVEN, ProcessFacts(exited=(0,))), (), END),
        (ProcessIs(SEVEN, ProcessFacts()), (look(at_ms=1010, until_ms=1500),), 1010),
        (ProcessCount(Selector(), alive=Bounds(2, 2)), (look(at_ms=1010),), 1010),
        (DeliveredWas(True), HANDLED, 1500),
        (ForwardedWas(SIGTERM), (generated("TERM", sender=INIT, target=WORKER, at_ms=1300),), 1300),
        (ForwardedWas(SIGTERM), (), END),
        (ExecEndedWith((0,)), (ExecStarted(1000 * MS, 0, ("a",)),), END),
        (
            ExecEndedWith((0,)),
            (ExecStarted(1000 * MS, 0, ("a",)), ExecEnded(1200 * MS, 0, 0, "", "")),
            1200,
        ),
        (InitKilledBy((SIGTERM,)), (), END),
    ],
)
def test_a_finding_says_when_it_was_seen(
    check: Check, facts: tuple[Observation, ...], at_ms: int
) -> None:
    """In seconds since the signal: when it happened, or when it was missed last."""
    (one,) = findings(check, facts=facts)
    # The signal to 7 took effect when the kernel generated it, where that is in the trace.
    on_record = any(fact.at_ns == HANDLED[0].at_ns for fact in facts)
    effective_ms = HANDLED[0].at_ns / MS if on_record else ANSWERED_MS

    assert one.at_s == pytest.approx((max(at_ms, effective_ms) - effective_ms) / 1000) or (
        isinstance(check, KillAnswered) and one.at_s == 0
    )


def test_what_could_still_become_so_is_open_where_another_has_failed_for_good() -> None:
    """What is sure is wrong, and what holds is not open."""
    exits, halted, accepted = InitExited((0,)), InitIs(InitState.STOPPED), KillAnswered("EPERM")
    runs = InitIs(InitState.RUNNING)
    seen = (look(at_ms=1010, until_ms=END),)

    found = findings(exits, halted, accepted, runs, facts=seen)

    assert [one.open for one in found] == [True, True, False, False]
    assert [one.wrong for one in found] == [False, False, True, False]


def test_what_can_never_be_decided_is_open_too() -> None:
    """It is not known, for good."""
    unknown = ExecEnded(1200 * MS, 0, None, "", "")
    facts = (ExecStarted(1000 * MS, 0, ("a",)), unknown)

    (one,) = findings(ExecEndedWith((0,)), facts=facts)

    assert (one.open, one.wrong) == (True, False)


def test_a_failure_for_good_waits_a_second_for_what_is_under_way() -> None:
    """Not if all is decided; and from when it failed first."""
    refused, exits = KillAnswered("EPERM"), InitExited((0,))
    facts = (*before(), *SENT, look(at_ms=1010, until_ms=1500))

    waiting = decided(1999, expect(refused, exits), *facts)
    assert isinstance(waiting, Undecided)
    assert waiting.wake_ns == 2000 * MS
    assert isinstance(decided(2001, expect(refused, exits), *facts), Failed)
    assert isinstance(decided(1011, expect(refused, KillAnswered("")), *facts), Failed)
    assert isinstance(decided(1011, expect(refused), *facts), Failed)


def test_what_cannot_be_decided_beside_a_failure_does_not_make_it_an_error() -> None:
    """But alone it does."""
    unknown = (ExecStarted(1000 * MS, 0, ("a",)), ExecEnded(1200 * MS, 0, None, "", ""))
    facts = (*before(), *SENT, *unknown)

    both = decided(END, expect(ExecEndedWith((0,)), KillAnswered("EPERM")), *facts)
    alone = decided(END, expect(ExecEndedWith((0,)), KillAnswered("")), *facts)

    assert isinstance(both, Failed)
    assert isinstance(alone, Errored)
    assert alone.what == "this cannot be judged: the engine does not know its exit code"


def test_the_record_of_an_end_is_waited_for_by_the_engines_word_of_how() -> None:
    """It is quicker than the engine; init has not run for the quiet period."""
    exited = ProcessExited(1050 * MS, INIT)
    facts = (*before(), *SENT, exited)
    running = expect(InitIs(InitState.RUNNING))

    assert isinstance(decided(1051, running, *facts), Undecided)
    assert isinstance(decided(1061, running, *facts, InitEnded(1060 * MS, 0)), Failed)
    assert isinstance(decided(2300, running, *facts), Failed)
    revived = decided(2300, running, *facts, restart=RESTARTED)
    assert isinstance(revived, Undecided)


@pytest.mark.parametrize(
    ("checks", "wanted"),
    [
        ((InitIs(InitState.RUNNING),), (True, True, False)),
        ((ProcessCount(Selector(), zombies=Bounds(0, 0)),), (True, False, False)),
        ((ForwardedWas(SIGTERM, times=Bounds(0, 0)),), (False, True, False)),
        ((LogsHave(absent=(Pattern("a"),)),), (False, False, True)),
        ((OomKilled(False),), (False, True, True)),
        ((RestartsAre(Bounds(0, 0)),), (False, False, True)),
        ((ProcessIs(SEVEN, ProcessFacts(received=())),), (True, True, False)),
        ((InitIs(InitState.RUNNING), OomKilled(False)), (True, True, True)),
    ],
)
def test_each_check_waits_for_the_ways_by_which_its_facts_arrive(
    checks: tuple[Check, ...], wanted: tuple[bool, bool, bool]
) -> None:
    """Looks, the record, the engine; until the quiet period is over."""
    facts = (*before(), *SENT, look(at_ms=1010, until_ms=1050))

    decision = decided(3000, expect(*checks), *facts)

    assert isinstance(decision, Undecided)
    asked = (decision.snapshot_ns, decision.trace_ns, decision.engine_ns)
    assert tuple(one is not None for one in asked) == wanted


@pytest.mark.parametrize("way", Way)
def test_what_does_not_come_is_told_by_its_way(way: Way) -> None:
    """If it was missing."""
    checks = (InitIs(InitState.RUNNING), OomKilled(False))
    facts = (*before(), *SENT, look(at_ms=1010, until_ms=1050))
    late = EvidenceLate(2900 * MS, way)
    all_known = (look(at_ms=1010, until_ms=END), TraceReached(END * MS), EngineAnswered(END * MS))

    decision = decided(3000, expect(*checks), *facts, late)

    assert isinstance(decision, Errored)
    assert decision.what == f"this cannot be judged: {way.value} did not come in time"
    assert isinstance(decided(END, expect(*checks), *facts, late, *all_known), Passed)


def test_an_engine_that_has_told_all_is_not_asked() -> None:
    """Init is gone for good, and its output has come to its end."""
    none = expect(LogsHave(absent=(Pattern("a"),)), OomKilled(False))
    facts = (*before(traced=False), *SENT, InitEnded(1100 * MS, 0))

    assert isinstance(decided(3000, none, *facts), Undecided)
    assert isinstance(decided(3000, none, *facts, LogsEnded(1101 * MS)), Passed)
    revived = decided(3000, none, *facts, LogsEnded(1101 * MS), restart=RESTARTED)
    assert isinstance(revived, Undecided)


def test_a_shutdown_is_timed_by_looks_only_where_there_is_no_record() -> None:
    """The last one with init in it says from when on it may have ended."""
    timed = expect(ShutdownWas(took_s=Bounds(at_most=9)), within=0.1)
    facts = (*STOPS, EngineSent(1001 * MS, SIGTERM))
    blind = decided(1050, timed, *before(traced=False), *facts)
    traced = decided(1050, timed, *before(), *facts)

    assert isinstance(blind, Undecided)
    assert isinstance(traced, Undecided)
    assert blind.snapshot_ns is not None
    assert traced.snapshot_ns is None


def test_a_paused_or_ended_container_is_not_looked_into() -> None:
    """Its probe is frozen, too, or gone with init."""
    halted = expect(InitIs(InitState.STOPPED))
    facts = (*before(traced=False), *SENT, look(at_ms=1010, until_ms=1050))

    def asks(*more: Observation) -> bool:
        decision = decided(1200, pause(halted), *facts, *more, restart=RESTARTED)
        assert isinstance(decision, Undecided)
        return decision.snapshot_ns is not None

    assert asks()
    assert not asks(Paused(1100 * MS))
    assert not asks(InitEnded(1100 * MS, 0))
    assert asks(InitEnded(1100 * MS, 0), InitRestarted(1150 * MS, 1))


@pytest.mark.parametrize(
    ("facts", "others", "kind"),
    [
        (ProcessFacts(received=(Received(SIGTERM),), state=ProcessState.STOPPED), HANDLED, Failed),
        (ProcessFacts(received=(Received(SIGTERM),), state=ProcessState.SLEEPING), HANDLED, Passed),
    ],
)
def test_of_an_init_that_is_gone_both_parts_of_a_check_are_final(
    facts: ProcessFacts, others: tuple[Observation, ...], kind: type
) -> None:
    """What a look shows, and what is in the trace."""
    seen = look(at_ms=1010, until_ms=END)
    known = (*before(), *SENT, *others, seen, TraceReached(END * MS))
    check = expect(ProcessIs(SEVEN, facts))

    assert isinstance(decided(END, check, *known), kind)
    gone = (InitEnded(1600 * MS, 0), LogsEnded(1600 * MS), TraceReached(1700 * MS))
    after = decided(1701, check, *before(), *SENT, *others, *gone)
    assert isinstance(after, Failed)


def test_an_end_in_the_middle_of_what_must_stay_so_is_one_of_it() -> None:
    """What was so for long enough before is met."""
    running = expect(InitIs(InitState.RUNNING))
    ended = InitEnded(1300 * MS, 0)
    for until_ms, kind in ((1101, Passed), (1050, Failed)):
        facts = (*before(traced=False), *SENT, look(at_ms=1010, until_ms=until_ms), ended)
        assert isinstance(decided(3000, running, *facts), kind | Errored)
    early = (
        *before(traced=False),
        *SENT,
        look(at_ms=1010, until_ms=1040),
        InitEnded(1050 * MS, 0),
    )
    assert isinstance(decided(3000, running, *early), Failed)


def test_a_stop_that_has_ended_lets_go_of_what_must_not_happen() -> None:
    """Its answer is the end of it; with `for`, that counts alone."""
    none = LogsHave(absent=(Pattern("a"),))
    facts = (*before(traced=False), *STOPS, EngineSent(1001 * MS, SIGTERM))
    known = EngineAnswered(3000 * MS)

    assert isinstance(decided(3000, expect(none), *facts, known), Undecided)
    assert isinstance(decided(3000, expect(none, stays=0.2), *facts, known), Passed)
    over = (StopAnswered(1500 * MS), known)
    assert isinstance(decided(3000, expect(none), *facts, *over), Passed)


def test_who_is_perhaps_meant_makes_a_check_undecidable_only_where_it_matters() -> None:
    """Of a process that came and went, the arguments are not known."""
    task = dataclasses.replace(WORKER, pid=8, host_pid=4008, comm="quick")
    record = (generated("TERM", target=task), delivered("TERM", task=task))
    known = (TraceReached(END * MS), look(at_ms=1010, until_ms=END))
    asked = Selector(argv="x")

    def kind(facts: ProcessFacts, selector: Selector = asked, *more: Observation) -> type:
        check = expect(ProcessIs(selector, facts))
        return type(decided(END, check, *before(), *SENT, *record, *more, *known))

    assert kind(ProcessFacts(received=(Received(SIGTERM),))) is Errored
    assert kind(ProcessFacts(received=())) is Errored
    assert kind(ProcessFacts(received=()), Selector(comm="init")) is Passed
    assert kind(ProcessFacts(received=(Received(SIGTERM),)), Selector(comm="quick")) is Passed
    assert kind(ProcessFacts(received=()), Selector(pid=1)) is Passed
    omitted = ProcessEventsOmitted(1002 * MS, 1003 * MS, 9)
    assert kind(ProcessFacts(received=()), Selector(comm="none"), omitted) is Errored
