"""What is known of a container: facts, folded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.history.container_history import ContainerHistory
from runner.history.fold import before_step, with_fact
from runner.history.processes import KnownProcesses
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import (
    ContainerStarted,
    EngineSent,
    HealthReported,
    InitEnded,
    InitRestarted,
    NeverStarted,
)
from runner.model.kernel_facts import (
    ChildStatus,
    ParentNotified,
    ProcessEventsOmitted,
    ProcessExited,
    TraceLost,
    TraceOpened,
)
from runner.model.observation import (
    Observation,
    ProbeClosed,
    StepBegan,
    StopRequested,
    TraceReached,
)
from runner.model.process import Process
from runner.model.step import Sender
from tests.support.facts import (
    INIT,
    MS,
    RUNTIME,
    WORKER,
    generated,
    process,
    sent,
    snapshot,
    told,
)

SENDS, ACTS, LOOKS = 0, 1, 2
"""Steps: one whose business are signals, another one that acts, one that does nothing."""


def history(*facts: Observation, may_restart: bool = False) -> ContainerHistory:
    """Fold facts."""
    one = ContainerHistory(may_restart=may_restart)
    for fact in facts:
        if isinstance(fact, StepBegan):
            acts, sends = fact.step != LOOKS, fact.step == SENDS
            one = before_step(one, fact, acts=acts, sends=sends)
        else:
            one = with_fact(one, fact)
    return one


def began(at_ms: int, step: int = SENDS) -> StepBegan:
    """A step begins."""
    return StepBegan(at_ms * MS, step)


def opened(at_ms: int, host_pid: int = INIT.host_pid) -> TraceOpened:
    """The record of an init begins."""
    return TraceOpened(at_ms * MS, host_pid)


def lost(since_ms: int, at_ms: int) -> TraceLost:
    """The record has a gap."""
    return TraceLost(at_ms * MS, 1, since_ms * MS)


@pytest.mark.parametrize(
    ("facts", "traced"),
    [
        ((), False),
        ((opened(1),), True),
        ((opened(1), lost(2, 3)), False),
        ((opened(1), began(5, ACTS)), True),
        ((opened(1), lost(2, 3), began(5, ACTS)), False),
        ((began(5, ACTS), opened(6)), False),
        ((began(5, ACTS), opened(4)), True),
        ((began(5), opened(6), began(8, ACTS)), False),
        ((opened(1), began(5), lost(6, 7), began(8, ACTS)), False),
        ((opened(1), began(5), began(8, LOOKS)), True),
    ],
)
def test_a_record_counts_if_it_is_whole_since_the_signals_were_sent(
    facts: tuple[Observation, ...], *, traced: bool
) -> None:
    """Else since the last step that acts; before any step, if it is read at all."""
    assert history(*facts).traced is traced


@pytest.mark.parametrize(("since_ms", "whole"), [(10, True), (9, False)])
def test_a_gap_after_the_next_step_began_is_none_in_the_step_before(
    since_ms: int, *, whole: bool
) -> None:
    """What is missing happened at some time since; the step under way is never whole then."""
    one = history(opened(1), began(5), began(10), lost(since_ms, 12))

    assert [span.traced for span in one.spans] == [whole, False]


def test_a_record_of_a_new_init_is_none_of_steps_whose_init_is_known() -> None:
    """They began with the init of before."""
    one = history(opened(1), began(5), began(10), opened(4, 5001), began(12))

    assert [span.init_host_pid for span in one.spans] == [INIT.host_pid, INIT.host_pid, 5001]


@pytest.mark.parametrize(
    ("facts", "whole"),
    [
        ((ContainerStarted(10 * MS), opened(10)), True),
        ((ContainerStarted(10 * MS), opened(11)), False),
        ((ContainerStarted(10 * MS), opened(9), lost(20, 21)), False),
        ((opened(9),), False),
        ((ContainerStarted(10 * MS),), False),
        ((ContainerStarted(10 * MS), InitRestarted(50 * MS, 1), opened(20)), True),
        ((ContainerStarted(60 * MS), InitRestarted(50 * MS, 1), opened(55)), False),
    ],
)
def test_a_record_has_all_of_inits_life_if_it_began_before_that(
    facts: tuple[Observation, ...], *, whole: bool
) -> None:
    """And has no gap; of an init that was started anew, the new start counts."""
    assert history(*facts).traced_from_birth is whole


@pytest.mark.parametrize(
    ("facts", "forgets"),
    [
        ((), False),
        ((ProcessEventsOmitted(0, MS, 9),), True),
        ((began(5, ACTS), ProcessEventsOmitted(4 * MS, MS, 9)), False),
        ((began(5, ACTS), ProcessEventsOmitted(5 * MS, MS, 9)), True),
        ((began(5), ProcessEventsOmitted(6 * MS, MS, 9), began(8, ACTS)), True),
        ((began(5, ACTS), ProcessEventsOmitted(6 * MS, MS, 9), began(8)), False),
    ],
)
def test_births_and_ends_that_were_left_out_since_the_signals_are_missed(
    facts: tuple[Observation, ...], *, forgets: bool
) -> None:
    """Those from before are not."""
    assert history(*facts).misses_births is forgets


def test_births_that_were_forgotten_are_missed_whenever_that_was() -> None:
    """More processes were known than are kept: which of them were of this step is not known."""
    forgets = KnownProcesses(births_lost=True)

    assert replace(history(began(5)), processes=forgets).misses_births


@pytest.mark.parametrize(
    ("signal", "asks"),
    [
        (sent("TERM"), True),
        (sent("TERM", sender=Sender.HOST), True),
        (sent("TERM", pid=7), False),
        (sent("TERM", pid=-1), False),
    ],
    ids=["to-init", "by-engine", "to-a-child", "kill(-1)"],
)
def test_a_signal_to_init_asks_it_to_end(*, signal: Observation, asks: bool) -> None:
    """One to others does not; kill(-1) reaches everybody but init."""
    one = history(snapshot(process(), process(7), at_ms=5), began(990), signal)

    assert one.ask_to_end == (signal if asks else None)


def test_a_stop_asks_init_to_end_whatever_it_has_sent() -> None:
    """The step that asked is found again, also when another one has begun."""
    stop = StopRequested(12 * MS, SENDS, 5.0, None)
    one = history(began(10), stop, EngineSent(13 * MS, SIGTERM), began(20, ACTS))

    assert one.ask_to_end == stop
    assert one.span_of(stop) is one.spans[0]


def test_a_zombie_is_one_since_it_was_first_seen_as_one() -> None:
    """Of one that was not seen as a zombie, nothing is known before the last look."""
    dead = process(7, state=ProcessState.ZOMBIE)
    one = history(
        snapshot(process(), process(7), at_ms=10),
        snapshot(process(), dead, at_ms=20),
        snapshot(process(), dead, process(8), at_ms=30, until_ms=40),
    )

    assert one.zombie_since_ns(dead) == 20 * MS
    assert one.zombie_since_ns(replace(dead, started=99)) == 40 * MS
    assert history().zombie_since_ns(dead) == 0


@pytest.mark.parametrize(
    ("facts", "may_restart", "whole"),
    [
        ((InitEnded(20 * MS, 0), TraceReached(20 * MS)), False, True),
        ((InitEnded(20 * MS, 0), TraceReached(19 * MS)), False, False),
        ((InitEnded(20 * MS, 0), TraceReached(20 * MS)), True, False),
        ((NeverStarted(20 * MS, "no", 127), TraceReached(20 * MS)), False, True),
        ((TraceReached(20 * MS),), False, False),
    ],
)
def test_a_record_is_whole_when_it_reaches_past_the_end_of_an_init_that_is_gone_for_good(
    facts: tuple[Observation, ...], *, may_restart: bool, whole: bool
) -> None:
    """One that a restart policy starts anew goes on."""
    assert history(*facts, may_restart=may_restart).trace_is_whole is whole


def test_init_runs_from_its_start_to_its_end() -> None:
    """And again when it was started anew."""
    started, ended = ContainerStarted(MS), InitEnded(2 * MS, 0)

    assert not history().init_running
    assert history(started).init_running
    assert not history(started, ended).init_running
    assert history(started, ended, InitRestarted(3 * MS, 1)).init_running


@pytest.mark.parametrize(
    ("closed_ms", "end_ms"),
    [(1015, 1015), (1020, 1020), (1021, 1020), (1000, 1000), (999, 1020), (None, 1020)],
)
def test_the_probes_stream_ends_with_init(closed_ms: int | None, end_ms: int) -> None:
    """A little before the engine's report; one that ended before or after tells nothing."""
    closed = [ProbeClosed(closed_ms * MS)] if closed_ms is not None else []
    one = history(began(990), sent("TERM"), *closed, InitEnded(1020 * MS, 0))

    assert one.end_ns == one.asked_end_ns == one.gone_ns == end_ms * MS


def test_the_record_says_best_when_init_has_ended() -> None:
    """Once the engine has reported it."""
    exited = ProcessExited(1010 * MS, INIT)
    opened = TraceOpened(980 * MS, INIT.host_pid)
    facts = (opened, began(990), sent("TERM"), exited, ProbeClosed(1015 * MS))

    assert history(*facts).end_ns is None
    assert history(*facts, InitEnded(1020 * MS, 0)).end_ns == 1010 * MS
    child = ProcessExited(1010 * MS, replace(INIT, role=RUNTIME.role))
    others = history(opened, began(990), sent("TERM"), child, InitEnded(1020 * MS, 0))
    assert others.end_ns == 1020 * MS


def test_an_end_before_init_was_asked_is_not_the_one_that_was_asked_for() -> None:
    """That of the new init is still to come."""
    before = (InitEnded(900 * MS, 0), InitRestarted(950 * MS, 1), began(990), sent("TERM"))
    again = (InitEnded(1020 * MS, 0), InitRestarted(1050 * MS, 2))

    assert history(*before).asked_end_ns is None
    assert history(*before, *again).asked_end_ns == 1020 * MS
    assert history(*before, *again).end_ns is None
    at_once = InitEnded(1000 * MS, 0)
    assert history(began(990), sent("TERM"), at_once).asked_end_ns == 1000 * MS


def test_what_was_known_of_an_init_says_nothing_of_the_next_one() -> None:
    """Its health, its record, its looks, its end."""
    one = history(
        ContainerStarted(MS),
        opened(1),
        HealthReported(5 * MS, "healthy"),
        snapshot(process(), at_ms=6),
        told(INIT, ChildStatus.STOPPED, at_ms=7),
        ProcessExited(8 * MS, INIT),
        InitEnded(9 * MS, 0),
        InitRestarted(10 * MS, 1),
    )

    assert one.health is one.trace is one.snapshot is one.ended is None
    assert one.init_exited is one.init_notified is one.end_ns is None
    assert one.last_end is not None
    assert {known.gone_ns for known in one.processes} == {8 * MS}


@pytest.mark.parametrize(("sender", "of_stop"), [(Sender.HOST, 1), (Sender.INSIDE, 2)])
def test_the_engines_report_of_our_own_signal_is_none_of_the_stop_after_it(
    sender: Sender, of_stop: int
) -> None:
    """It may arrive late; what the probe has sent, the engine does not report."""
    reports = (EngineSent(1101 * MS, SIGTERM), EngineSent(1102 * MS, SIGTERM))
    one = history(
        began(990),
        sent("TERM", sender=sender),
        began(1090),
        StopRequested(1100 * MS, 0, 5.0, None),
        *reports,
        EngineSent(1103 * MS, SIGKILL),
    )

    assert one.span is not None
    assert one.span.engine_sent[:-1] == reports[-of_stop:]
    assert one.span.engine_sent[-1].signal == SIGKILL


def test_each_step_keeps_what_came_of_it() -> None:
    """Until the next one that acts; the record is late, and its facts carry their time."""
    term, late = generated("TERM", at_ms=1001), generated("INT", at_ms=1049)
    hup = generated("HUP", at_ms=1051)
    one = history(
        began(990), sent("TERM"), term, began(1020, ACTS), began(1050), sent("HUP", at_ms=1050),
        hup, late, began(1060, LOOKS),
    )  # fmt: skip

    assert [span.closed_ns for span in one.spans] == [1020 * MS, 1050 * MS, None]
    assert [span.kernel_facts for span in one.spans] == [(term,), (late,), (hup,)]
    assert [len(span.sent) for span in one.spans] == [1, 0, 1]
    assert one.kernel_facts_since(one.spans[0]) == (term, late, hup)
    assert one.kernel_facts_since(one.spans[2]) == (hup,)
    assert one.kernel_fact_ns == 1051 * MS
    assert [one.fact.signal for one in one.sent] == [hup.signal]


def test_without_signals_the_record_counts_since_the_first_step_that_acted() -> None:
    """There are none of a step yet before that."""
    early, fact = generated("TERM", at_ms=3), generated("HUP", at_ms=6)

    assert history(early).kernel_facts == ()
    assert history(early, began(5, ACTS), fact, began(8, ACTS)).kernel_facts == (fact,)


def test_a_look_that_was_extended_is_one_look() -> None:
    """And the last few are kept: a signal may have been asked for before the last one began."""
    first, longer = snapshot(process(), at_ms=10), snapshot(process(), at_ms=10, until_ms=15)
    others = tuple(snapshot(process(), at_ms=20 + number) for number in range(4))

    assert history(first, longer).snapshots == (longer,)
    assert history(first, longer, others[0]).snapshots == (longer, others[0])
    assert history(first, *others).snapshots == others
    one = history(first, began(11), others[0], sent("TERM", at_ms=19), sent("INT", at_ms=20))
    assert [signal.before for signal in one.sent] == [first, others[0]]


@pytest.mark.parametrize("status", ChildStatus)
def test_inits_parent_is_told_of_stops_and_resumptions(status: ChildStatus) -> None:
    """What it is told of an end, or of another process, says nothing of whether init is stopped."""
    of_init = told(INIT, status)
    lasting = {ChildStatus.STOPPED, ChildStatus.CONTINUED}

    opened = TraceOpened(0, INIT.host_pid)
    assert history(opened, of_init).init_notified == (of_init if status in lasting else None)
    assert history(opened, ParentNotified(MS, RUNTIME, INIT, status)).init_notified is None


@pytest.mark.parametrize(
    "later",
    [generated("TERM"), told(WORKER, ChildStatus.CONTINUED), told(INIT, ChildStatus.KILLED)],
    ids=["signal", "of-another", "end"],
)
def test_init_is_stopped_until_its_parent_is_told_of_its_resumption(later: Observation) -> None:
    """Whatever else is in the trace after that."""
    stopped = told(INIT, ChildStatus.STOPPED)

    assert history(opened(1), stopped, later).init_notified == stopped
    on = told(INIT, ChildStatus.CONTINUED, at_ms=1001)
    assert history(opened(1), stopped, later, on).init_notified == on


OTHERWISE = [
    {"comm": "other"},
    {"argv": ("x",)},
    {"ignored": ("TERM",)},
    {"caught": ("TERM",)},
    {"blocked": ("TERM",)},
]


@pytest.mark.parametrize("changed", OTHERWISE, ids=[next(iter(one)) for one in OTHERWISE])
def test_init_is_still_since_its_name_arguments_or_masks_changed(
    changed: dict[str, object],
) -> None:
    """Its state, and what is pending for it, may change."""
    looks = (snapshot(process(), at_ms=10), snapshot(process(), at_ms=20))
    running: Process = process(state=ProcessState.RUNNING, pending=("TERM",))
    other: Process = process(**changed)  # type: ignore[arg-type]

    assert history(*looks).init_still_since_ns == 10 * MS
    assert history(*looks, snapshot(running, at_ms=30)).init_still_since_ns == 10 * MS
    assert history(*looks, snapshot(other, at_ms=30)).init_still_since_ns == 30 * MS
    assert history(looks[0], snapshot(at_ms=20), looks[1]).init_still_since_ns == 20 * MS


def test_the_last_signal_is_what_asks_init_to_end() -> None:
    """Of several of one step."""
    one = history(began(10), sent("TERM", at_ms=11), sent("QUIT", at_ms=12))

    assert one.ask_to_end == sent("QUIT", at_ms=12)
