"""From the facts of a case to what is drawn: lanes, arrows with their fates, bars, and times."""

from __future__ import annotations

import dataclasses

import pytest

from runner.kernel.signals import SIGKILL, SIGSTOP, SIGTERM, Signal
from runner.model.engine_facts import ContainerStarted, InitEnded, Paused, Unpaused
from runner.model.expectation import Stream
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    ExitCalled,
    Generation,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    Role,
    SignalDelivered,
    SignalGenerated,
    Task,
)
from runner.model.observation import (
    LogText,
    Observation,
    ProbeOpened,
    SignalSent,
    StopRequested,
    TraceReached,
)
from runner.model.result import CaseResult
from runner.model.step import Sender
from runner.report.html.build_picture import MOST_ROWS, picture_of
from runner.report.html.lanes import MOST_PROCESSES
from runner.report.html.picture import Fate, Kind, Picture, Row, State
from tests.support.histories import (
    INIT,
    KID,
    MS,
    OPENED,
    OUTSIDE,
    PROBE,
    delivered,
    generated,
    process,
    seen,
    sent,
)
from tests.support.results import ERRORED, FAILED, PASSED
from tests.support.timelines import recorded

STARTED = ContainerStarted(0)
SIGCONT = Signal.parse("SIGCONT")


def drawn(*facts: Observation) -> Picture:
    """Draw these facts, and no verdicts."""
    return picture_of(dataclasses.replace(PASSED, steps=(), timeline=facts))


def signals(picture: Picture) -> list[Row]:
    """The rows of signals."""
    return [row for row in picture.rows if row.kind is Kind.SIGNAL]


def lane_of(picture: Picture, label: str) -> int:
    """The number of a lane."""
    return [lane.label for lane in picture.lanes].index(label)


def states(picture: Picture, label: str) -> list[tuple[State, int, int]]:
    """The bars of a lane, in milliseconds."""
    lane = lane_of(picture, label)
    return [
        (bar.state, bar.from_ns // MS, bar.until_ns // MS)
        for bar in picture.bars
        if bar.lane == lane
    ]


HANDLED = (delivered(11, SIGTERM),)
IGNORED = (delivered(11, SIGTERM, delivery=Delivery.IGNORED),)
DROPPED = (delivered(11, SIGTERM, delivery=Delivery.DEFAULT),)


@pytest.mark.parametrize(
    ("generation", "after", "fate"),
    [
        (Generation.QUEUED, HANDLED, Fate.DELIVERED),
        (Generation.QUEUED, IGNORED, Fate.IGNORED),
        (Generation.QUEUED, DROPPED, Fate.DROPPED),
        (Generation.QUEUED, (), Fate.PENDING),
        (Generation.IGNORED, (), Fate.DROPPED),
        (Generation.ALREADY_PENDING, (), Fate.PENDING),
        (Generation.OVERFLOW, (), Fate.REJECTED),
    ],
)
def test_the_kernel_trace_tells_the_fate_of_a_signal(
    generation: Generation, after: tuple[Observation, ...], fate: Fate
) -> None:
    """Where no verdict speaks of it."""
    by_runc = generated(10, SIGTERM, by=OUTSIDE, generation=generation)

    (row,) = signals(drawn(OPENED, STARTED, by_runc, *after))

    assert (row.fate, row.label, row.lane, row.to) == (fate, "SIGTERM", 0, 1)


def test_what_init_ignores_is_not_dropped() -> None:
    """The last snapshot before tells them apart."""
    init = process(1, "init")
    masks = dataclasses.replace(init.masks, ignored=1 << (SIGTERM - 1))
    ignores = seen(5, dataclasses.replace(init, masks=masks))
    sent_by_runc = generated(10, SIGTERM, by=OUTSIDE, generation=Generation.IGNORED)

    (row,) = signals(drawn(OPENED, STARTED, ignores, sent_by_runc))

    assert row.fate is Fate.IGNORED


def test_a_verdict_tells_the_fate_where_there_is_no_trace() -> None:
    """In the words of the verdict, with what was predicted."""
    (row,) = signals(picture_of(FAILED))

    assert row.fate is Fate.DROPPED
    assert row.text == "SIGTERM to init: dropped_init"
    assert "predicted dropped_init (R5)" in row.more


def test_a_signal_that_nobody_judges_is_not_known_without_a_trace() -> None:
    """Accepted by kill(2) is no fate."""
    (row,) = signals(drawn(STARTED, sent(10, SIGTERM, sender=Sender.HOST)))

    assert row.fate is Fate.NOT_KNOWN


def test_a_signal_that_kill_refuses_is_rejected() -> None:
    """With the error that it gave."""
    refused = SignalSent(10 * MS, 10 * MS, 0, SIGTERM, 7, Sender.INSIDE, "EPERM")

    (row,) = signals(drawn(STARTED, seen(5, process(1, "init"), process(7, "kid")), refused))

    assert row.fate is Fate.REJECTED
    assert row.text == "SIGTERM to PID 7: rejected (EPERM)"


def test_a_signal_is_drawn_once() -> None:
    """The runner, the kernel and the engine all tell of it."""
    by_runner = sent(10, SIGTERM, sender=Sender.HOST)

    rows = signals(drawn(OPENED, STARTED, by_runner, generated(11, SIGTERM, by=OUTSIDE)))

    assert len(rows) == 1


def test_signals_that_come_with_every_child_are_not_drawn() -> None:
    """SIGCHLD, and SIGURG of Go's runtime, unless the case sends them."""
    sigchld = Signal.parse("SIGCHLD")
    noise = generated(10, sigchld, by=KID)

    assert not signals(drawn(OPENED, STARTED, noise))
    asked = SignalSent(10 * MS, 10 * MS, 0, sigchld, 1, Sender.INSIDE, "")
    assert len(signals(drawn(OPENED, STARTED, asked, generated(10, sigchld, by=PROBE)))) == 1


def test_an_arrow_goes_from_process_to_process() -> None:
    """What init forwards."""
    picture = drawn(
        OPENED,
        STARTED,
        ProcessForked(2 * MS, INIT, KID),
        generated(10, SIGTERM, by=INIT, to=KID),
        ExitCalled(12 * MS, KID, 0),
        ProcessExited(12 * MS, KID),
    )

    (row,) = signals(picture)
    assert (row.lane, row.to) == (lane_of(picture, "init"), lane_of(picture, "7"))


def test_a_signal_that_was_pending_for_long_is_taken_in_a_row_of_its_own() -> None:
    """The arrow is where it was sent."""
    rows = drawn(OPENED, STARTED, generated(10, SIGTERM), delivered(500, SIGTERM)).rows

    assert [row.text for row in rows if row.at_ns == 500 * MS] == [
        "init (init) takes SIGTERM: its handler runs"
    ]


def test_the_same_many_times_is_one_row() -> None:
    """With how many times, and until when."""
    many = [generated(at, SIGTERM, generation=Generation.OVERFLOW) for at in range(10, 510)]

    (row,) = signals(drawn(OPENED, STARTED, *many))

    assert (row.times, row.at_ns, row.until_ns) == (500, 10 * MS, 509 * MS)


def test_a_stopped_process_and_a_zombie_have_bars_of_their_own() -> None:
    """By the kernel trace."""
    picture = drawn(
        OPENED,
        STARTED,
        ProcessForked(2 * MS, INIT, KID),
        generated(10, SIGSTOP, to=KID),
        ParentNotified(11 * MS, KID, INIT, ChildStatus.STOPPED),
        generated(20, SIGCONT, to=KID),
        ParentNotified(21 * MS, KID, INIT, ChildStatus.CONTINUED),
        ExitCalled(30 * MS, KID, 0),
        ProcessExited(30 * MS, KID),
        ParentNotified(30 * MS, KID, INIT, ChildStatus.EXITED),
        ProcessReaped(400 * MS, KID),
        TraceReached(500 * MS),
    )

    assert states(picture, "7") == [
        (State.ALIVE, 2, 11),
        (State.STOPPED, 11, 21),
        (State.ALIVE, 21, 30),
        (State.ZOMBIE, 30, 400),
    ]
    assert "7 kid exits 0" in [row.text for row in picture.rows]


def test_snapshots_tell_states_where_there_is_no_trace() -> None:
    """From the first that shows it until the first that does not."""
    zombie = process(7, "kid", alive=False)
    picture = drawn(
        STARTED,
        seen(0, process(1, "init"), process(7, "kid")),
        seen(400, process(1, "init"), zombie),
        seen(500, process(1, "init")),
        seen(600, process(1, "init")),
    )

    assert states(picture, "7") == [(State.ALIVE, 0, 400), (State.ZOMBIE, 400, 500)]
    assert states(picture, "init") == [(State.ALIVE, 0, 600)]


def test_what_is_paused_lies_over_all_lanes() -> None:
    """As long as it is frozen."""
    picture = drawn(STARTED, Paused(10 * MS), Unpaused(20 * MS), TraceReached(50 * MS))

    assert (State.PAUSED, 10, 20) in states(picture, "init")


def test_the_grace_period_begins_with_the_signal_and_ends_with_init() -> None:
    """Or when it is over."""
    stop = StopRequested(5 * MS, 0, 2.0, None)
    term = generated(10, SIGTERM, by=OUTSIDE)

    ended = drawn(OPENED, STARTED, stop, term, InitEnded(900 * MS, 0)).bands
    over = drawn(OPENED, STARTED, stop, term, InitEnded(2100 * MS, 137)).bands

    assert [(one.from_ns // MS, one.until_ns // MS) for one in ended] == [(10, 900)]
    assert [(one.from_ns // MS, one.until_ns // MS) for one in over] == [(10, 2010)]


def test_the_killed_with_init_are_told_from_others() -> None:
    """The kernel's SIGKILL is an arrow from init, whose end it comes with."""
    kill = SignalGenerated(
        21 * MS, SIGKILL, Generation.QUEUED, INIT, KID, 0x80, to_process=True, after_end=True
    )
    picture = drawn(
        OPENED,
        STARTED,
        ProcessForked(2 * MS, INIT, KID),
        ProcessExited(20 * MS, INIT),
        kill,
        SignalDelivered(22 * MS, SIGKILL, KID, Delivery.DEFAULT, cause=SIGKILL),
        ProcessExited(23 * MS, KID),
        TraceReached(50 * MS),
    )

    (row,) = signals(picture)
    assert (row.fate, row.lane, row.to) == (Fate.DELIVERED, 1, 2)
    assert row.text.endswith("killed with init")


def test_only_the_processes_that_matter_have_lanes() -> None:
    """Those with signals first, then those that lived longest; the others are counted."""
    short = [Task(Role.INSIDE, pid, 1000 + pid, "short") for pid in range(20, 50)]
    births = [ProcessForked(2 * MS, INIT, task) for task in short]
    ends = [ProcessExited(3 * MS, task) for task in short]
    sends = [
        generated(100 + pid, SIGTERM, to=Task(Role.INSIDE, pid, 1000 + pid, "long"))
        for pid in range(60, 60 + MOST_PROCESSES + 2)
    ]

    picture = drawn(OPENED, STARTED, *births, *ends, *sends)

    assert len(picture.lanes) == 2 + MOST_PROCESSES
    assert {lane.name for lane in picture.lanes[2:]} == {"long"}
    assert picture.processes_omitted == 30 + 2


def test_the_middle_of_a_long_story_is_left_out() -> None:
    """It is said how much that is, and times stay in order."""
    lines = [LogText(at * MS, Stream.STDOUT, f"line {at}\n") for at in range(1000)]

    picture = drawn(STARTED, *lines)

    assert len(picture.rows) == MOST_ROWS
    assert picture.omitted == 1001 - MOST_ROWS
    assert picture.rows[-1].text == "line 999"
    assert list(picture.rows) == sorted(picture.rows, key=lambda row: row.at_ns)


def test_output_stands_on_the_lane_of_init_at_its_time() -> None:
    """A long piece is cut, and the rest counted."""
    text = "".join(f"line {number}\n" for number in range(10))

    rows = drawn(STARTED, LogText(7 * MS, Stream.STDERR, text)).rows

    output = [row for row in rows if row.kind is Kind.OUTPUT]
    assert [row.text for row in output] == ["line 0", "line 1", "line 2", "… 7 more lines"]
    assert {(row.at_ns, row.lane, row.more) for row in output} == {(7 * MS, 1, "stderr")}


def test_expected_and_seen_stand_where_the_step_was_decided() -> None:
    """Below all that happened in it."""
    wrong = [row for row in picture_of(FAILED).rows if row.kind is Kind.WRONG]

    assert [row.text for row in wrong] == [
        "failed: expected init exited 0; saw init is still running"
    ]
    assert picture_of(PASSED).rows[-1].text != wrong[0].text


def test_a_container_that_was_never_ready_does_not_look_ready() -> None:
    """The row says why."""
    texts = [row.text for row in picture_of(ERRORED).rows]

    assert "the container is ready" not in texts
    assert any(text.startswith("not ready: ") for text in texts)


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("shell form with dash", Fate.DROPPED),
        ("handler runs but stays", Fate.DELIVERED),
        ("blocked", Fate.PENDING),
        ("ignores", Fate.IGNORED),
    ],
)
def test_recorded_cases_show_what_became_of_sigterm(name: str, fate: Fate) -> None:
    """Real facts of a real kernel, without the verdicts on them."""
    case: CaseResult = recorded(name)

    fates = {row.fate for row in signals(picture_of(case)) if row.label == "SIGTERM"}

    assert fate in fates


def test_our_probe_has_no_lane() -> None:
    """Nor that of a container which shares the PID namespace."""
    both = [process(1, "init"), process(5, "probe")]
    facts = [
        dataclasses.replace(ProbeOpened(5 * MS, 5), container="web"),
        *(dataclasses.replace(seen(at, *both), container="db") for at in (0, 900)),
    ]

    picture = drawn(*facts)

    assert [lane.label for lane in picture.lanes] == ["host", "web: init", "db: init"]
    assert picture.processes_omitted == 0


def test_two_containers_have_lanes_of_their_own() -> None:
    """Each with its name."""
    facts = [
        dataclasses.replace(STARTED, container="web"),
        dataclasses.replace(STARTED, container="db"),
    ]

    assert [lane.label for lane in drawn(*facts).lanes] == ["host", "web: init", "db: init"]
