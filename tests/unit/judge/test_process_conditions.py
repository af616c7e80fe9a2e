"""What is asked of processes by the kernel trace, held against records in which it is so or not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import InitEnded
from runner.model.expectation import (
    Bounds,
    ForwardedWas,
    Own,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
)
from runner.model.kernel_facts import (
    ChildStatus,
    ExitCalled,
    KernelFact,
    ParentNotified,
    ProcessEventsOmitted,
    ProcessExited,
    ProcessForked,
    Role,
    SubreaperSet,
    Task,
)
from runner.model.observation import EngineAnswered, Observation, TraceReached
from runner.model.verdict import Errored, Failed, Passed, Undecided
from tests.support.cases import expect
from tests.support.decided import acts, before, decided, judged, look
from tests.support.facts import (
    INIT,
    MS,
    PROBE,
    RUNTIME,
    WORKER,
    delivered,
    generated,
    process,
    sent,
    told,
)

SEVEN, OTHER, ALL = Selector(pid=7), Selector(pid=8), Selector()
NONE, ONCE, TWICE = Bounds(0, 0), Bounds(1, 1), Bounds(2, 2)
END = 9_000
TERM = sent("TERM", pid=7)
SIGHUP = Signal.parse("HUP")
QUEUED = generated("TERM", target=WORKER)
HANDLED = (QUEUED, delivered("TERM", task=WORKER))
EXITS = (
    ExitCalled(1002 * MS, WORKER, 3),
    ProcessExited(1003 * MS, WORKER),
    told(WORKER, ChildStatus.EXITED, parent=INIT, at_ms=1004),
)
KILLED = (QUEUED, EXITS[1], told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1004))
TORN = replace(generated("KILL", sender=INIT, target=WORKER, code=128), after_end=True)
WITH_INIT = (TORN, EXITS[1], told(WORKER, ChildStatus.KILLED, parent=INIT, at_ms=1004))
UNKNOWN = (QUEUED, EXITS[1])


def facts_after(*record: KernelFact, whole: bool = True) -> tuple[Observation, ...]:
    """A signal was sent to 7, and this is in the trace since; looks show what they did before."""
    seen = (look(at_ms=1010, until_ms=END), EngineAnswered(END * MS))
    reached = (TraceReached(END * MS),) if whole else ()
    return (*before(), *acts(TERM), *record, *seen, *reached)


def kind(facts: ProcessFacts, *record: KernelFact, selector: Selector = SEVEN) -> type:
    """Say how a check of facts ends, when all is known."""
    check = expect(ProcessIs(selector, facts))
    return type(decided(END, check, *facts_after(*record)))


@pytest.mark.parametrize(
    ("wanted", "record", "verdict"),
    [
        ((), (), Passed),
        ((), HANDLED, Failed),
        ((), (QUEUED,), Passed),
        ((Received(SIGTERM),), HANDLED, Passed),
        ((Received(SIGTERM),), (), Failed),
        ((Received(SIGTERM),), (QUEUED,), Failed),
        ((Received(SIGTERM, NONE),), HANDLED, Failed),
        ((Received(SIGTERM, NONE),), (), Passed),
        ((Received(SIGTERM, ONCE),), HANDLED, Passed),
        ((Received(SIGTERM, ONCE),), (*HANDLED, *HANDLED), Failed),
        ((Received(SIGTERM, TWICE),), HANDLED, Failed),
        ((Received(SIGTERM, TWICE),), (*HANDLED, *HANDLED), Passed),
        ((Received(SIGHUP),), HANDLED, Failed),
        ((Received(SIGTERM), Received(SIGHUP)), HANDLED, Failed),
        ((Received(SIGTERM), Received(SIGHUP, NONE)), HANDLED, Passed),
        ((Received(SIGTERM),), KILLED, Passed),
        ((Received(SIGKILL, NONE),), WITH_INIT, Passed),
    ],
)
def test_received(
    wanted: tuple[Received, ...], record: tuple[KernelFact, ...], verdict: type
) -> None:
    """So often, or not at all, since the step began."""
    assert kind(ProcessFacts(received=wanted), *record) is verdict


@pytest.mark.parametrize(
    ("sender", "by", "verdict"),
    [
        (SEVEN, WORKER, Passed),
        (SEVEN, INIT, Failed),
        (Selector(pid=1), INIT, Passed),
        (Selector(comm="worker"), WORKER, Passed),
        (Selector(pid=1), RUNTIME, Failed),
        (Selector(pid=1), PROBE, Failed),
        (Selector(comm="gone"), Task(Role.INSIDE, None, 4099, "quick"), Failed),
        (Selector(argv="x"), Task(Role.INSIDE, None, 4099, "quick"), Errored),
        (None, RUNTIME, Passed),
    ],
)
def test_received_from(sender: Selector | None, by: Task, verdict: type) -> None:
    """Who has sent it is in the trace; of one that was gone too soon, too little may be known."""
    record = (replace(QUEUED, sender=by), HANDLED[1])
    facts = ProcessFacts(received=(Received(SIGTERM, sender=sender),))

    assert kind(facts, *record) is verdict


@pytest.mark.parametrize(
    ("facts", "verdicts"),
    [
        (ProcessFacts(exited=(3,)), (Failed, Passed, Failed, Failed)),
        (ProcessFacts(exited=(0, 4)), (Failed, Failed, Failed, Failed)),
        (ProcessFacts(killed_by=(SIGTERM,)), (Failed, Failed, Passed, Failed)),
        (ProcessFacts(killed_by=(SIGHUP,)), (Failed, Failed, Failed, Failed)),
        (ProcessFacts(killed_by=(SIGHUP, SIGKILL)), (Failed, Failed, Failed, Passed)),
        (ProcessFacts(killed_with_init=True), (Failed, Failed, Failed, Passed)),
        (ProcessFacts(killed_with_init=False), (Passed, Passed, Passed, Failed)),
        (ProcessFacts(exited=(3,), received=()), (Failed, Passed, Failed, Failed)),
    ],
)
def test_how_a_process_ended(facts: ProcessFacts, verdicts: tuple[type, ...]) -> None:
    """Not at all, by exit(2) with 3, by SIGTERM, with init."""
    assert tuple(kind(facts, *record) for record in ((), EXITS, KILLED, WITH_INIT)) == verdicts


@pytest.mark.parametrize(
    "facts",
    [
        ProcessFacts(exited=(3,)),
        ProcessFacts(killed_by=(SIGTERM,)),
        ProcessFacts(killed_with_init=False),
    ],
)
def test_an_end_of_which_the_record_does_not_say_how_cannot_be_judged_yet(
    facts: ProcessFacts,
) -> None:
    """Its parent may be told yet."""
    check = expect(ProcessIs(SEVEN, facts))

    assert isinstance(decided(1100, check, *facts_after(*UNKNOWN, whole=False)), Undecided)


def test_a_status_that_is_not_on_record_cannot_be_judged() -> None:
    """That of exit(2) is only in the calls."""
    assert kind(ProcessFacts(exited=(3,)), *EXITS[1:]) is Errored
    assert kind(ProcessFacts(killed_by=(SIGTERM,)), *EXITS[1:]) is Failed


@pytest.mark.parametrize(
    ("selector", "verdict"),
    [(SEVEN, Passed), (OTHER, Failed), (Selector(comm="worker"), Passed), (ALL, Failed)],
)
def test_each_process_that_is_meant_must_show_it(selector: Selector, verdict: type) -> None:
    """Init has received nothing, and of 8 nothing was ever seen."""
    facts = ProcessFacts(received=(Received(SIGTERM),))

    assert kind(facts, *HANDLED, selector=selector) is verdict


def test_what_was_sure_is_decided_before_the_record_is_whole() -> None:
    """What was received cannot be undone, nor an end; that something was not takes its time."""
    got = expect(ProcessIs(SEVEN, ProcessFacts(received=(Received(SIGTERM),))))
    nothing = expect(ProcessIs(SEVEN, ProcessFacts(received=())))
    exited = expect(ProcessIs(SEVEN, ProcessFacts(exited=(3,))))
    early = facts_after(*HANDLED, whole=False)
    ended = facts_after(*EXITS, whole=False)

    assert isinstance(decided(1011, got, *early), Passed)
    assert isinstance(decided(2100, nothing, *early), Failed)
    assert isinstance(decided(1011, exited, *ended), Passed)
    other = expect(ProcessIs(SEVEN, ProcessFacts(exited=(4,))))
    assert isinstance(decided(2100, other, *ended), Failed)
    assert isinstance(decided(1300, nothing, *facts_after(whole=False)), Undecided)


def test_births_that_were_left_out_make_a_process_unknown() -> None:
    """One that no look has shown may have been among them."""
    omitted = ProcessEventsOmitted(1002 * MS, 1003 * MS, 99)
    earlier = ProcessEventsOmitted(900 * MS, 901 * MS, 99)
    facts = ProcessFacts(received=(Received(SIGTERM),))

    assert kind(facts, omitted, selector=OTHER) is Errored
    assert kind(facts, earlier, selector=OTHER) is Failed
    assert kind(ProcessFacts(exited=(0,)), omitted) is Errored
    assert kind(ProcessFacts(exited=(0,))) is Failed
    assert kind(ProcessFacts(received=()), omitted) is Passed


@pytest.mark.parametrize(
    ("on", "wanted", "verdict"),
    [
        ((), False, Passed),
        ((), True, Failed),
        ((True,), True, Passed),
        ((True,), False, Failed),
        ((True, False), True, Failed),
    ],
)
def test_subreapers(on: tuple[bool, ...], *, wanted: bool, verdict: type) -> None:
    """As they have asked last (prctl(2))."""
    record = [SubreaperSet((1002 + at) * MS, WORKER, one) for at, one in enumerate(on)]

    assert kind(ProcessFacts(subreaper=wanted), *record) is verdict


def test_facts_of_looks_and_of_the_record_are_asked_together() -> None:
    """Both must hold."""
    got = (Received(SIGTERM),)

    assert kind(ProcessFacts(received=got, pgid=Own.OWN), *HANDLED) is Passed
    assert kind(ProcessFacts(received=got, pgid=1), *HANDLED) is Failed
    assert kind(ProcessFacts(received=got, pgid=Own.OWN)) is Failed


@pytest.mark.parametrize(
    ("check", "record", "verdict"),
    [
        (ForwardedWas(SIGTERM), (), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=INIT),), Passed),
        (ForwardedWas(SIGTERM), (QUEUED,), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=RUNTIME),), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=WORKER),), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=INIT, target=INIT),), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=INIT, target=PROBE),), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=INIT, target=RUNTIME),), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=INIT, code=1),), Failed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=INIT, code=-6),), Passed),
        (ForwardedWas(SIGTERM), (replace(QUEUED, sender=INIT, after_end=True),), Failed),
        (ForwardedWas(SIGHUP), (replace(QUEUED, sender=INIT),), Failed),
        (ForwardedWas(SIGTERM, SEVEN), (replace(QUEUED, sender=INIT),), Passed),
        (ForwardedWas(SIGTERM, OTHER), (replace(QUEUED, sender=INIT),), Failed),
        (ForwardedWas(SIGTERM, times=NONE), (), Passed),
        (ForwardedWas(SIGTERM, times=NONE), (replace(QUEUED, sender=INIT),), Failed),
        (ForwardedWas(SIGTERM, times=TWICE), (replace(QUEUED, sender=INIT),), Failed),
        (ForwardedWas(SIGTERM, times=TWICE), (replace(QUEUED, sender=INIT),) * 2, Passed),
        (ForwardedWas(SIGTERM, times=ONCE), (replace(QUEUED, sender=INIT),) * 2, Failed),
        (ForwardedWas(SIGTERM, sender=SEVEN), (replace(QUEUED, sender=INIT),), Failed),
        (ForwardedWas(SIGTERM, sender=SEVEN), (replace(QUEUED, sender=WORKER),), Failed),
        (
            ForwardedWas(SIGTERM, sender=SEVEN),
            (replace(QUEUED, sender=WORKER, target=Task(Role.INSIDE, 8, 4008, "kid")),),
            Passed,
        ),
        (
            ForwardedWas(SIGTERM, Selector(argv="x")),
            (replace(QUEUED, sender=INIT, target=Task(Role.INSIDE, None, 4099, "q")),),
            Errored,
        ),
        (
            ForwardedWas(SIGTERM, Selector(argv="x"), NONE),
            (replace(QUEUED, sender=INIT, target=Task(Role.INSIDE, None, 4099, "q")),),
            Errored,
        ),
    ],
)
def test_forwarded(check: ForwardedWas, record: tuple[KernelFact, ...], verdict: type) -> None:
    """By init, or who is asked for, to another process of the container."""
    decision = decided(END, expect(check), *facts_after(*record))

    assert isinstance(decision, verdict)


def test_too_many_that_were_forwarded_have_failed_at_once() -> None:
    """And what was forwarded once is sure at once."""
    record = (replace(QUEUED, sender=INIT),)
    facts = facts_after(*record, whole=False)

    assert isinstance(decided(1011, expect(ForwardedWas(SIGTERM)), *facts), Passed)
    assert isinstance(decided(2100, expect(ForwardedWas(SIGTERM, times=NONE)), *facts), Failed)
    once = expect(ForwardedWas(SIGTERM, times=ONCE))
    assert isinstance(decided(1300, once, *facts), Undecided)


def test_without_the_record_nothing_of_it_can_be_judged() -> None:
    """And that is said at once, with advice."""
    facts = (*before(traced=False), *acts(TERM), look(at_ms=1010, until_ms=END))
    for check in (ForwardedWas(SIGTERM), ProcessIs(SEVEN, ProcessFacts(received=()))):
        decision = decided(1011, expect(check), *facts)

        assert isinstance(decision, Errored)
        assert "the kernel trace is not read" in decision.what
        assert "run as root" in decision.what


def test_what_ended_before_the_step_is_not_asked() -> None:
    """A process of before is no process of the step."""
    early = ProcessExited(920 * MS, replace(WORKER, pid=8, host_pid=4008))
    birth = ProcessForked(910 * MS, INIT, replace(WORKER, pid=8, host_pid=4008))
    facts = (*before(), birth, early, *acts(TERM), *HANDLED, TraceReached(END * MS))
    check = expect(ProcessIs(Selector(comm="worker"), ProcessFacts(received=(Received(SIGTERM),))))

    assert isinstance(decided(END, check, *facts), Passed)


def test_what_is_seen_is_said_of_each_process() -> None:
    """With the names of the signals, and how it ended."""
    check = expect(ProcessIs(SEVEN, ProcessFacts(received=(Received(SIGHUP),), exited=(3,))))
    result = judged(END, check, *facts_after(*HANDLED, *EXITS))

    assert isinstance(result.verdict, Failed)
    (finding,) = result.verdict.findings
    assert finding.seen.startswith("process pid=7: 7 worker ")
    assert "SIGTERM" in finding.seen
    ended = expect(ProcessIs(SEVEN, ProcessFacts(killed_by=(SIGTERM,))))
    (other,) = judged(END, ended, *facts_after(*EXITS)).verdict.findings  # type: ignore[union-attr]
    assert other.seen == "process pid=7: 7 worker exited 3"


def test_an_init_that_is_gone_ends_the_wait_for_more() -> None:
    """Once the record reaches past its end."""
    gone = (InitEnded(1100 * MS, 0), TraceReached(1101 * MS))
    facts = (*before(), *acts(TERM), *gone)
    parent = ParentNotified(1050 * MS, INIT, RUNTIME, ChildStatus.EXITED)
    checks = (
        (ProcessIs(SEVEN, ProcessFacts(received=(Received(SIGTERM),))), Failed),
        (ProcessIs(SEVEN, ProcessFacts(received=())), Passed),
        (ForwardedWas(SIGTERM), Failed),
        (ForwardedWas(SIGTERM, times=NONE), Passed),
    )
    for check, verdict in checks:
        assert isinstance(decided(1102, expect(check), *facts, parent), verdict)
    assert process().pid == INIT.pid
