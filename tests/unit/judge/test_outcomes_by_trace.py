"""What became of a signal, by what is in the trace of it or by looks, or that it cannot be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import EngineSent, InitEnded
from runner.model.expectation import Check, DeliveredWas, OutcomeWas
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    KernelFact,
    ProcessExited,
    SignalAccepted,
    SignalfdRead,
    TraceOpened,
)
from runner.model.observation import Observation, TraceReached
from runner.model.process import Process, SignalFd
from runner.model.step import Sender
from runner.model.verdict import Errored, Failed, Passed, Undecided
from tests.support.cases import expect
from tests.support.decided import STOPS, acts, before, decided, judged, look
from tests.support.facts import INIT, MS, RUNTIME, WORKER, delivered, generated, process, sent, told

END = 9_000
SEVEN = process(7, pgid=7, sid=1)
BLOCKS = replace(SEVEN, masks=process(7, blocked=("TERM",)).masks, blocked_by_all=1 << 14)
PENDS = replace(BLOCKS, pending_anywhere=1 << 14)
HALTED = replace(SEVEN, state=ProcessState.STOPPED)
WAITS = replace(BLOCKS, waits=True, waits_for=1 << 14)
READS = replace(BLOCKS, signalfd=1 << 14, signalfds=(SignalFd(4, 1 << 14),))
CATCHES = replace(SEVEN, masks=process(7, caught=("TERM", "TSTP", "CONT")).masks)


def what(
    name: str,
    *record: KernelFact,
    target: Process = SEVEN,
    after: Process | None = None,
    until_ms: int = END,
) -> Outcome | None:
    """Say what became of a signal to 7, which was seen before it and after it."""
    seen = (look(process(), after, at_ms=1010, until_ms=until_ms),) if after is not None else ()
    facts = (
        *before(process(), target),
        *acts(sent(name, pid=7)),
        *record,
        *seen,
        TraceReached(until_ms * MS),
    )
    (one,) = judged(until_ms, expect(DeliveredWas(True)), *facts).steps[0].signals
    return one.actual


def queued(name: str, at_ms: float = 1000.1) -> KernelFact:
    """It was queued."""
    return generated(name, target=WORKER, at_ms=at_ms)


def taken(name: str, how: Delivery = Delivery.HANDLER) -> KernelFact:
    """It was taken."""
    return delivered(name, how, task=WORKER)


EXITED = ProcessExited(1003 * MS, WORKER)


def end(status: ChildStatus) -> tuple[KernelFact, ...]:
    """The worker ends, and its parent is told how."""
    return (EXITED, told(WORKER, status, parent=INIT, at_ms=1004))


@pytest.mark.parametrize(
    ("name", "how", "outcome"),
    [
        ("TERM", Delivery.HANDLER, Outcome.HANDLER_RUNS),
        ("TERM", Delivery.IGNORED, Outcome.IGNORED),
        ("CHLD", Delivery.DEFAULT, Outcome.IGNORED),
        ("CONT", Delivery.DEFAULT, Outcome.IGNORED),
        ("QUIT", Delivery.DEFAULT, Outcome.CORE_DUMPED),
        ("STOP", Delivery.DEFAULT, Outcome.STOPPED),
        ("TSTP", Delivery.HANDLER, Outcome.HANDLER_RUNS),
        ("TSTP", Delivery.IGNORED, Outcome.IGNORED),
    ],
)
def test_a_signal_that_was_taken(name: str, how: Delivery, outcome: Outcome) -> None:
    """By what it met, and by its default action (signal(7))."""
    assert what(name, queued(name), taken(name, how), after=SEVEN) is outcome


@pytest.mark.parametrize(
    ("record", "after", "outcome"),
    [
        ((told(WORKER, ChildStatus.STOPPED, parent=INIT),), SEVEN, Outcome.STOPPED),
        ((told(WORKER, ChildStatus.CONTINUED, parent=INIT),), SEVEN, Outcome.IGNORED),
        ((told(INIT, ChildStatus.STOPPED),), SEVEN, Outcome.IGNORED),
        ((), HALTED, Outcome.STOPPED),
        ((), SEVEN, Outcome.IGNORED),
        ((), None, None),
    ],
)
def test_sigtstp_stops_what_its_parent_or_a_look_shows_stopped(
    record: tuple[KernelFact, ...], after: Process | None, outcome: Outcome | None
) -> None:
    """Else its group was an orphan; without a look, that is not known."""
    facts = (queued("TSTP"), taken("TSTP", Delivery.DEFAULT), *record)

    assert what("TSTP", *facts, after=after) is outcome


@pytest.mark.parametrize(
    ("name", "status", "outcome"),
    [
        ("TERM", ChildStatus.KILLED, Outcome.TERMINATED),
        ("QUIT", ChildStatus.DUMPED, Outcome.CORE_DUMPED),
        ("KILL", ChildStatus.KILLED, Outcome.TERMINATED),
        ("TERM", ChildStatus.EXITED, Outcome.PENDING),
    ],
)
def test_a_signal_that_ended_its_target(name: str, status: ChildStatus, outcome: Outcome) -> None:
    """Its delivery says SIGKILL; one that exits by itself has never taken it."""
    facts = (queued(name), taken("KILL", Delivery.DEFAULT), *end(status))

    assert what(name, *facts) is outcome


def test_another_signal_may_have_ended_its_target() -> None:
    """Then the first one was never taken."""
    kill = generated("KILL", target=WORKER, at_ms=1002)

    assert what("TERM", queued("TERM"), kill, *end(ChildStatus.KILLED), target=BLOCKS) is (
        Outcome.PENDING
    )


@pytest.mark.parametrize(
    ("record", "target", "outcome"),
    [
        ((SignalAccepted(1002 * MS, SIGTERM, WORKER),), WAITS, Outcome.CONSUMED),
        ((SignalfdRead(1002 * MS, WORKER, 4, 1),), READS, Outcome.CONSUMED),
        ((SignalfdRead(1002 * MS, WORKER, 5, 1),), READS, None),
        ((), BLOCKS, Outcome.PENDING),
        ((), READS, Outcome.PENDING),
    ],
)
def test_a_signal_that_is_taken_without_a_handler_is_consumed(
    record: tuple[KernelFact, ...], target: Process, outcome: Outcome | None
) -> None:
    """Of one that has ended, all its system calls are in the trace."""
    facts = (queued("TERM"), *record, *end(ChildStatus.EXITED))

    assert what("TERM", *facts, target=target) is outcome


@pytest.mark.parametrize(
    ("after", "until_ms", "outcome"),
    [
        (PENDS, END, Outcome.PENDING),
        (BLOCKS, END, None),
        (WAITS, END, Outcome.CONSUMED),
        (READS, END, Outcome.CONSUMED),
        (replace(BLOCKS, traced=True), END, None),
        (replace(PENDS, state=ProcessState.ZOMBIE), END, Outcome.PENDING),
        (PENDS, 1011, Outcome.PENDING),
    ],
)
def test_a_signal_that_was_blocked_is_pending_as_long_as_looks_show_it(
    after: Process, until_ms: int, outcome: Outcome | None
) -> None:
    """One that is gone from the queue was taken by whoever waits for it, or it is not known."""
    target = BLOCKS if after in (PENDS, BLOCKS) else after
    facts = what("TERM", queued("TERM"), target=target, after=after, until_ms=until_ms)

    assert facts is outcome


@pytest.mark.parametrize(
    ("name", "by", "outcome"),
    [
        ("TSTP", "CONT", Outcome.PENDING),
        ("CONT", "TSTP", Outcome.PENDING),
        ("CONT", "STOP", Outcome.PENDING),
        ("TSTP", "TERM", None),
        ("TERM", "CONT", None),
    ],
)
def test_a_stop_signal_and_sigcont_delete_each_other(
    name: str, by: str, outcome: Outcome | None
) -> None:
    """In the queue of the same process (R2)."""
    blocks = replace(SEVEN, blocked_by_all=-1 & ~(1 << 18) & ~(1 << 8))
    deletes = generated(by, target=WORKER, at_ms=1002)
    others = generated(by, target=INIT, at_ms=1002)

    assert what(name, queued(name), deletes, target=blocks, after=blocks) is outcome
    assert what(name, queued(name), others, target=blocks, after=blocks) is None


@pytest.mark.parametrize(
    ("name", "generation", "target", "outcome"),
    [
        ("CONT", Generation.QUEUED, HALTED, Outcome.CONTINUED),
        ("CONT", Generation.IGNORED, HALTED, Outcome.CONTINUED),
        ("CONT", Generation.IGNORED, SEVEN, Outcome.IGNORED),
        ("TERM", Generation.IGNORED, SEVEN, Outcome.IGNORED),
        ("TERM", Generation.IGNORED, HALTED, Outcome.IGNORED),
        ("TERM", Generation.ALREADY_PENDING, PENDS, Outcome.PENDING),
        ("RTMIN", Generation.OVERFLOW, BLOCKS, Outcome.REJECTED),
        ("RTMIN", Generation.INFO_LOST, CATCHES, Outcome.HANDLER_RUNS),
    ],
)
def test_what_the_kernel_did_when_it_was_sent(
    name: str, generation: Generation, target: Process, outcome: Outcome
) -> None:
    """SIGCONT resumes a stopped process whatever becomes of it."""
    made = generated(name, generation, target=WORKER)

    assert what(name, made, taken(name), target=target, after=SEVEN) is outcome


def to_init(name: str, *record: KernelFact, init: Process | None = None) -> Outcome | None:
    """Say what became of a signal to init."""
    facts = (*before(init or process(), process(7)), *acts(sent(name)), *record)
    facts = (*facts, look(at_ms=1010, until_ms=END), TraceReached(END * MS))
    (one,) = judged(END, expect(DeliveredWas(True)), *facts).steps[0].signals
    return one.actual


def test_init_is_spared_whether_its_signal_is_discarded_or_taken() -> None:
    """One that it ignores is ignored, and one of its handlers runs."""
    ignores = process(ignored=("TERM",))
    made = generated("TERM", Generation.IGNORED)

    assert to_init("TERM", made) is Outcome.DROPPED_INIT
    assert to_init("CHLD", generated("CHLD", Generation.IGNORED)) is Outcome.DROPPED_INIT
    assert to_init("TERM", made, init=ignores) is Outcome.IGNORED
    taken_by_default = (generated("TERM"), delivered("TERM", Delivery.DEFAULT))
    assert to_init("TERM", *taken_by_default) is Outcome.DROPPED_INIT
    assert to_init("TSTP", generated("TSTP"), delivered("TSTP", Delivery.DEFAULT)) is (
        Outcome.DROPPED_INIT
    )
    assert to_init("TERM", generated("TERM"), delivered("TERM")) is Outcome.HANDLER_RUNS


def test_what_became_of_a_signal_that_nothing_holds_back_takes_its_time() -> None:
    """On a busy machine it may be a second; until then nothing is said."""
    pending = expect(OutcomeWas(Outcome.PENDING))
    facts = (*before(process(), SEVEN), *acts(sent("TERM", pid=7)), queued("TERM"))

    assert isinstance(decided(1900, pending, *facts, TraceReached(1900 * MS)), Undecided)
    blocked = (*before(process(), BLOCKS), *acts(sent("TERM", pid=7)), queued("TERM"))
    shows = look(process(), PENDS, at_ms=1010, until_ms=1200)
    assert isinstance(decided(1200, pending, *blocked, shows, TraceReached(1200 * MS)), Passed)
    assert isinstance(decided(1050, pending, *blocked, shows, TraceReached(1050 * MS)), Undecided)


@pytest.mark.parametrize(
    ("check", "verdict"),
    [
        (DeliveredWas(True), Passed),
        (DeliveredWas(False), Failed),
        (DeliveredWas(True, SIGTERM), Passed),
        (DeliveredWas(True, Signal.parse("HUP")), Errored),
        (OutcomeWas(Outcome.HANDLER_RUNS), Passed),
        (OutcomeWas(Outcome.HANDLER_RUNS, SIGTERM), Passed),
        (OutcomeWas(Outcome.TERMINATED), Failed),
        (OutcomeWas(None), Passed),
        (OutcomeWas(None, SIGTERM), Passed),
        (OutcomeWas(None, SIGKILL), Errored),
    ],
)
def test_an_outcome_is_asked_by_signal_or_of_all(check: Check, verdict: type) -> None:
    """One that was not sent cannot be judged."""
    facts = (*before(process(), CATCHES), *acts(sent("TERM", pid=7)), queued("TERM"), taken("TERM"))

    assert isinstance(decided(2500, expect(check), *facts, TraceReached(END * MS)), verdict)


def test_each_signal_of_a_step_must_have_the_outcome() -> None:
    """The one that has not is told."""
    signals = acts(sent("HUP", pid=7), sent("TERM", pid=7, at_ms=1002))
    record = (generated("HUP", Generation.IGNORED, target=WORKER), queued("TERM"), taken("TERM"))
    facts = (*before(process(), CATCHES), *signals, *record, TraceReached(END * MS))

    result = judged(END, expect(DeliveredWas(True)), *facts)

    assert isinstance(result.verdict, Failed)
    assert "SIGHUP" in result.verdict.findings[0].seen
    by_name = expect(DeliveredWas(True, SIGTERM))
    assert isinstance(decided(END, by_name, *facts), Passed)


def test_nothing_was_foretold_of_a_target_that_no_look_has_shown() -> None:
    """What became of it is known all the same."""
    facts = (*before(process()), *acts(sent("TERM", pid=7)), queued("TERM"), taken("TERM"))
    reached = TraceReached(END * MS)

    assert isinstance(decided(END, expect(OutcomeWas(None)), *facts, reached), Errored)
    handled = expect(OutcomeWas(Outcome.HANDLER_RUNS))
    assert isinstance(decided(END, handled, *facts, reached), Passed)


@pytest.mark.parametrize(
    ("ended", "verdict"), [(None, Undecided), (InitEnded(1100 * MS, 143), Errored)]
)
def test_what_a_stop_sends_may_be_reported_as_long_as_init_has_not_ended(
    ended: Observation | None, verdict: type
) -> None:
    """After that, nothing was sent."""
    facts = (*before(), *STOPS, *([ended] if ended else []), TraceReached(2500 * MS))

    assert isinstance(decided(2500, expect(DeliveredWas(True)), *facts), verdict)


def blind(
    name: str,
    *facts: Observation,
    target: Process = SEVEN,
    pid: int = 7,
    sender: Sender = Sender.INSIDE,
) -> Outcome | None:
    """Say what became of a signal where there is no record."""
    seen = [one for one in before(process(), target) if not isinstance(one, TraceOpened)]
    signals = acts(sent(name, pid=pid, sender=sender))
    (one,) = judged(END, expect(DeliveredWas(True)), *seen, *signals, *facts).steps[0].signals
    return one.actual


def after(*processes: Process) -> Observation:
    """A look after the signal."""
    return look(process(), *processes, at_ms=1010, until_ms=END)


def test_without_the_record_what_looks_show_must_fit_what_was_foretold() -> None:
    """Where it does not, or may have several reasons, nothing is said."""
    caught, ignores = CATCHES, replace(SEVEN, masks=process(7, ignored=("TERM",)).masks)
    dead = replace(SEVEN, state=ProcessState.ZOMBIE)

    assert blind("TERM", after()) is Outcome.TERMINATED
    assert blind("TERM", after(dead)) is Outcome.TERMINATED
    assert blind("TERM", after(SEVEN)) is None
    assert blind("TERM") is None
    assert blind("QUIT", after()) is Outcome.CORE_DUMPED
    assert blind("TERM", target=caught) is Outcome.HANDLER_RUNS
    assert blind("TERM", after(ignores), target=ignores) is Outcome.IGNORED
    assert blind("TERM", target=ignores) is None
    assert blind("TERM", after(PENDS), target=BLOCKS) is Outcome.PENDING
    assert blind("TERM", after(BLOCKS), target=BLOCKS) is None
    assert blind("TERM", after(BLOCKS), target=WAITS) is None
    assert blind("STOP", after(HALTED)) is Outcome.STOPPED
    assert blind("STOP", after(SEVEN)) is None
    assert blind("CONT", after(SEVEN), target=HALTED) is Outcome.CONTINUED
    assert blind("CONT", after(HALTED), target=HALTED) is None


def test_without_the_record_init_lives_or_has_ended_with_a_status() -> None:
    """128 + n is what the signal gives; of another status, it was something else."""
    term, other = InitEnded(1100 * MS, 143), InitEnded(1100 * MS, 0)
    kill = InitEnded(1100 * MS, 137)
    host = Sender.HOST

    assert blind("TERM", after(SEVEN), pid=1) is Outcome.DROPPED_INIT
    assert blind("TERM", pid=1) is None
    assert blind("TERM", after(SEVEN), term, pid=1) is None
    assert blind("TERM", after(SEVEN), other, pid=1) is Outcome.DROPPED_INIT
    assert blind("KILL", kill, pid=1, sender=host) is Outcome.TERMINATED
    assert blind("KILL", other, pid=1, sender=host) is None
    assert blind("KILL", pid=1, sender=host) is None
    assert blind("TERM", term) is None
    assert blind("TERM", after(), term) is Outcome.TERMINATED


def test_the_second_signal_of_a_stop_is_foretold_and_told_apart() -> None:
    """The engine's SIGKILL ends init."""
    facts = (
        *before(),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        EngineSent(6001 * MS, SIGKILL),
        generated("TERM", Generation.IGNORED, sender=RUNTIME, at_ms=1000.5),
        generated("KILL", sender=RUNTIME, at_ms=6000.5),
        ProcessExited(6002 * MS, INIT),
        told(INIT, ChildStatus.KILLED, at_ms=6002),
        InitEnded(6010 * MS, 137),
        TraceReached(END * MS),
    )
    signals = judged(END, expect(DeliveredWas(False)), *facts).steps[0].signals

    assert [(str(one.signal), one.actual) for one in signals] == [
        ("SIGTERM", Outcome.DROPPED_INIT),
        ("SIGKILL", Outcome.TERMINATED),
    ]
