"""Why a signal did not end init, from hand-made facts: what makes the difference, and what not."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest

from runner.judge.evaluator import judge
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.engine_facts import EngineSent, InitEnded
from runner.model.expectation import (
    Bounds,
    Check,
    InitExited,
    InitIs,
    InitState,
    OomKilled,
    ShutdownWas,
)
from runner.model.kernel_facts import (
    ChildStatus,
    Generation,
    KernelFact,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
    Task,
    TraceOpened,
)
from runner.model.observation import (
    EngineAnswered,
    Observation,
    StepActed,
    StepBegan,
    StepEnded,
    TraceReached,
)
from runner.model.process import Process
from runner.model.step import Sender
from tests.support.cases import SETTINGS, case, expect, send
from tests.support.decided import STOPS, acts, before, judged, look
from tests.support.facts import INIT, MS, RUNTIME, WORKER, delivered, generated, process, sent, told

END = 9_000
BASH = process(comm="bash", caught=("TERM",), sid=1)
PERL = process(comm="perl", caught=("TERM",), sid=1)
SLEEP = process(7, comm="sleep", pgid=1, sid=1)
IN_BACKGROUND = replace(SLEEP, masks=process(7, ignored=("INT", "QUIT")).masks)
ONE_IGNORED = replace(SLEEP, masks=process(7, ignored=("INT",)).masks)
OTHER_GROUP = replace(SLEEP, pgid=7)
NEW = Task(Role.INSIDE, 9, 4009, "rm")
HANDLED = (generated("TERM", sender=RUNTIME), delivered("TERM"))
EXITS = InitExited((0,))


def why(
    init: Process,
    *record: KernelFact,
    children: tuple[Process, ...] = (SLEEP,),
    check: Check = EXITS,
    ended: tuple[Observation, ...] = (),
) -> str:
    """Say why init did not end after SIGTERM from the engine, which a handler took."""
    facts = (
        *before(init, *children),
        *acts(sent("TERM", sender=Sender.HOST)),
        *HANDLED,
        *record,
        look(init, *children, at_ms=1010, until_ms=1200),
        *ended,
        TraceReached(END * MS),
    )
    reasons = judged(END, expect(check), *facts, *_known(ended)).explanations
    return " ".join(sentence for one in reasons for sentence in one.sentences)


def _known(ended: tuple[Observation, ...]) -> tuple[Observation, ...]:
    """Init was seen until the end, if it has not ended."""
    return () if ended else (look(process(), at_ms=8000, until_ms=END), _answered())


def _answered() -> Observation:
    return EngineAnswered(END * MS)


@pytest.mark.parametrize(
    ("init", "child", "words"),
    [
        (BASH, SLEEP, "a shell runs the trap only when its foreground command has ended"),
        (BASH, ONE_IGNORED, "a shell runs the trap only when its foreground command has ended"),
        (
            BASH,
            IN_BACKGROUND,
            "Init (bash) got SIGTERM and forwarded no signal: 7 sleep never received it.",
        ),
        (BASH, OTHER_GROUP, "got SIGTERM and forwarded no signal: 7 sleep never received it."),
        (PERL, SLEEP, "Init (perl) got SIGTERM and forwarded no signal: 7 sleep never"),
        (BASH, replace(SLEEP, ppid=99), "and init did not exit."),
        (BASH, replace(SLEEP, state=ProcessState.ZOMBIE), "and init did not exit."),
    ],
    ids=["shell", "one", "background", "group", "perl", "not-its-child", "zombie"],
)
def test_a_shell_waits_for_the_command_in_its_foreground(
    init: Process, child: Process, words: str
) -> None:
    """What it starts with `&` ignores SIGINT and SIGQUIT, and has its group (POSIX, 2.11)."""
    assert words in why(init, children=(child,))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ((), "the trap only when its foreground command has ended"),
        ((ProcessForked(999 * MS, INIT, NEW),), "the trap only when its foreground"),
        ((ProcessForked(1002 * MS, WORKER, NEW),), "the trap only when its foreground"),
        ((ProcessForked(1002 * MS, INIT, NEW),), "init had started 9 rm since, which was still"),
        (
            (ProcessForked(1002 * MS, INIT, NEW), ProgramExeced(1003 * MS, replace(NEW, comm="x"))),
            "init had started 9 x since",
        ),
        (
            (ProcessForked(1002 * MS, INIT, NEW), ProcessExited(1003 * MS, NEW)),
            "forwarded no signal",
        ),
        (
            (generated("TERM", sender=INIT, target=WORKER, at_ms=1002),),
            "Init (bash) forwarded SIGTERM to 7 sleep, and that did not end.",
        ),
        (
            (generated("TERM", sender=INIT, target=NEW, at_ms=1002),),
            "was delivered to a handler of init (bash), and init did not exit.",
        ),
        ((ProcessExited(1002 * MS, WORKER),), "and init did not exit."),
        ((ProcessExited(1002 * MS, NEW),), "the trap only when its foreground"),
    ],
    ids=["nothing", "before", "by-another", "started", "execed", "ended", "sent-on", "to-new",
         "child-ended", "another-ended"],
)  # fmt: skip
def test_what_a_shell_has_done_since_makes_the_difference(
    record: tuple[KernelFact, ...], words: str
) -> None:
    """If it has started something, or sent a signal, its trap runs."""
    assert words in why(BASH, *record)


@pytest.mark.parametrize(
    ("child", "generation", "words"),
    [
        (process(7, ignored=("TERM",)), Generation.IGNORED, "It ignores SIGTERM (SigIgn)"),
        (process(7, caught=("TERM",)), Generation.QUEUED, "It has a handler for SIGTERM."),
        (process(7, blocked=("TERM",)), Generation.QUEUED, "It blocks SIGTERM (SigBlk)."),
        (process(7), Generation.QUEUED, "and that did not end. Init ran on."),
        (process(7), Generation.IGNORED, "and that did not end. Init ran on."),
    ],
)
def test_a_child_that_did_not_end_has_its_own_reason(
    child: Process, generation: Generation, words: str
) -> None:
    """By its masks before the signal."""
    passed = generated("TERM", generation, sender=INIT, target=WORKER, at_ms=1002)

    assert words in why(PERL, passed, children=(child,))


@pytest.mark.parametrize("check", [InitIs(InitState.STOPPED), OomKilled(True)])
def test_what_was_not_asked_of_the_end_is_not_explained_by_a_handler(check: Check) -> None:
    """That init has caught the signal is told as what happened, and nothing is made of it."""
    assert why(PERL, check=check) == (
        "SIGTERM to PID 1: handler_runs (SIGTERM delivered to its handler). Init (perl) ran on."
    )


def ends(
    at_ms: int, *, told_ms: int, status: ChildStatus = ChildStatus.EXITED
) -> tuple[tuple[KernelFact, ...], tuple[Observation, ...]]:
    """The child has ended, and then init."""
    child = ProcessExited(told_ms * MS, WORKER), told(WORKER, status, parent=INIT, at_ms=told_ms)
    of_init = ProcessExited(at_ms * MS, INIT), told(INIT, ChildStatus.EXITED, at_ms=at_ms)
    return child, (*of_init, InitEnded((at_ms + 5) * MS, 0))


QUICK = ShutdownWas(took_s=Bounds(at_most=0.05))


@pytest.mark.parametrize(
    ("told_ms", "at_ms", "status", "waited"),
    [
        (1500, 1510, ChildStatus.EXITED, True),
        (1500, 1510, ChildStatus.KILLED, True),
        (1500, 1510, ChildStatus.STOPPED, False),
        (1500, 1900, ChildStatus.EXITED, False),
        (1050, 1060, ChildStatus.EXITED, False),
    ],
)
def test_init_has_waited_for_a_child_if_it_ended_right_after_it(
    told_ms: int, at_ms: int, status: ChildStatus, *, waited: bool
) -> None:
    """Much sooner than the child took, which was long; a stop is no end."""
    record, ended = ends(at_ms, told_ms=told_ms, status=status)
    said = why(PERL, *record, check=QUICK, ended=ended)

    assert ("ended only when its child 7 worker had" in said) is waited
    assert ("Nobody had forwarded SIGTERM to it." in said) is waited


def test_a_child_that_was_sent_the_signal_took_long_itself() -> None:
    """Whoever sent it; another signal does not count."""
    record, ended = ends(1510, told_ms=1500)
    on = generated("TERM", sender=WORKER, target=WORKER, at_ms=1010)

    assert "SIGTERM had been forwarded to it." in why(PERL, on, *record, check=QUICK, ended=ended)
    other = generated("HUP", sender=INIT, target=WORKER, at_ms=1010)
    assert "Nobody had forwarded SIGTERM" in why(PERL, other, *record, check=QUICK, ended=ended)
    stranger = process(8, comm="other")
    assert why(PERL, *record, check=QUICK, ended=ended, children=(stranger,)).startswith(
        "SIGTERM to PID 1: handler_runs"
    )


def test_what_comes_after_the_step_is_no_reason_for_it() -> None:
    """A step that is always carried out ends init."""
    one = case(
        send("TERM", expect(EXITS, within=1.0), sender=Sender.HOST),
        always=(send("KILL", sender=Sender.HOST),),
    )
    killed = (
        StepBegan(3000 * MS, 1),
        dataclasses.replace(sent("KILL", sender=Sender.HOST, at_ms=3001), step=1),
        StepActed(3001 * MS, 1),
        generated("KILL", sender=RUNTIME, at_ms=3001.1),
        ProcessExited(3002 * MS, INIT),
        told(INIT, ChildStatus.KILLED, at_ms=3002),
        InitEnded(3010 * MS, 137),
        StepEnded(3020 * MS, 1),
        TraceReached(END * MS),
    )
    step = (
        *before(process(), process(7)),
        *acts(sent("TERM", sender=Sender.HOST)),
        generated("TERM", Generation.IGNORED, sender=RUNTIME),
        look(at_ms=1010, until_ms=2500),
        TraceReached(2500 * MS),
        _answered_at(2500),
        StepEnded(2500 * MS, 0),
    )

    alone, followed = judge(one, step, SETTINGS), judge(one, (*step, *killed), SETTINGS)

    assert alone.verdict.kind == "failed"
    assert alone.explanations == followed.explanations
    (reason,) = alone.explanations
    assert "Init ran on." in reason.sentences


def _answered_at(at_ms: int) -> Observation:
    return replace(_answered(), at_ns=at_ms * MS)


@pytest.mark.parametrize(
    ("comm", "code", "words"),
    [
        ("bash", 127, "a shell gives when it does not find a command"),
        ("perl", 127, "Init (perl) ended with 127, and no other processes with it."),
        ("bash", 126, "Init (bash) ended with 126, and no other processes with it."),
        ("perl", 143, "no SIGTERM killed it"),
        ("perl", 3, "Init (perl) ended with 3, and no other processes with it."),
    ],
)
def test_an_exit_of_its_own_is_explained_where_its_status_looks_like_something_else(
    comm: str, code: int, words: str
) -> None:
    """128 + n, or 127 of a shell; else it is told how it ended."""
    init = process(comm=comm)
    facts = (
        *before(init, process(7)),
        *acts(sent("HUP", pid=7)),
        ProcessExited(1100 * MS, INIT),
        told(INIT, ChildStatus.EXITED, at_ms=1100),
        InitEnded(1110 * MS, code),
        TraceReached(END * MS),
    )
    reasons = judged(END, expect(EXITS), *facts).explanations
    said = " ".join(sentence for one in reasons for sentence in one.sentences)

    assert words in said
    assert ("ended with" in said) is ("ended with" in words)


@pytest.mark.parametrize(
    ("killed_ms", "parent", "status", "passed_on"),
    [
        (1090, INIT, ChildStatus.KILLED, True),
        (1090, INIT, ChildStatus.DUMPED, True),
        (1090, INIT, ChildStatus.EXITED, False),
        (1090, WORKER, ChildStatus.KILLED, False),
        (1101, INIT, ChildStatus.KILLED, False),
    ],
)
def test_init_may_exit_with_the_status_of_a_child_that_was_killed(
    killed_ms: int, parent: Task, status: ChildStatus, *, passed_on: bool
) -> None:
    """Right before, and by that signal."""
    kid = Task(Role.INSIDE, 8, 4008, "kid")
    facts = (
        *before(process(), process(7), process(8, comm="kid")),
        *acts(sent("HUP", pid=7)),
        generated("TERM", sender=INIT, target=kid, at_ms=1080),
        told(kid, status, parent=parent, at_ms=killed_ms),
        ProcessExited(1100 * MS, INIT),
        told(INIT, ChildStatus.EXITED, at_ms=1100),
        InitEnded(1110 * MS, 143),
        TraceReached(END * MS),
    )
    (reason,) = judged(END, expect(EXITS), *facts).explanations

    assert ("init forwarded SIGTERM to its child 8 kid" in reason.sentences[0]) is passed_on
    assert ("no SIGTERM killed it" in reason.sentences[0]) is not passed_on


def test_a_stop_that_escalated_is_explained_by_the_signal_that_did_not_end_init() -> None:
    """Else by the engine's SIGKILL, and by what is known of it."""
    facts = (
        *before(process(comm="tini")),
        *STOPS,
        EngineSent(1001 * MS, SIGTERM),
        EngineSent(6001 * MS, SIGKILL),
        generated("KILL", sender=RUNTIME, at_ms=6000.5),
        ProcessExited(6002 * MS, INIT),
        told(INIT, ChildStatus.KILLED, at_ms=6002),
        InitEnded(6010 * MS, 137),
        TraceReached(END * MS),
    )
    dropped = generated("TERM", Generation.IGNORED, sender=RUNTIME, at_ms=1000.5)
    blind = tuple(one for one in facts if not isinstance(one, TraceOpened | KernelFact))

    (by_signal,) = judged(END, expect(EXITS), *facts[:-5], dropped, *facts[-5:]).explanations
    (by_kill,) = judged(END, expect(EXITS), *facts).explanations
    (without,) = judged(END, expect(EXITS), *blind).explanations

    assert by_signal.sentences[0].startswith("SIGTERM was dropped: init (tini)")
    assert by_kill.sentences == (
        "Init had not ended when the grace period of 5 s was over, so the engine sent SIGKILL.",
    )
    assert without.rule == "R5"


def test_a_process_that_another_has_started_keeps_no_handler_busy() -> None:
    """Only what init itself has started since."""
    of_other = ProcessForked(1050 * MS, WORKER, NEW)
    of_init = ProcessForked(1050 * MS, INIT, NEW)

    assert "had started" not in why(PERL, of_other)
    assert "init had started 9 rm since" in why(PERL, of_init)


def test_where_another_sent_the_child_the_signal_the_handler_of_init_did_not_end_it() -> None:
    """Nothing else is known of an init that goes on."""
    reached = generated("TERM", sender=RUNTIME, target=WORKER, at_ms=1010)

    assert "and init did not exit." in why(PERL, reached)
