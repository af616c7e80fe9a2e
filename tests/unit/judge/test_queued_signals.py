"""A signal that was queued, and what was seen of it after: where one fact more or less decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import (
    EngineSent,
    InitEnded,
    InitRestarted,
    StopAnswered,
)
from runner.model.expectation import (
    DeliveredWas,
    InitExited,
    InitIs,
    InitState,
    LogsHave,
    OomKilled,
    Pattern,
)
from runner.model.kernel_facts import (
    ChildStatus,
    Generation,
    KernelFact,
    ProcessExited,
    SignalfdRead,
    TraceOpened,
)
from runner.model.observation import EngineAnswered, LogsEnded, Observation, TraceReached
from runner.model.process import Process
from runner.model.step import Sender
from runner.model.verdict import Failed, Passed, Undecided
from tests.support.cases import expect
from tests.support.decided import RESTARTED, STOPS, acts, before, decided, judged, look
from tests.support.facts import INIT, MS, RUNTIME, WORKER, delivered, generated, process, sent, told

END = 9_000
SEVEN = process(7, pgid=7, sid=1)
BLOCKS = replace(SEVEN, masks=process(7, blocked=("TERM",)).masks, blocked_by_all=1 << 14)
PENDS = replace(BLOCKS, pending_anywhere=1 << 14)
WAITS = replace(BLOCKS, waits=True, waits_for=1 << 14)
HALTED = replace(SEVEN, state=ProcessState.STOPPED)
QUEUED = generated("TERM", target=WORKER)
CONT = generated("CONT", target=WORKER, at_ms=1001.5)
EXITED = (
    ProcessExited(1003 * MS, WORKER),
    told(WORKER, ChildStatus.EXITED, parent=INIT, at_ms=1004),
)


def outcome(
    name: str,
    *facts: Observation,
    target: Process | None = SEVEN,
    calls: bool = True,
) -> Outcome | None:
    """Say what became of a signal to 7; None as its target: no look has shown that."""
    known = before(process(), *([target] if target is not None else []))
    opened = TraceOpened(1 * MS, INIT.host_pid, syscalls=calls)
    known = tuple(opened if isinstance(one, TraceOpened) else one for one in known)
    timeline = (*known, *acts(sent(name, pid=7)), *facts, TraceReached(END * MS))
    (one,) = judged(END, expect(DeliveredWas(True)), *timeline).steps[0].signals
    return one.actual


def after(*processes: Process) -> Observation:
    """A look after it."""
    return look(process(), *processes, at_ms=1010, until_ms=END)


def test_sigcont_continues_only_what_was_seen_stopped() -> None:
    """Of a target that no look has shown, what it did with it is all that is known."""
    made, taken = generated("CONT", target=WORKER), delivered("CONT", task=WORKER)
    ignored = generated("CONT", Generation.IGNORED, target=WORKER)

    for target, seen in ((HALTED, Outcome.CONTINUED), (SEVEN, Outcome.HANDLER_RUNS)):
        assert outcome("CONT", made, taken, after(SEVEN), target=target) is seen
    assert outcome("CONT", made, taken, target=None) is Outcome.HANDLER_RUNS
    assert outcome("CONT", ignored, target=None) is Outcome.IGNORED
    other = (QUEUED, delivered("TERM", task=WORKER))
    assert outcome("TERM", *other, target=HALTED) is Outcome.HANDLER_RUNS


@pytest.mark.parametrize(
    ("before_it", "after_it", "seen"),
    [
        (BLOCKS, WAITS, Outcome.CONSUMED),
        (WAITS, BLOCKS, Outcome.CONSUMED),
        (WAITS, WAITS, Outcome.CONSUMED),
        (BLOCKS, BLOCKS, None),
        (WAITS, PENDS, Outcome.PENDING),
    ],
)
def test_what_is_gone_from_the_queue_was_taken_by_one_that_waits_for_it(
    before_it: Process, after_it: Process, seen: Outcome | None
) -> None:
    """Before or after; what is still there is pending."""
    assert outcome("TERM", QUEUED, after(after_it), target=before_it) is seen


def test_without_a_look_what_was_blocked_is_pending_unless_somebody_may_wait_for_it() -> None:
    """A look that shows no target, or one that has ended, is none."""
    dead = replace(PENDS, pending_anywhere=0, state=ProcessState.ZOMBIE)

    assert outcome("TERM", QUEUED, target=BLOCKS) is Outcome.PENDING
    assert outcome("TERM", QUEUED, target=WAITS) is None
    assert outcome("TERM", QUEUED, after(), target=BLOCKS) is Outcome.PENDING
    assert outcome("TERM", QUEUED, after(dead), target=BLOCKS) is Outcome.PENDING


@pytest.mark.parametrize(
    ("target", "more", "calls", "seen"),
    [
        (BLOCKS, (), True, Outcome.PENDING),
        (BLOCKS, (), False, Outcome.PENDING),
        (WAITS, (), True, Outcome.PENDING),
        (WAITS, (), False, None),
        (WAITS, (look(process(), PENDS, at_ms=1001, until_ms=1002),), False, Outcome.PENDING),
        (WAITS, (SignalfdRead(1002 * MS, WORKER, 9, 1),), True, None),
        (BLOCKS, (SignalfdRead(1002 * MS, WORKER, 9, 1),), True, Outcome.PENDING),
        (replace(WAITS, state=ProcessState.STOPPED), (), False, Outcome.PENDING),
        (replace(WAITS, state=ProcessState.STOPPED), (CONT,), False, None),
        (
            replace(WAITS, state=ProcessState.STOPPED),
            (generated("CONT", target=INIT, at_ms=1001.5),),
            False,
            Outcome.PENDING,
        ),
        (
            replace(WAITS, state=ProcessState.STOPPED),
            (generated("HUP", target=WORKER, at_ms=1001.5),),
            False,
            Outcome.PENDING,
        ),
    ],
)
def test_what_was_never_taken_by_a_target_that_has_ended_was_pending(
    target: Process, more: tuple[Observation, ...], *, calls: bool, seen: Outcome | None
) -> None:
    """Unless it may have waited for it, and that would not be on record."""
    assert outcome("TERM", QUEUED, *more, *EXITED, target=target, calls=calls) is seen


def test_a_sigkill_is_delivered_to_each_thread_of_what_exits() -> None:
    """That says nothing of the SIGKILL that was sent; its parent is told of it."""
    kill = generated("KILL", target=WORKER)
    threads = delivered("KILL", task=WORKER)

    killed = told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1004)
    assert outcome("KILL", kill, threads, EXITED[0], killed) is Outcome.TERMINATED
    assert outcome("KILL", kill, threads, *EXITED) is Outcome.PENDING
    assert outcome("KILL", kill, threads, after(SEVEN)) is not Outcome.TERMINATED


@pytest.mark.parametrize(
    ("looked_ms", "told_ms", "stopped"),
    [(1010, 1000, False), (1010, 1300, True), (None, 1300, True)],
)
def test_the_later_of_look_and_record_says_whether_init_is_stopped(
    looked_ms: int | None, told_ms: int, *, stopped: bool
) -> None:
    """The look lasted until 1,200 ms, and showed it running."""
    notice = told(INIT, ChildStatus.STOPPED, at_ms=told_ms)
    seen = (look(at_ms=looked_ms, until_ms=1200),) if looked_ms else ()
    facts = (*before(), *acts(sent("TERM", pid=7)), *seen, notice, TraceReached(END * MS))

    decision = decided(1350, expect(InitIs(InitState.STOPPED)), *facts)

    assert isinstance(decision, Passed) is stopped


def test_output_of_an_init_that_is_started_anew_goes_on() -> None:
    """Where it is not, what is missing when the output has ended stays missing."""
    missing = expect(LogsHave((Pattern("a"),)))
    facts = (*before(traced=False), *acts(sent("TERM")), InitEnded(1100 * MS, 0))
    ended = LogsEnded(1101 * MS)

    assert isinstance(decided(1102, missing, *facts, ended), Failed)
    assert isinstance(decided(1102, missing, *facts), Undecided)
    anew = (ended, InitRestarted(1150 * MS, 1))
    assert isinstance(decided(1160, missing, *facts, *anew, restart=RESTARTED), Undecided)


@pytest.mark.parametrize(
    ("answered_ms", "now_ms", "kind"),
    [(1500, 1510, Passed), (1050, 1090, Undecided), (1050, 1101, Passed)],
)
def test_what_must_not_happen_is_waited_for_until_the_later_of_quiet_period_and_stop(
    answered_ms: int, now_ms: int, kind: type
) -> None:
    """The quiet period ends at 1,101 ms."""
    facts = (
        *before(traced=False),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        StopAnswered(answered_ms * MS),
        EngineAnswered(now_ms * MS),
    )
    assert isinstance(decided(now_ms, expect(OomKilled(False)), *facts), kind)


def why(init: Process, *facts: Observation, signals: tuple[Observation, ...]) -> str:
    """Say all that is said of a step after which init had to exit."""
    known = (look(init, at_ms=1010, until_ms=60_000), EngineAnswered(60_000 * MS))
    timeline = (*before(init), *signals, *facts, *known, TraceReached(60_000 * MS))
    reasons = judged(60_000, expect(InitExited((0,))), *timeline).explanations
    return " ".join(word for one in reasons for word in (*one.sentences, one.advice))


def dropped(*names: str) -> tuple[KernelFact, ...]:
    """The kernel dropped each, one after the other."""
    return tuple(
        generated(name, Generation.IGNORED, sender=RUNTIME, at_ms=1000.1 + number)
        for number, name in enumerate(names)
    )


def test_of_several_signals_the_last_one_is_explained_and_of_a_stop_the_first() -> None:
    """That is the one that init had to act on."""
    both = acts(sent("HUP", sender=Sender.HOST), sent("TERM", sender=Sender.HOST, at_ms=1001))
    stop = (*STOPS, EngineSent(1001 * MS, SIGTERM), EngineSent(6001 * MS, SIGKILL))

    assert "SIGTERM was dropped" in why(process(), *dropped("HUP", "TERM"), signals=both)
    assert "SIGTERM was dropped" in why(process(), *dropped("TERM"), signals=stop)


@pytest.mark.parametrize(
    ("init", "stops", "other"),
    [
        (process(caught=("QUIT",)), True, True),
        (process(caught=("INT", "HUP")), True, False),
        (process(caught=("HUP",)), True, False),
        (process(caught=("QUIT",)), False, False),
        (process(caught=("QUIT",), comm="sh"), True, False),
        (process(), True, False),
    ],
)
def test_another_stop_signal_is_advised_where_init_catches_one_that_asks_for_an_end(
    init: Process, *, stops: bool, other: bool
) -> None:
    """Of a stop, and not to a shell; many that end on SIGINT are only interrupted by it."""
    stop = (*STOPS, EngineSent(1001 * MS, SIGTERM))
    signals = stop if stops else acts(sent("TERM", sender=Sender.HOST))
    said = why(init, *dropped("TERM"), signals=signals)

    assert ("use STOPSIGNAL SIGQUIT, which it catches" in said) is other
    assert ("let the program handle SIGTERM" in said) is not other


def test_a_signal_that_does_nothing_by_default_needs_no_handler() -> None:
    """It is another stop signal that helps."""
    said = why(process(), *dropped("CHLD"), signals=acts(sent("CHLD", sender=Sender.HOST)))

    assert "SIGCHLD is ignored by default, and init (init) has no handler for it." in said
    assert "use STOPSIGNAL SIGTERM, with a handler for it or below an init" in said
    assert "install a handler" not in said
    assert not Signal.parse("CHLD").default_action.ends
