"""Reasons are few, and none where nothing went wrong or too little is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.container import HOST_PID
from runner.model.engine_facts import EngineSent, FinalState, InitEnded, OutOfMemory
from runner.model.expectation import (
    Bounds,
    Check,
    InitExited,
    KillAnswered,
    LogsHave,
    Pattern,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Selector,
)
from runner.model.explanation import Explanation
from runner.model.kernel_facts import (
    ChildStatus,
    Generation,
    ProcessExited,
    ProcessForked,
    TraceLost,
)
from runner.model.observation import EngineAnswered, Observation, TraceReached
from runner.model.process import Process
from runner.model.step import Sender
from tests.support.cases import expect
from tests.support.decided import STOPS, acts, before, judged, look
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

END = 60_000
EXITS = InitExited((0,))
HOST_KILL = acts(sent("KILL", sender=Sender.HOST))
SENT_KILL = generated("KILL", sender=RUNTIME)
KNOWN = (EngineAnswered(END * MS), TraceReached(END * MS))


def reasons(
    check: Check, *facts: Observation, init: Process | None = None, **keys: object
) -> tuple[Explanation, ...]:
    """Say why a case went wrong."""
    timeline = (*before(init or process(), process(7)), *facts, *KNOWN)
    return judged(END, expect(check, within=1.0), *timeline, **keys).explanations  # type: ignore[arg-type]


def words(*found: Explanation) -> str:
    """All that is said."""
    return " ".join(sentence for one in found for sentence in one.sentences)


def killed(*, at_ms: int = 1050) -> tuple[Observation, ...]:
    """Init is killed."""
    notice = told(INIT, ChildStatus.KILLED, at_ms=at_ms)
    return (ProcessExited(at_ms * MS, INIT), notice, InitEnded((at_ms + 5) * MS, 137))


def test_what_passed_is_not_explained() -> None:
    """The same facts are, where something else was expected."""
    facts = (*HOST_KILL, SENT_KILL, *killed())

    assert reasons(InitExited((137,)), *facts) == ()
    (one,) = reasons(EXITS, *facts)
    assert one.sentences == (
        "The SIGKILL of this test ended init: it was sent by runc on the host.",
    )


def test_there_are_three_reasons_at_most() -> None:
    """Each once; what differs from the prediction comes first."""
    names = ("TERM", "HUP", "USR1", "USR2")
    signals = acts(*(sent(name, at_ms=1000 + number) for number, name in enumerate(names)))
    lost = [
        generated(name, Generation.IGNORED, at_ms=1000.1 + number)
        for number, name in enumerate(names)
    ]
    init = process(caught=names)

    seen = look(init, process(7), at_ms=1010, until_ms=END)
    found = reasons(EXITS, *signals, *lost, seen, init=init)

    assert len(found) == 3
    assert all("Prediction and outcome differ" in one.sentences[0] for one in found)
    assert [name for name in names if f"SIG{name} to PID 1" in words(*found)] == list(names[:3])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "The SIGKILL of this test ended init"),
        ({"sender": PROBE}, "The SIGKILL of this test ended init"),
        ({"code": 0x80}, "The kernel itself has sent SIGKILL to init"),
        ({"code": 1}, "A fault of init itself ended it"),
    ],
)
def test_who_has_sent_a_sigkill_is_told(change: dict[str, object], said: str) -> None:
    """The kernel says so by si_code."""
    sender = Sender.INSIDE if change.get("sender") is PROBE else Sender.HOST
    signals = acts(sent("KILL", sender=sender))
    fact = replace(SENT_KILL, **change)  # type: ignore[arg-type]

    assert said in words(*reasons(EXITS, *signals, fact, *killed()))


def test_of_several_signals_that_which_ended_init_is_told() -> None:
    """The other one was handled."""
    signals = acts(sent("HUP", sender=Sender.HOST), sent("KILL", sender=Sender.HOST, at_ms=1001))
    hup = (generated("HUP", sender=RUNTIME), delivered("HUP"))

    found = reasons(EXITS, *signals, *hup, SENT_KILL, *killed(), init=process(caught=("HUP",)))

    assert words(*found) == "The SIGKILL of this test ended init: it was sent by runc on the host."


def test_a_signal_that_somebody_else_has_sent_is_told_with_its_sender() -> None:
    """It is not one of this test; a container on the host may have sent it."""
    others = replace(SENT_KILL, sender=replace(RUNTIME, comm="oom-hunter"))

    found = reasons(EXITS, *acts(sent("HUP", pid=7)), others, *killed(), pid=HOST_PID)

    assert words(*found) == "SIGKILL ended init; it was sent by oom-hunter on the host."


@pytest.mark.parametrize(
    ("facts", "limit", "said"),
    [
        ((), None, "the engine has not reported one."),
        ((OutOfMemory(1040 * MS),), None, "the engine reports a lack of memory."),
        ((FinalState(1100 * MS, False, 137, True, 0),), None, "reports a lack of memory."),
        ((FinalState(1100 * MS, False, 137, False, 0),), None, "has not reported one."),
        ((OutOfMemory(1040 * MS),), 64 << 20, "Its limit is 64 MiB."),
    ],
)
def test_a_lack_of_memory_is_what_kernel_and_engine_say_together(
    facts: tuple[Observation, ...], limit: int | None, said: str
) -> None:
    """With the limit, if there is one."""
    fact = replace(SENT_KILL, code=0x80)
    found = words(
        *reasons(EXITS, *acts(sent("HUP", pid=7)), fact, *killed(), *facts, mem_limit=limit)
    )

    assert said in found
    assert ("Its limit" in found) is (limit is not None)


def test_a_record_with_a_gap_explains_no_more_than_the_engine() -> None:
    """What it does not have may have happened."""
    lost = TraceLost(1030 * MS, 9, 1020 * MS)

    found = reasons(EXITS, *STOPS, SENT_KILL, lost, *killed())

    assert "cannot be told from the exit code: `--evidence kernel`" in words(*found)


DEAD = process(8, comm="dead", state=ProcessState.ZOMBIE)
NONE = ProcessCount(Selector(), zombies=Bounds(0, 0))


@pytest.mark.parametrize(
    ("check", "dead", "born_of", "said"),
    [
        (NONE, DEAD, INIT, "The zombie 8 dead is a child of init (init)"),
        (NONE, DEAD, WORKER, "8 dead was an orphan"),
        (NONE, replace(DEAD, ppid=7), INIT, "The zombie 8 dead is a child of 7 worker"),
        (NONE, replace(DEAD, ppid=99), INIT, ""),
        (ProcessIs(Selector(pid=8), ProcessFacts(), exists=False), DEAD, INIT, "The zombie 8 dead"),
        (ProcessCount(Selector(), zombies=Bounds(at_least=2)), DEAD, INIT, ""),
        (ProcessCount(Selector(), alive=Bounds(9, 9)), DEAD, INIT, ""),
    ],
)
def test_zombies_are_explained_where_they_were_not_wanted(
    check: Check, dead: Process, born_of: object, said: str
) -> None:
    """By whose children they are."""
    birth = ProcessForked(1005 * MS, born_of, replace(WORKER, pid=8, host_pid=4008))  # type: ignore[arg-type]
    seen = look(process(), process(7), dead, at_ms=1010, until_ms=END)

    found = words(*reasons(check, *acts(sent("HUP", pid=7)), birth, seen))

    assert said in found
    assert ("zombie" in found.lower()) is bool(said)


def test_several_zombies_of_one_parent_are_told_together() -> None:
    """And whether it catches SIGCHLD."""
    dead = (DEAD, replace(DEAD, pid=9, started=9))
    init = process(caught=("CHLD",))
    seen = look(init, process(7), *dead, at_ms=1010, until_ms=END)

    found = words(*reasons(NONE, *acts(sent("HUP", pid=7)), seen, init=init))

    assert "The zombies 8 dead and 9 dead are children of init (init), which catches" in found
    assert found.endswith("has not waited for them.")


def test_a_missing_line_is_explained_by_a_handler_only_where_the_stop_escalated() -> None:
    """Else init may have ended as it should."""
    caught = process(caught=("TERM",))
    handled = (generated("TERM", sender=RUNTIME), delivered("TERM"))
    bye = LogsHave((Pattern("bye"),))
    stop = (*STOPS, EngineSent(1001 * MS, SIGTERM))
    ended = (
        ProcessExited(1050 * MS, INIT),
        told(INIT, ChildStatus.EXITED, at_ms=1050),
        InitEnded(1060 * MS, 0),
    )

    quick = words(*reasons(bye, *stop, *handled, *ended, init=caught))
    assert quick == (
        "SIGTERM to PID 1: handler_runs (SIGTERM delivered to its handler). "
        "Init (init) ended with 0, and no other processes with it."
    )
    lives = (EngineSent(6001 * MS, SIGKILL), generated("KILL", sender=RUNTIME, at_ms=6000))
    found = reasons(bye, *stop, *handled, *lives, *killed(at_ms=6002), init=caught)
    assert "Init (init) got SIGTERM and forwarded no signal" in words(*found)


def test_a_refused_signal_is_no_reason() -> None:
    """What kill(2) answered is what was asked."""
    signals = acts(sent("TERM", pid=7, errno="EPERM"))

    assert reasons(KillAnswered(""), *signals) == ()


def test_without_a_record_what_must_have_been_dropped_is_told_as_that() -> None:
    """From /proc, and where the stop has shown it."""
    stop = (*STOPS, EngineSent(1001 * MS, SIGTERM))
    facts = (*stop, EngineSent(6001 * MS, SIGKILL), InitEnded(6010 * MS, 137))
    timeline = (*before(traced=False), *facts, *KNOWN)

    (one,) = judged(END, expect(EXITS), *timeline).explanations

    assert one.sentences[0].startswith("By the masks in /proc (no kernel trace), SIGTERM must")
