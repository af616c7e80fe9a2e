"""How checks are worded, and what is said to be seen, where something else has failed for good."""

from __future__ import annotations

import pytest

from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.engine_facts import InitEnded, InitRestarted, NeverStarted, OutOfMemory
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
    InitSettled,
    InitShows,
    InitState,
    KillAnswered,
    LogsHave,
    OomKilled,
    OutcomeWas,
    Own,
    Pattern,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Received,
    RestartsAre,
    Selector,
    ShutdownWas,
)
from runner.model.observation import ExecEnded, ExecStarted, LogMatched, Observation, TraceReached
from runner.model.process import Process
from runner.model.verdict import Failed, Finding
from tests.support.cases import expect
from tests.support.decided import RESTARTED, acts, before, decided, look
from tests.support.facts import MS, process, sent

END = 60_000
ANY, APP = Selector(), Selector(comm="worker")
SIGHUP, SIGUSR1 = Signal.parse("HUP"), Signal.parse("USR1")
FAILS = InitIs(InitState.NEVER_STARTED)
"""Of an init that was started, this has failed for good."""


def finding(check: Check, *facts: Observation, **keys: object) -> Finding:
    """What is said of a check when another one has failed for good."""
    decision = decided(END, expect(check, FAILS), *before(), *facts, **keys)
    assert isinstance(decision, Failed)
    return decision.findings[0]


def shows(**facts: object) -> InitShows:
    """A check of facts of init."""
    return InitShows(ProcessFacts(**facts))  # type: ignore[arg-type]


EXPECTED: dict[str, Check] = {
    "init ready": InitSettled(),
    "init running": InitIs(InitState.RUNNING),
    "init stopped": InitIs(InitState.STOPPED),
    "init paused": InitIs(InitState.PAUSED),
    "init never started": InitIs(InitState.NEVER_STARTED),
    "init exited 0 or 143": InitExited((0, 143)),
    "init killed by SIGKILL or SIGTERM": InitKilledBy((SIGKILL, SIGTERM)),
    "init with comm a, argv /b/": shows(comm="a", argv="b"),
    "init with SIGTERM caught, SIGHUP ignored, SIGKILL default": shows(
        caught=(SIGTERM,), ignored=(SIGHUP,), default=(SIGKILL,)
    ),
    "init with SIGTERM blocked, SIGUSR1 blocked, SIGTERM pending": shows(
        blocked=(SIGTERM, SIGUSR1), pending=(SIGTERM,)
    ),
    "init with pgid of its own, sid 3, a subreaper": shows(pgid=Own.OWN, sid=3, subreaper=True),
    "init with no subreaper": shows(subreaper=False),
    "process comm=worker to exist": ProcessIs(APP, ProcessFacts()),
    "no process comm=worker": ProcessIs(APP, ProcessFacts(), exists=False),
    "process comm=worker with state T, parent process pid=1": ProcessIs(
        APP, ProcessFacts(state=ProcessState.STOPPED, parent=Selector(pid=1))
    ),
    "process comm=worker with exit status 0 or 1, an end by SIGTERM": ProcessIs(
        APP, ProcessFacts(exited=(0, 1), killed_by=(SIGTERM,))
    ),
    "process comm=worker with an end with init": ProcessIs(
        APP, ProcessFacts(killed_with_init=True)
    ),
    "process comm=worker with an end not with init": ProcessIs(
        APP, ProcessFacts(killed_with_init=False)
    ),
    "process comm=worker with nothing received": ProcessIs(APP, ProcessFacts(received=())),
    "process comm=worker with SIGTERM and SIGHUP 2 times from process pid=1 received": ProcessIs(
        APP,
        ProcessFacts(received=(Received(SIGTERM), Received(SIGHUP, Bounds(2, 2), Selector(pid=1)))),
    ),
    "3 alive, at most 1 zombies for longer than 2 s, the same processes as before": ProcessCount(
        ANY,
        alive=Bounds(3, 3),
        zombies=Bounds(at_most=1),
        unchanged=True,
        zombies_longer_than_s=2.0,
    ),
    "1 to 2 alive": ProcessCount(ANY, alive=Bounds(1, 2)),
    "at least 1 zombies": ProcessCount(ANY, zombies=Bounds(at_least=1)),
    "kill accepted": KillAnswered(""),
    "kill refused with EPERM": KillAnswered("EPERM"),
    "logs with 'a', /b/, no 'c', in order 'd', 'e'": LogsHave(
        (Pattern("a"), Pattern("b", regex=True)),
        (Pattern("c"),),
        (Pattern("d"), Pattern("e")),
    ),
    "shutdown 1 to 2 s, escalated to SIGKILL": ShutdownWas(Bounds(1, 2), escalated=True),
    "shutdown not escalated": ShutdownWas(escalated=False),
    "shutdown at most 0.5 s": ShutdownWas(Bounds(at_most=0.5)),
    "shutdown with 0 processes killed": ShutdownWas(killed=Bounds(0, 0)),
    "shutdown not escalated, with 1 process killed": ShutdownWas(
        escalated=False, killed=Bounds(1, 1)
    ),
    "shutdown with at most 1 process killed": ShutdownWas(killed=Bounds(at_most=1)),
    "shutdown with 1 to 11 processes killed": ShutdownWas(killed=Bounds(1, 11)),
    "exec exited 0 or 1, stdout with 'a', stderr with /b/": ExecEndedWith(
        (0, 1), (Pattern("a"),), (Pattern("b", regex=True),)
    ),
    "OOM killed": OomKilled(True),
    "not OOM killed": OomKilled(False),
    "at least 2 restarts": RestartsAre(Bounds(at_least=2)),
    "0 restarts": RestartsAre(Bounds(0, 0)),
    "health healthy": HealthIs("healthy"),
    "the signal delivered": DeliveredWas(True),
    "SIGTERM not delivered": DeliveredWas(False, SIGTERM),
    "the outcome dropped_init": OutcomeWas(Outcome.DROPPED_INIT),
    "the outcome of SIGTERM that was predicted": OutcomeWas(None, SIGTERM),
    "SIGTERM not forwarded": ForwardedWas(SIGTERM, times=Bounds(0, 0)),
    "SIGTERM forwarded at least once": ForwardedWas(SIGTERM),
    "SIGTERM forwarded by process pid=7 to process comm=worker once": ForwardedWas(
        SIGTERM, APP, Bounds(1, 1), Selector(pid=7)
    ),
    "SIGTERM forwarded at most once": ForwardedWas(SIGTERM, times=Bounds(at_most=1)),
    "SIGTERM forwarded 2 to 3 times": ForwardedWas(SIGTERM, times=Bounds(2, 3)),
}


@pytest.mark.parametrize("words", EXPECTED)
def test_a_check_is_told_as_it_was_asked(words: str) -> None:
    """In the words of its nouns."""
    assert finding(EXPECTED[words], *acts(sent("TERM"))).expected == words


HALTED = process(state=ProcessState.STOPPED)
KID = process(7, comm="kid", argv=("kid", "-x"), pgid=1, sid=1)


@pytest.mark.parametrize(
    ("check", "facts", "seen"),
    [
        (InitIs(InitState.RUNNING), (look(HALTED, at_ms=1010),), "init is stopped"),
        (InitIs(InitState.STOPPED), (look(at_ms=1010),), "init is running"),
        (InitExited((0,)), (look(at_ms=1010),), "init is still running"),
        (InitExited((0,)), (look(HALTED, at_ms=1010),), "init is stopped (T)"),
        (
            InitExited((0,)),
            (InitEnded(1100 * MS, 143),),
            "init exited 143 (128 + 15, as SIGTERM gives)",
        ),
        (InitExited((0,)), (InitEnded(1100 * MS, 128),), "init exited 128"),
        (InitExited((0,)), (InitEnded(1100 * MS, 255),), "init exited 255"),
        (InitKilledBy((SIGTERM,)), (), "init is still running"),
        (KillAnswered("EPERM"), (), "kill(1, SIGTERM) accepted"),
        (RestartsAre(Bounds(3, 3)), (), "0 restarts"),
        (RestartsAre(Bounds(3, 3)), (InitRestarted(1100 * MS, 1),), "1 restart"),
        (HealthIs("healthy"), (), "it is starting"),
        (OomKilled(True), (), "the OOM killer was not invoked"),
        (OomKilled(False), (OutOfMemory(1100 * MS),), "the OOM killer was invoked"),
        (ProcessCount(ANY, alive=Bounds(9, 9)), (look(at_ms=1010),), "2 alive (1 init, 7 worker)"),
        (
            ProcessCount(APP, alive=Bounds(9, 9), zombies=Bounds(9, 9)),
            (look(at_ms=1010),),
            "1 alive, 0 zombies (7 worker)",
        ),
        (
            ProcessIs(APP, ProcessFacts(), exists=False),
            (look(at_ms=1010),),
            "1 process comm=worker",
        ),
        (
            ProcessIs(Selector(comm="x"), ProcessFacts()),
            (look(at_ms=1010),),
            "no process comm=x",
        ),
    ],
)
def test_what_is_seen_is_told(check: Check, facts: tuple[Observation, ...], seen: str) -> None:
    """In a phrase for a sentence."""
    keys = {"restart": RESTARTED} if isinstance(check, RestartsAre) else {}
    one = finding(check, *acts(sent("TERM")), *facts, **keys)

    assert (one.seen, one.holds) == (seen, False)


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        (ProcessFacts(state=ProcessState.STOPPED), "state S"),
        (ProcessFacts(state=ProcessState.SLEEPING), ""),
        (ProcessFacts(comm="other"), "comm kid"),
        (ProcessFacts(comm="kid"), ""),
        (ProcessFacts(argv="-y"), "argv 'kid -x'"),
        (ProcessFacts(argv="-x$"), ""),
        (ProcessFacts(parent=Selector(comm="init")), ""),
        (ProcessFacts(parent=Selector(comm="sh")), "parent 1 init"),
        (ProcessFacts(pgid=Own.OWN), "pgid 1"),
        (ProcessFacts(pgid=1), ""),
        (ProcessFacts(sid=7), "sid 1"),
        (ProcessFacts(sid=1), ""),
        (ProcessFacts(caught=(SIGHUP,)), ""),
        (ProcessFacts(caught=(SIGTERM,)), "SIGTERM ignored"),
        (ProcessFacts(ignored=(SIGTERM,)), ""),
        (ProcessFacts(ignored=(SIGUSR1,)), "SIGUSR1 default"),
        (ProcessFacts(default=(SIGUSR1,)), ""),
        (ProcessFacts(default=(SIGHUP,)), "SIGHUP caught"),
        (ProcessFacts(blocked=(SIGUSR1,)), ""),
        (ProcessFacts(blocked=(SIGTERM,)), "SIGTERM not blocked"),
        (ProcessFacts(pending=(SIGUSR1,)), ""),
        (ProcessFacts(pending=(SIGTERM,)), "SIGTERM not pending (pending: SIGUSR1)"),
        (ProcessFacts(comm="other", sid=7), "comm kid, sid 1"),
    ],
)
def test_what_a_process_shows_instead_is_told(facts: ProcessFacts, wrong: str) -> None:
    """Each fact that differs; nothing of those that are so."""
    masks = process(7, caught=("HUP",), ignored=("TERM",), blocked=("USR1",), pending=("USR1",))
    kid = process(
        7, comm="kid", argv=("kid", "-x"), pgid=1, sid=1, masks=masks.masks,
        blocked_by_all=masks.blocked_by_all, pending_anywhere=masks.pending_anywhere,
    )  # fmt: skip
    seen = look(process(), kid, at_ms=1010, until_ms=END)
    one = finding(ProcessIs(Selector(pid=7), facts), *acts(sent("TERM", pid=7)), seen)

    assert one.holds is not bool(wrong)
    assert one.seen == (f"7 kid has {wrong}" if wrong else one.seen)


def test_each_process_that_is_meant_is_told_with_what_it_shows() -> None:
    """One that is right is not; the parent of one may be in no look."""
    others: tuple[Process, ...] = (process(), process(7), process(8, ppid=99, sid=3))
    seen = look(*others, at_ms=1010, until_ms=END)
    facts = ProcessFacts(parent=Selector(pid=1))

    one = finding(ProcessIs(APP, facts), *acts(sent("TERM", pid=7)), seen)

    assert one.seen == "8 worker has parent 99"


def test_why_init_never_started_is_told() -> None:
    """In the engine's words, whatever is asked of it."""
    never = NeverStarted(1 * MS, "no such file", 127)
    facts = (before()[0], never, *acts(sent("TERM")))

    for check in (InitIs(InitState.RUNNING), InitExited((0,)), InitKilledBy((SIGTERM,))):
        decision = decided(END, expect(check), *facts)
        assert isinstance(decision, Failed)
        assert decision.findings[0].seen == "init never started: no such file"
        assert decision.why == "no later event can change that"


ENDED = ExecEnded(1200 * MS, 0, 3, "out\nput", "err")


@pytest.mark.parametrize(
    ("check", "seen", "holds"),
    [
        (ExecEndedWith((3,)), "it exited 3", True),
        (ExecEndedWith((0, 3)), "it exited 3", True),
        (ExecEndedWith((0,)), "it exited 3", False),
        (ExecEndedWith(stdout=(Pattern("put"),)), "it exited 3; stdout with 'put'", True),
        (ExecEndedWith(stdout=(Pattern("err"),)), "stdout without 'err': 'out\\nput'", False),
        (ExecEndedWith(stderr=(Pattern("err"),)), "it exited 3; stderr with 'err'", True),
        (ExecEndedWith(stderr=(Pattern("put"),)), "stderr without 'put': 'err'", False),
        (ExecEndedWith(stdout=(Pattern("^put$", regex=True),)), None, True),
        (ExecEndedWith(stdout=(Pattern("out\nput"),)), None, False),
        (
            ExecEndedWith((0,), (Pattern("x"),)),
            "it exited 3; stdout without 'x': 'out\\nput'",
            False,
        ),
    ],
)
def test_how_an_exec_ended_is_told(check: Check, seen: str | None, *, holds: bool) -> None:
    """Its exit code, and which text is missing where."""
    one = finding(check, *acts(), ExecStarted(1000 * MS, 0, ("a",)), ENDED)

    assert one.holds is holds
    assert one.seen == (seen or one.seen)


def test_an_exec_that_runs_may_end_yet() -> None:
    """What was never started, or whose exit code is not known, cannot be judged."""
    zero = ExecEndedWith((0,))
    started = ExecStarted(1000 * MS, 0, ("a",))

    assert finding(zero, *acts(), started).seen == "it is still running"
    assert finding(zero, *acts()).seen == "nothing was exec'd"
    unknown = ExecEnded(1200 * MS, 0, None, "", "")
    one = finding(zero, *acts(), started, unknown)
    assert one.seen == "the engine does not know its exit code"
    again = finding(zero, *acts(), started, ENDED, ExecStarted(1300 * MS, 0, ("b",)))
    assert again.seen == "it is still running"


def match(text: str, at_ms: int, number: int = 0) -> LogMatched:
    """A line was printed."""
    return LogMatched(at_ms * MS, Pattern(text), f"<{text}>", number)


@pytest.mark.parametrize(
    ("check", "lines", "seen", "holds"),
    [
        (LogsHave((Pattern("a"),)), (match("a", 1100),), "logs have '<a>'", True),
        (LogsHave((Pattern("a"),)), (), "no line with 'a'", False),
        (
            LogsHave((Pattern("a"),)),
            (match("a", 500),),
            "no line with 'a' after the step (only before it)",
            False,
        ),
        (LogsHave((Pattern("a"),)), (match("a", 995),), "logs have '<a>'", True),
        (LogsHave(absent=(Pattern("a"),)), (), "logs have no 'a'", True),
        (LogsHave(absent=(Pattern("a"),)), (match("a", 500),), "the line '<a>'", False),
        (
            LogsHave(in_order=(Pattern("a"), Pattern("b"))),
            (match("a", 500), match("b", 1100)),
            "logs have '<a>', '<b>'",
            True,
        ),
        (
            LogsHave(in_order=(Pattern("a"), Pattern("b"))),
            (match("b", 1100), match("a", 1101)),
            "no line with 'b' in that order",
            False,
        ),
        (
            LogsHave(in_order=(Pattern("a"), Pattern("b"))),
            (match("b", 1100, 5), match("a", 1100, 5)),
            "logs have '<a>', '<b>'",
            True,
        ),
        (
            LogsHave(in_order=(Pattern("a"), Pattern("b"))),
            (match("a", 500), match("b", 501)),
            "no line with 'b' after the step (only before it)",
            False,
        ),
        (
            LogsHave(in_order=(Pattern("a"), Pattern("b"))),
            (match("a", 500), match("b", 501), match("b", 1100)),
            "logs have '<a>', '<b>'",
            True,
        ),
        (
            LogsHave(in_order=(Pattern("a"), Pattern("a"))),
            (match("a", 1100),),
            "no line with 'a' in that order",
            False,
        ),
    ],
)
def test_what_was_printed_is_told(
    check: Check, lines: tuple[Observation, ...], seen: str, *, holds: bool
) -> None:
    """What is expected of a step must have come of it; order and absence are of all output."""
    one = finding(check, *acts(sent("TERM")), *lines)

    assert (one.seen, one.holds) == (seen, holds)


def test_the_number_of_a_line_is_the_same_for_what_is_in_it() -> None:
    """0 is no number: of such matches, one comes after the other."""
    in_order = LogsHave(in_order=(Pattern("a"), Pattern("b")))
    facts = (match("b", 1100), match("a", 1100), TraceReached(END * MS))

    assert not finding(in_order, *acts(sent("TERM")), *facts).holds
