"""Which facts count for a check, for how long they must be so, and what cannot be judged."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import (
    EngineSent,
    HealthReported,
    InitEnded,
    InitRestarted,
    OutOfMemory,
    Paused,
    Unpaused,
)
from runner.model.expectation import (
    Bounds,
    Check,
    HealthIs,
    InitExited,
    InitIs,
    InitKilledBy,
    InitShows,
    InitState,
    OomKilled,
    ProcessFacts,
    RestartsAre,
    ShutdownWas,
)
from runner.model.kernel_facts import ProcessExited
from runner.model.observation import (
    EngineAnswered,
    EvidenceLate,
    Observation,
    ProbeClosed,
    TraceReached,
    Way,
)
from runner.model.step import Sender
from runner.model.verdict import Errored, Failed, Passed, Undecided
from tests.support.cases import expect, pause
from tests.support.decided import RESTARTED, STOPS, acts, before, decided, judged, look
from tests.support.facts import INIT, MS, PROBE, RUNTIME, WORKER, generated, process, sent

TERM = acts(sent("TERM", pid=7))
BLIND = (*before(traced=False), *TERM)
RUNNING, STOPPED = InitIs(InitState.RUNNING), InitIs(InitState.STOPPED)
PAUSED = InitIs(InitState.PAUSED)
HALTED = process(state=ProcessState.STOPPED)
REVIVED = InitRestarted(1300 * MS, 1)
NEVER = 60_000


def test_what_must_stay_so_and_breaks_has_failed_at_once() -> None:
    """With `for`, it may not become true again; without, it may until the time is over."""
    runs = (*BLIND, look(at_ms=1010, until_ms=1300))
    stops = (*runs, look(HALTED, at_ms=1310))

    broken = decided(1311, expect(RUNNING, stays=1.0), *stops)
    assert isinstance(broken, Failed)
    assert broken.why == "it did not hold for 1 s"
    assert isinstance(decided(1311, expect(RUNNING, stays=1.0), *runs), Undecided)
    quiet = expect(RUNNING)
    early = (*BLIND, look(at_ms=1010, until_ms=1050), look(HALTED, at_ms=1060))
    again = (*early, look(at_ms=1200, until_ms=1400))
    assert isinstance(decided(1061, quiet, *early), Undecided)
    assert isinstance(decided(1401, quiet, *again), Passed)


def test_what_cannot_be_judged_when_the_time_is_over_is_no_failure() -> None:
    """A look shows that a thread waits for signals, and not for which."""
    blocks = expect(InitShows(ProcessFacts(blocked=(SIGTERM,))))
    unknown = look(process(waits=True), at_ms=1010, until_ms=NEVER)
    known = look(process(), at_ms=1010, until_ms=NEVER)

    verdict = decided(NEVER, blocks, *BLIND, unknown)

    assert isinstance(verdict, Errored)
    assert verdict.what.startswith("this cannot be judged: ")
    assert isinstance(decided(NEVER, blocks, *BLIND, known), Failed)


@pytest.mark.parametrize(
    ("check", "way", "news"),
    [
        (STOPPED, Way.SNAPSHOT, look(at_ms=1010, until_ms=NEVER)),
        (InitExited((0,)), Way.ENGINE, EngineAnswered(NEVER * MS)),
    ],
)
def test_what_was_not_seen_until_the_deadline_has_not_failed(
    check: Check, way: Way, news: Observation
) -> None:
    """It may have been so in time; what will not come any more cannot be judged."""
    waiting = decided(NEVER, expect(check), *BLIND, look(at_ms=1010, until_ms=1100))
    late = (*BLIND, look(at_ms=1010, until_ms=1100), EvidenceLate(NEVER * MS, way))

    assert isinstance(waiting, Undecided)
    errored = decided(NEVER, expect(check), *late)
    assert isinstance(errored, Errored)
    assert f"{way.value} did not come in time" in errored.what
    assert isinstance(decided(NEVER, expect(check), *BLIND, news), Failed)


@pytest.mark.parametrize(
    ("until_ms", "fresh"), [(900, False), (1000, False), (1001, True), (1002, True)]
)
def test_a_look_from_before_the_step_took_effect_shows_nothing_of_init_after_it(
    until_ms: int, *, fresh: bool
) -> None:
    """kill(2) was answered at 1,001 ms; a look that lasted until then has seen it after that."""
    pends = process(pending=("TERM",))
    shows = expect(InitShows(ProcessFacts(pending=(SIGTERM,))))
    facts = (*before(traced=False), *acts(sent("TERM")), look(pends, at_ms=950, until_ms=until_ms))

    assert isinstance(decided(1002, shows, *facts), Passed if fresh else Undecided)


@pytest.mark.parametrize("state", [ProcessState.ZOMBIE, ProcessState.DEAD])
def test_an_init_that_has_ended_is_neither_running_nor_stopped(state: ProcessState) -> None:
    """A look may still show it; the engine has not reported its end yet."""
    seen = look(process(state=state), at_ms=1010, until_ms=NEVER)

    for check in (RUNNING, STOPPED):
        assert isinstance(decided(1400, expect(check), *BLIND, seen), Undecided)
        assert isinstance(decided(NEVER, expect(check), *BLIND, seen), Failed)


@pytest.mark.parametrize("state", ProcessState)
def test_init_is_stopped_by_a_signal_or_by_a_tracer(state: ProcessState) -> None:
    """In every other state it runs, as long as it lives."""
    halted = state in {ProcessState.STOPPED, ProcessState.TRACED}
    seen = look(process(state=state), at_ms=1010, until_ms=1200)

    assert isinstance(decided(1200, expect(STOPPED), *BLIND, seen), Passed) is halted
    runs = state.alive and not halted
    assert isinstance(decided(1200, expect(RUNNING), *BLIND, seen), Passed) is runs


def test_a_paused_container_is_neither_running_nor_stopped() -> None:
    """Looks of before say nothing; it may be paused since before the step."""
    facts = (*BLIND, look(at_ms=1010, until_ms=1100), Paused(1100 * MS))

    assert isinstance(decided(1250, pause(expect(PAUSED)), *facts), Passed)
    assert isinstance(decided(1150, pause(expect(PAUSED)), *facts), Undecided)
    assert isinstance(decided(NEVER, pause(expect(RUNNING)), *facts), Failed)
    on = (*facts, Unpaused(1300 * MS), look(at_ms=1310, until_ms=1500))
    assert isinstance(decided(1500, pause(expect(RUNNING)), *on), Passed)


def test_the_number_of_restarts_must_last_for_the_quiet_period() -> None:
    """One more may follow; too many stay too many, and that has failed at once."""
    once = expect(RestartsAre(Bounds(1, 1)))
    ended = InitEnded(1200 * MS, 1)
    facts = (*BLIND, ended, REVIVED)
    again = (*facts, InitEnded(1350 * MS, 1), InitRestarted(1360 * MS, 2))

    def at(ms: int, *more: Observation) -> object:
        return decided(ms, once, *facts, *more, restart=RESTARTED)

    assert isinstance(decided(1100, once, *BLIND, restart=RESTARTED), Undecided)
    assert isinstance(at(1399, EngineAnswered(1399 * MS)), Undecided)
    assert isinstance(at(1401), Undecided)
    assert isinstance(at(1401, EngineAnswered(1401 * MS)), Passed)
    assert isinstance(decided(2400, once, *again, restart=RESTARTED), Failed)
    twice = expect(RestartsAre(Bounds(at_least=2)))
    assert isinstance(
        decided(2400, twice, *again, EngineAnswered(2400 * MS), restart=RESTARTED), Passed
    )


def test_too_few_restarts_of_an_init_that_is_gone_for_good_have_failed() -> None:
    """No policy starts it anew."""
    once = expect(RestartsAre(Bounds(1, 1)))
    facts = (*BLIND, InitEnded(1200 * MS, 1))

    assert isinstance(decided(1201, once, *facts), Failed)
    assert isinstance(decided(1201, once, *facts, restart=RESTARTED), Undecided)


@pytest.mark.parametrize("revived", [True, False])
def test_a_signal_to_an_init_that_was_gone_is_an_error_unless_it_is_started_anew(
    *, revived: bool
) -> None:
    """A restart policy may have started the next one before the engine says so."""
    ended, sees = InitEnded(950 * MS, 0), look(at_ms=1010, until_ms=1300)
    facts = (*before(traced=False), ended, *acts(sent("TERM")), InitRestarted(1005 * MS, 1), sees)
    keys = {"restart": RESTARTED} if revived else {}

    result = judged(1300, expect(RUNNING), *facts, **keys)

    assert ("after init had ended" in str(result.verdict)) is not revived
    assert (result.verdict.kind == "passed") is revived


@pytest.mark.parametrize(
    ("signal", "wrong"),
    [
        (sent("TERM", at_ms=1000), True),
        (sent("TERM", pid=7, at_ms=1000), False),
        (sent("TERM", at_ms=949), False),
        (sent("TERM", at_ms=950), False),
    ],
    ids=["to-init", "to-another", "before", "at-that-time"],
)
def test_a_signal_was_sent_too_late_only_if_init_had_ended_before(
    signal: Observation, *, wrong: bool
) -> None:
    """By the record, or the engine's report."""
    signals = acts(signal)  # type: ignore[arg-type]
    reported = InitEnded(1010 * MS, 0)
    for end in ((InitEnded(950 * MS, 0),), (ProcessExited(950 * MS, INIT), reported)):
        result = judged(1300, expect(InitExited((0,))), *before(), *end[:1], *signals, *end[1:])
        assert ("after init had ended" in str(result.verdict)) is wrong


@pytest.mark.parametrize(
    ("signal", "kind"),
    [
        (sent("KILL", sender=Sender.HOST), Passed),
        (sent("KILL", sender=Sender.HOST, errno="ESRCH"), Errored),
        (sent("KILL"), Errored),
        (sent("KILL", pid=7), Errored),
        (sent("HUP", sender=Sender.HOST), Errored),
    ],
    ids=["accepted", "refused", "dropped", "to-another", "another"],
)
def test_without_the_record_a_signal_that_had_to_end_init_has_killed_it(
    signal: Observation, kind: type
) -> None:
    """One that was refused, dropped or sent to another has not; 137 may be an exit of its own."""
    killed = expect(InitKilledBy((SIGKILL,)))
    facts = (*before(traced=False), *acts(signal), InitEnded(1050 * MS, 137))  # type: ignore[arg-type]

    decision = decided(NEVER, killed, *facts, EngineAnswered(NEVER * MS))

    assert isinstance(decision, kind)
    other = expect(InitKilledBy((SIGTERM,)))
    assert isinstance(decided(NEVER, other, *facts), Failed)


def test_the_sigkill_after_the_grace_period_has_killed_init() -> None:
    """The first signal of a stop has not."""
    facts = (*before(traced=False), *STOPS, EngineSent(1001 * MS, SIGTERM))
    ended = InitEnded(6010 * MS, 137)
    killed = expect(InitKilledBy((SIGKILL,)))

    escalated = decided(7000, killed, *facts, EngineSent(6001 * MS, SIGKILL), ended)
    assert isinstance(escalated, Passed)
    assert isinstance(decided(7000, killed, *facts, ended), Errored)


@pytest.mark.parametrize(
    ("first", "counts"),
    [
        (generated("TERM", sender=RUNTIME, at_ms=1010), True),
        (generated("TERM", sender=PROBE, at_ms=1010), True),
        (generated("TERM", sender=WORKER, at_ms=1010), False),
        (generated("TERM", sender=INIT, at_ms=1010), False),
        (generated("TERM", sender=RUNTIME, code=1, at_ms=1010), False),
        (generated("TERM", sender=RUNTIME, target=WORKER, at_ms=1010), False),
        (generated("TERM", sender=RUNTIME, at_ms=990), False),
        (generated("TERM", sender=RUNTIME, at_ms=996), True),
    ],
    ids=["engine", "probe", "worker", "init", "kernel", "to-worker", "before", "clocks"],
)
def test_only_the_engines_or_the_probes_signal_starts_the_clock(
    first: Observation, *, counts: bool
) -> None:
    """Of others, or before the step, it is not what init was asked to end by."""
    facts = (
        *before(),
        *acts(dataclasses.replace(sent("TERM", sender=Sender.HOST), answered_ns=1150 * MS)),
        first,
        generated("TERM", sender=RUNTIME, at_ms=1100),
        ProcessExited(1200 * MS, INIT),
        InitEnded(1210 * MS, 0),
        TraceReached(NEVER * MS),
    )
    quick = expect(ShutdownWas(took_s=Bounds(at_most=0.1)))

    assert isinstance(decided(NEVER, quick, *facts), Failed if counts else Passed)


def test_whatever_signal_a_stop_sends_starts_the_clock() -> None:
    """It is the container's own stop signal."""
    facts = (
        *before(),
        *STOPS,
        generated("QUIT", sender=RUNTIME, at_ms=1100),
        ProcessExited(1200 * MS, INIT),
        InitEnded(1210 * MS, 0),
        TraceReached(NEVER * MS),
    )
    for took, kind in ((Bounds(0.1, 0.1), Passed), (Bounds(at_least=0.101), Failed)):
        assert isinstance(decided(NEVER, expect(ShutdownWas(took_s=took)), *facts), kind)


@pytest.mark.parametrize(
    ("took", "kind"),
    [
        (Bounds(at_most=0.05), Failed),
        (Bounds(at_most=0.15), Errored),
        (Bounds(at_most=0.2), Passed),
        (Bounds(at_least=0.1), Passed),
        (Bounds(at_least=0.15), Errored),
        (Bounds(at_least=0.25), Failed),
    ],
)
def test_without_the_record_an_end_is_between_the_last_look_and_the_end_of_the_stream(
    took: Bounds, kind: type
) -> None:
    """Sent between 1,000 and 1,001 ms; seen alive at 1,101 ms; the stream ended at 1,200 ms."""
    facts = (
        *before(traced=False),
        *acts(sent("TERM")),
        look(at_ms=1010, until_ms=1101),
        ProbeClosed(1200 * MS),
        InitEnded(1300 * MS, 0),
    )
    assert isinstance(decided(NEVER, expect(ShutdownWas(took_s=took)), *facts), kind)


def test_a_stream_that_ended_after_init_does_not_say_when_that_was() -> None:
    """Nor does one that had ended before."""
    for closed_ms in (1500, 990):
        facts = (
            *before(traced=False),
            *acts(sent("TERM")),
            InitEnded(1300 * MS, 0),
            ProbeClosed(closed_ms * MS),
        )
        check = expect(ShutdownWas(took_s=Bounds(0.0, 0.3)))
        assert isinstance(decided(NEVER, check, *facts), Passed)
        sooner = expect(ShutdownWas(took_s=Bounds(0.0, 0.29)))
        assert isinstance(decided(NEVER, sooner, *facts), Errored)


@pytest.mark.parametrize("pid", [-1, 7])
def test_what_did_not_reach_init_has_not_asked_it_to_end(pid: int) -> None:
    """Its end is no shutdown then; kill(-1) reaches everybody but init."""
    facts = (*before(traced=False), *acts(sent("TERM", pid=pid)), InitEnded(1300 * MS, 0))

    decision = decided(NEVER, expect(ShutdownWas(took_s=Bounds(at_most=9))), *facts)

    assert isinstance(decision, Errored)
    assert "nothing asked init to end" in decision.what


@pytest.mark.parametrize("wanted", [True, False])
def test_whether_a_stop_escalated_is_sure_as_soon_as_it_has(*, wanted: bool) -> None:
    """That it has not is sure when init has ended."""
    facts = (*before(traced=False), *STOPS, EngineSent(1001 * MS, SIGTERM))
    check = expect(ShutdownWas(escalated=wanted))
    killed = (*facts, EngineSent(6001 * MS, SIGKILL))

    ended = (InitEnded(6010 * MS, 137), InitEnded(1100 * MS, 0))
    assert isinstance(decided(7001.5, check, *killed), Undecided if wanted else Failed)
    assert isinstance(decided(7001.5, check, *killed, ended[0]), Passed if wanted else Failed)
    assert isinstance(decided(2200, check, *facts, ended[1]), Failed if wanted else Passed)
    assert isinstance(decided(2200, check, *facts), Undecided)


def test_the_health_of_an_old_init_is_not_that_of_the_new_one() -> None:
    """Until it is reported, it is starting."""
    healthy, starting = expect(HealthIs("healthy")), expect(HealthIs("starting"))
    facts = (*BLIND, HealthReported(1100 * MS, "healthy"))
    anew = (*facts, InitEnded(1200 * MS, 1), REVIVED)

    assert isinstance(decided(1110, healthy, *facts, restart=RESTARTED), Passed)
    assert isinstance(decided(1310, healthy, *anew, restart=RESTARTED), Undecided)
    assert isinstance(decided(1310, starting, *anew, restart=RESTARTED), Passed)
    assert isinstance(decided(1310, starting, *facts, restart=RESTARTED), Undecided)
    gone = InitEnded(1200 * MS, 1)
    assert isinstance(decided(1210, expect(HealthIs("unhealthy")), *facts, gone), Failed)


def test_the_oom_killer_was_at_work_or_not() -> None:
    """Its report may come after that of the end, so that one is waited for."""
    facts, oom = (*BLIND, EngineAnswered(1050 * MS)), OutOfMemory(1100 * MS)
    was, was_not = expect(OomKilled(True)), expect(OomKilled(False))
    ended = InitEnded(1200 * MS, 137)

    assert isinstance(decided(1101, was, *facts, oom), Passed)
    assert isinstance(decided(2200, was_not, *facts, oom), Failed)
    assert isinstance(decided(1090, was, *facts), Undecided)
    assert isinstance(decided(1090, was_not, *facts), Undecided)
    assert isinstance(decided(1101, was_not, *facts, EngineAnswered(1101 * MS)), Passed)
    assert isinstance(decided(1201, was, *facts, ended), Undecided)
    assert isinstance(decided(1201, was, *facts, ended, replace(oom, at_ns=1201 * MS)), Passed)
    assert isinstance(decided(9000, was, *facts, ended, EngineAnswered(9000 * MS)), Failed)


@pytest.mark.parametrize(
    ("change", "from_kernel"),
    [
        ({"code": 0x80}, True),
        ({"code": 0}, False),
        ({"code": 0x80, "signal": SIGTERM}, False),
        ({"code": 0x80, "after_end": True}, False),
    ],
)
def test_by_the_trace_the_oom_killer_was_at_work_only_if_the_kernel_has_sent_sigkill(
    change: dict[str, object], *, from_kernel: bool
) -> None:
    """Then the engine's report is waited for; without one it cannot be known."""
    kill = replace(generated("KILL", sender=RUNTIME, at_ms=1100), **change)  # type: ignore[arg-type]
    ended = (ProcessExited(1110 * MS, INIT), InitEnded(1200 * MS, 137))
    asked = sent("KILL", sender=Sender.HOST)
    facts = (*before(), *acts(asked), kill, *ended, TraceReached(9000 * MS))
    facts = (*facts, EngineAnswered(9000 * MS))
    was, was_not = expect(OomKilled(True)), expect(OomKilled(False))

    assert isinstance(decided(1201, was, *facts), Undecided if from_kernel else Failed)
    assert isinstance(decided(9000, was, *facts), Errored if from_kernel else Failed)
    assert isinstance(decided(9000, was_not, *facts), Errored if from_kernel else Passed)
