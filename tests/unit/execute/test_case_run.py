"""Whole cases on the fake engine: what is recorded, what is concluded, what is left."""

from __future__ import annotations

import dataclasses

import pytest

from runner.engine.contract import Output
from runner.engine.fake import FakeEngine
from runner.engine.fake_exec import FakeExec
from runner.engine.fake_program import FakeProgram, Reaction
from runner.execute.case_run import run_case
from runner.execute.exec_run import ExecRun
from runner.judge.evaluator import CaseEvaluator, judge
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGTERM, Signal
from runner.model.case import Case, CaseContainer
from runner.model.container import ContainerPlan, NamedImage, RestartPolicy
from runner.model.engine_facts import (
    ContainerCreated,
    ContainerStarted,
    FinalState,
    InitEnded,
    NeverStarted,
)
from runner.model.expectation import (
    Bounds,
    ExecEndedWith,
    HealthIs,
    InitExited,
    InitIs,
    InitShows,
    InitState,
    KillAnswered,
    LogsHave,
    OomKilled,
    Pattern,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    RestartsAre,
    Selector,
    ShutdownWas,
    Stream,
)
from runner.model.observation import (
    ExecStarted,
    ProcessSnapshot,
    SignalSent,
    StepActed,
    TimedOut,
)
from runner.model.result import CaseResult
from runner.model.step import Addressee, Pause, Restart, Sender, Start, Unpause, Write
from runner.model.verdict import Errored, Evidence, Failed, Passed, Skipped
from tests.support.cases import SETTINGS, case, execute, expect, send, snapshot, step, stop, wait

USR1 = Signal.parse("USR1")
RUNNING = InitIs(InitState.RUNNING)
PROGRAMS = {
    "/bare": FakeProgram(prints="bare: ready\n"),
    "/graceful": FakeProgram(
        prints="graceful: ready\n",
        caught={SIGTERM: Reaction("bye\n", exits=0, after_s=0.2), USR1: Reaction("noted\n")},
    ),
    "/late": FakeProgram(exits=3, exits_after_s=0.1),
    "/deaf": FakeProgram(ignored=(SIGTERM,)),
    "/true": FakeProgram(prints="done\n", exits=0),
    "/cat": FakeProgram(echoes=True),
    "/forger": FakeProgram(
        prints="up\n",
        caught={
            SIGTERM: Reaction(to_probe='{"id":1,"now":1,"done":2,"errno":"ESRCH"}\n'),
            USR1: Reaction(to_probe="[" * 200_000),
        },
    ),
    "/slow-to-start": FakeProgram(exits=0, starts_after_s=0.4),
    "/quick": FakeProgram(prints="hello\n", exits=4),
}


def run(a_case: Case) -> CaseResult:
    """Run a case on a fake engine and judge it; nothing may be left."""
    engine = FakeEngine(PROGRAMS)
    timeline = run_case(
        a_case,
        images={"": "an-image"},
        engine=engine,
        settings=SETTINGS,
        open_evaluator=CaseEvaluator,
    )
    assert not engine.containers
    return judge(a_case, timeline, SETTINGS)


PASSING = {
    "a default init outlives SIGKILL from inside, and not from the host": case(
        send("KILL", expect(KillAnswered(""), RUNNING), sender=Sender.INSIDE),
        send("KILL", expect(InitExited((137,)), within=1)),
        init=("/bare",),
    ),
    "a graceful stop is not escalated": case(
        stop(
            5,
            expect(
                InitExited((0,)),
                ShutdownWas(Bounds(at_least=0.1, at_most=0.3), escalated=False),
                LogsHave(contains=(Pattern("bye"),)),
            ),
        ),
        init=("/graceful",),
    ),
    "a stop that is not heard is escalated after the grace period": case(
        stop(
            2,
            expect(InitExited((137,)), ShutdownWas(Bounds(at_least=2, at_most=2.1), True)),
        ),
        init=("/bare",),
    ),
    "after a stop, the grace period counts on top of the usual patience": case(
        stop(8, expect(InitExited((137,)))), init=("/bare",)
    ),
    "an init that is not there never starts": case(
        snapshot(InitIs(InitState.NEVER_STARTED)), init=("/nope",)
    ),
    "an init that ends at once can be expected to": case(
        snapshot(InitExited((4,)), LogsHave(contains=(Pattern("hello"),))), init=("/quick",)
    ),
    "the end of init empties its namespace": case(
        send("KILL", expect(ProcessCount(Selector(), alive=Bounds(0, 0)))), init=("/bare",)
    ),
    "dispositions are those of the masks": case(
        snapshot(
            InitShows(
                ProcessFacts(
                    caught=(SIGTERM, USR1), default=(Signal.parse("INT"),), comm="graceful"
                )
            )
        ),
        snapshot(ProcessIs(Selector(comm="graceful"), ProcessFacts(state=ProcessState.SLEEPING))),
        snapshot(ProcessIs(Selector(comm="other"), ProcessFacts(), exists=False)),
        init=("/graceful",),
    ),
    "an exec'd program tells its exit code and output": case(
        execute("/true", expectation=expect(ExecEndedWith((0,), (Pattern("done"),)))),
        execute("/nope", expectation=expect(ExecEndedWith((127,)))),
        init=("/bare",),
    ),
    "SIGSTOP from the host stops init, and SIGCONT lets it go on": case(
        send("STOP", expect(InitIs(InitState.STOPPED))),
        send("CONT", expect(RUNNING), sender=Sender.INSIDE),
        init=("/bare",),
    ),
    "every signal of a list is sent, as often as asked": case(
        send("USR1 USR1", expect(LogsHave(contains=(Pattern("noted"),))), times=2),
        init=("/graceful",),
    ),
    "waiting is for what may take its time": case(
        wait(LogsHave(contains=(Pattern("ready"),))),
        send("TERM", expect(InitExited((0,)))),
        init=("/graceful",),
        ready=expect(LogsHave(contains=(Pattern("^graceful", regex=True),))),
    ),
    "a paused container is paused until it is unpaused": case(
        step(Pause(), expect(InitIs(InitState.PAUSED))),
        step(Unpause(), expect(RUNNING)),
        init=("/bare",),
    ),
    "a restart ends one init and starts another": case(
        step(Restart(5), expect(RUNNING, LogsHave((Pattern("bye"),)))),
        snapshot(LogsHave((Pattern("ready"),))),
        send("TERM", expect(InitExited((0,)))),
        init=("/graceful",),
    ),
    "a restart starts an init that has ended": case(
        send("KILL", expect(InitExited((137,)))),
        step(Restart(5), expect(RUNNING)),
        init=("/bare",),
    ),
    "a start starts an init that has ended": case(
        send("KILL", expect(InitExited((137,)))),
        step(Start(), expect(RUNNING, LogsHave((Pattern("ready"),)), RestartsAre(Bounds(0, 0)))),
        send("USR1", expect(LogsHave((Pattern("noted"),)))),
        send("TERM", expect(InitExited((0,)))),
        init=("/graceful",),
    ),
    "a start waits for the stop that is under way": case(
        stop(2), step(Start(), expect(RUNNING)), init=("/bare",)
    ),
    "an init that ends at once is started as often as asked for": case(
        *[step(Start(), expect(InitExited((4,)), LogsHave((Pattern("hello"),))))] * 3,
        init=("/quick",),
    ),
    "a restart is a shutdown, too": case(
        step(Restart(5), expect(ShutdownWas(Bounds(None, 0.3), escalated=False))),
        init=("/graceful",),
    ),
    "what was asked for before a step is not late in it, however long the step takes to act": case(
        snapshot(InitShows(ProcessFacts(ignored=(SIGTERM,)))),
        step(Restart(40), expect(InitShows(ProcessFacts(ignored=(SIGTERM,))))),
        init=("/deaf",),
    ),
    "a policy restarts so often": case(
        snapshot(RestartsAre(Bounds(2, 2)), InitExited((3,))),
        init=("/late",),
        restart=RestartPolicy("on-failure", 2),
    ),
    "an end is not the last word under a restart policy": case(
        send("KILL", expect(RUNNING, RestartsAre(Bounds(at_least=1)), within=1)),
        init=("/bare",),
        restart=RestartPolicy("always"),
    ),
    "what is written is read": case(
        step(Write("hello\n"), expect(LogsHave((Pattern("hello"),)))),
        step(Write("", close=True), expect(InitExited((0,)))),
        init=("/cat",),
        stdin_open=True,
    ),
    "no OOM killer was invoked": case(snapshot(OomKilled(killed=False)), init=("/bare",)),
    "nothing is there to be refused by a kill(2) on nobody": case(
        send("TERM", expect(KillAnswered("")), to=Addressee.ALL, sender=Sender.INSIDE),
        init=("/bare",),
    ),
}


@pytest.mark.parametrize("name", PASSING)
def test_what_is_so_passes(name: str) -> None:
    """A case whose expectations are what happens passes."""
    result = run(PASSING[name])

    assert isinstance(result.verdict, Passed), result.verdict


FAILING = {
    "exited 0": (
        case(send("TERM", expect(InitExited((0,)), within=0.5)), init=("/bare",)),
        "init is still running",
    ),
    "exited 7": (
        case(send("TERM", expect(InitExited((7,)))), init=("/graceful",)),
        "init exited 0",
    ),
    "running, though it ends within the quiet period": (
        case(snapshot(RUNNING), init=("/late",)),
        "init exited 3",
    ),
    "running, but the end comes within `for`": (
        case(send("TERM", expect(RUNNING, stays=1.0)), init=("/graceful",)),
        "init exited 0",
    ),
    "a line that was printed before the step only": (
        case(
            send("USR1", expect(LogsHave(contains=(Pattern("ready"),)), within=0.2)),
            init=("/graceful",),
        ),
        "no line with 'ready' after the step (only before it)",
    ),
    "a line that must be absent": (
        case(send("USR1", expect(LogsHave(absent=(Pattern("noted"),)))), init=("/graceful",)),
        "the line 'noted'",
    ),
    "the end of the init before a start": (
        case(
            send("TERM", expect(InitExited((0,)))),
            step(Start(), expect(InitExited((0,)), within=0.5)),
            init=("/graceful",),
        ),
        "init is still running",
    ),
    "what the init before a start has printed": (
        case(
            send("TERM", expect(InitExited((0,)))),
            snapshot(OomKilled(killed=False), stays=0.1),
            step(Start(), expect(LogsHave((Pattern("bye"),)), within=0.5)),
            init=("/graceful",),
        ),
        "only before it",
    ),
    "too early": (
        case(send("TERM", expect(InitExited((0,)), not_before=1.0)), init=("/graceful",)),
        "init exited 0",
    ),
    "a disposition": (
        case(snapshot(InitShows(ProcessFacts(caught=(SIGTERM,))), within=0.2), init=("/deaf",)),
        "SIGTERM ignored",
    ),
    "ESRCH": (
        case(send("TERM", expect(KillAnswered("ESRCH")), sender=Sender.INSIDE), init=("/bare",)),
        "kill(1, SIGTERM) accepted",
    ),
    "never started": (
        case(snapshot(InitIs(InitState.NEVER_STARTED)), init=("/bare",)),
        "init was started",
    ),
    "paused": (
        case(snapshot(InitIs(InitState.PAUSED), within=0.2), init=("/bare",)),
        "init is running",
    ),
    "running while paused": (
        case(step(Pause(), expect(RUNNING, within=0.2)), init=("/bare",)),
        "init is paused",
    ),
    "OOM killed": (
        case(snapshot(OomKilled(killed=True), within=0.2), init=("/bare",)),
        "the OOM killer was not invoked",
    ),
    "restarted": (
        case(snapshot(RestartsAre(Bounds(1, 1)), within=0.2), init=("/bare",)),
        "0 restarts",
    ),
    "restarted once only": (
        case(
            snapshot(RestartsAre(Bounds(1, 1)), stays=1),
            init=("/late",),
            restart=RestartPolicy("always"),
        ),
        "2 restarts",
    ),
    "healthy": (case(snapshot(HealthIs("healthy"), within=0.2), init=("/bare",)), "it is starting"),
    "not escalated": (
        case(stop(1, expect(ShutdownWas(None, escalated=False))), init=("/bare",)),
        "SIGKILL",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_is_not_so_fails_and_says_what_was_seen(name: str) -> None:
    """A wrong expectation fails, with what was expected and what was seen."""
    a_case, seen = FAILING[name]

    verdict = run(a_case).verdict

    assert isinstance(verdict, Failed)
    assert any(seen in one.seen for one in verdict.findings if not one.holds), verdict


ERRORED = {
    "a signal to an init that has ended": (
        case(
            send("TERM", expect(InitExited((0,)))),
            send("TERM", expect(RUNNING)),
            init=("/graceful",),
        ),
        "init exited 0",
    ),
    "a start of an init that runs": (
        case(step(Start(), expect(RUNNING)), init=("/bare",)),
        "init still runs",
    ),
    "a start of an init that never started": (
        case(
            snapshot(InitIs(InitState.NEVER_STARTED)),
            step(Start(), expect(RUNNING)),
            init=("/nope",),
        ),
        "no such file or directory",
    ),
    "a signal to an init that never started": (
        case(send("TERM", expect(RUNNING)), init=("/nope",)),
        "no such file or directory",
    ),
    "a readiness that does not come": (
        case(
            snapshot(RUNNING), init=("/bare",), ready=expect(LogsHave((Pattern("up"),)), within=1)
        ),
        "never became ready",
    ),
    "a wait that is not reached": (
        case(wait(InitExited((0,)), within=0.5), init=("/bare",)),
        "what was waited for did not happen",
    ),
    "nothing expected": (case(send("USR1"), init=("/graceful",)), "nothing was expected"),
    "a timeout": (
        case(snapshot(InitExited((0,)), within=100), init=("/bare",), timeout_s=2),
        "timeout of 2 s",
    ),
    "no such process": (
        case(
            send("TERM", expect(RUNNING), to=Selector(comm="worker"), sender=Sender.INSIDE),
            init=("/bare",),
        ),
        "no process comm=worker",
    ),
    "init's process group": (
        case(
            send("TERM", expect(RUNNING), to=Addressee.GROUP, sender=Sender.INSIDE),
            init=("/bare",),
        ),
        "process group",
    ),
    "an answer nobody has given": (case(snapshot(KillAnswered("")), init=("/bare",)), "no signal"),
    "an exec nobody has started": (
        case(snapshot(ExecEndedWith((0,))), init=("/bare",)),
        "nothing was exec'd",
    ),
}


@pytest.mark.parametrize("name", ERRORED)
def test_what_proves_nothing_is_an_error(name: str) -> None:
    """A case that cannot be judged is errored and says why: it never passes."""
    a_case, why = ERRORED[name]

    verdict = run(a_case).verdict

    assert isinstance(verdict, Errored), verdict
    assert why in verdict.what


def test_a_failed_step_ends_the_case_and_always_steps_still_run() -> None:
    """Steps after a failure are skipped; `always` steps are carried out."""
    result = run(
        case(
            send("USR1", expect(InitExited((0,)), within=0.1)),
            send("USR1", expect(RUNNING)),
            init=("/graceful",),
            always=(send("TERM", expect(InitExited((0,)))),),
        )
    )

    assert [one.verdict.kind for one in result.steps] == ["failed", "skipped", "passed"]
    assert isinstance(result.steps[1].verdict, Skipped)


def test_always_steps_run_after_a_timeout() -> None:
    """A case whose time is over still runs its `always` steps, and is errored all the same."""
    result = run(
        case(
            snapshot(InitExited((0,)), within=100),
            init=("/graceful",),
            timeout_s=1,
            always=(send("TERM", expect(InitExited((0,)))),),
        )
    )

    assert isinstance(result.verdict, Errored)
    assert [one.verdict.kind for one in result.steps] == ["errored", "passed"]


def test_the_timeline_tells_the_whole_story_in_order() -> None:
    """Created, looked at, signalled, ended, and asked one last time."""
    timeline = run(case(send("TERM", expect(InitExited((0,)))), init=("/graceful",))).timeline

    kinds = [type(fact) for fact in timeline]
    story = [ContainerCreated, ProcessSnapshot, SignalSent, InitEnded, FinalState]
    assert [kind for kind in kinds if kind in story and kind is not ProcessSnapshot] == [
        ContainerCreated,
        SignalSent,
        InitEnded,
        FinalState,
    ]
    assert ProcessSnapshot in kinds


def test_a_stored_timeline_is_judged_the_same_again() -> None:
    """Judging is a function of case and timeline alone."""
    result = run(PASSING["a graceful stop is not escalated"])

    assert judge(result.case, result.timeline, SETTINGS) == result


def test_never_started_is_a_fact_with_the_engines_words() -> None:
    """127 from the engine is `never started`, not an exit."""
    result = run(case(snapshot(InitExited((127,))), init=("/nope",)))

    (fact,) = [one for one in result.timeline if isinstance(one, NeverStarted)]
    assert fact.exit_code == 127
    assert isinstance(result.verdict, Failed)


def test_a_timeout_is_recorded_once() -> None:
    """The clock of the case is asked once, not at every arrival after the end."""
    result = run(case(snapshot(InitExited((0,)), within=100), init=("/bare",), timeout_s=1))

    assert sum(isinstance(one, TimedOut) for one in result.timeline) == 1


def test_an_ignored_failure_does_not_end_the_case() -> None:
    """It is told as what it is, and the case goes on and passes."""
    failing = dataclasses.replace(
        send("TERM", expect(InitExited((0,)), within=0.1)), ignore_errors=True
    )

    result = run(case(failing, snapshot(RUNNING), init=("/bare",)))

    assert [one.verdict.kind for one in result.steps] == ["failed", "passed"]
    assert [one.ignored for one in result.steps] == [True, False]
    assert isinstance(result.verdict, Passed)


def test_several_containers_are_started_in_order_and_told_apart() -> None:
    """Facts name their container, a step is about one of them, and each gets ready by itself."""
    plans = {
        name: CaseContainer(ContainerPlan(image=NamedImage(name), init=(f"/{name}",)))
        for name in ("graceful", "bare")
    }
    first, second = (
        dataclasses.replace(send("TERM", expectation), on=name)
        for name, expectation in (
            ("graceful", expect(InitExited((0,)), LogsHave((Pattern("bye"),)))),
            ("bare", expect(RUNNING, LogsHave(absent=(Pattern("bye"),)))),
        )
    )
    engine = FakeEngine(PROGRAMS)
    a_case = dataclasses.replace(case(first, second), containers=plans)
    timeline = run_case(
        a_case,
        images={name: name for name in plans},
        engine=engine,
        settings=SETTINGS,
        open_evaluator=CaseEvaluator,
    )

    assert not engine.containers
    assert isinstance(judge(a_case, timeline, SETTINGS).verdict, Passed)
    started = [one.container for one in timeline if isinstance(one, ContainerStarted)]
    assert started == ["graceful", "bare"]


def test_the_second_container_is_not_made_when_the_first_is_not_ready() -> None:
    """What it would share or talk to is not there."""
    ready = expect(LogsHave((Pattern("up"),)), within=0.5)
    plan = ContainerPlan(image=NamedImage("x"), init=("/bare",))
    containers = {"a": CaseContainer(plan, ready, ready_given=True), "b": CaseContainer(plan)}
    a_case = dataclasses.replace(
        case(dataclasses.replace(snapshot(RUNNING), on="a")), containers=containers
    )
    timeline = run_case(
        a_case,
        images={"a": "x", "b": "x"},
        engine=FakeEngine(PROGRAMS),
        settings=SETTINGS,
        open_evaluator=CaseEvaluator,
    )

    verdict = judge(a_case, timeline, SETTINGS).verdict
    assert isinstance(verdict, Errored)
    assert "the container a never became ready" in verdict.what
    assert sum(isinstance(one, ContainerCreated) for one in timeline) == 1


ENGINE_ONLY = dataclasses.replace(SETTINGS, evidence=Evidence.ENGINE)
READY_BY_OUTPUT = expect(LogsHave((Pattern("ready"),)))


@pytest.mark.parametrize(
    ("a_case", "kind"),
    [
        (case(send("TERM", expect(InitExited((0,)))), init=("/graceful",)), "errored"),
        (
            case(
                send("TERM", expect(InitExited((0,)))),
                init=("/graceful",),
                ready=READY_BY_OUTPUT,
            ),
            "passed",
        ),
        (case(snapshot(RUNNING), init=("/graceful",), ready=READY_BY_OUTPUT), "errored"),
        (
            case(
                send("TERM", expect(KillAnswered("")), sender=Sender.INSIDE),
                init=("/graceful",),
                ready=READY_BY_OUTPUT,
            ),
            "errored",
        ),
    ],
)
def test_with_evidence_of_the_engine_alone_nothing_is_put_into_the_container(
    a_case: Case, kind: str
) -> None:
    """What needs a snapshot or a process inside is errored; what the engine tells is decided."""
    timeline = run_case(
        a_case,
        images={"": "x"},
        engine=FakeEngine(PROGRAMS),
        settings=ENGINE_ONLY,
        open_evaluator=CaseEvaluator,
    )

    verdict = judge(a_case, timeline, ENGINE_ONLY).verdict
    assert verdict.kind == kind, verdict
    assert not any(isinstance(one, ProcessSnapshot) for one in timeline)
    if isinstance(verdict, Errored):
        assert "only the engine is asked" in verdict.what


@pytest.mark.parametrize("name", ["TERM", "USR1"])
def test_somebody_else_on_the_probes_stream_errors_the_step(name: str) -> None:
    """What it writes is not believed, and no step after that is carried out."""
    forged = send(name, expect(RUNNING, stays=1), sender=Sender.INSIDE)

    result = run(case(forged, snapshot(RUNNING), init=("/forger",)))

    assert isinstance(result.verdict, Errored)
    assert "somebody else has written to the probe's stream" in result.verdict.what
    assert not result.verdict.engine
    assert [one.verdict.kind for one in result.steps][-1] == "skipped"


def test_an_init_that_was_started_again_gets_a_probe_with_a_new_secret() -> None:
    """What was written to the stream of the first is over with it."""
    spoilt = dataclasses.replace(send("TERM", expect(RUNNING, stays=1)), ignore_errors=True)
    asked = snapshot(InitShows(ProcessFacts(caught=(SIGTERM,))))
    restart = step(Restart(grace_s=0.1), expect(RUNNING))

    assert isinstance(run(case(spoilt, asked, init=("/forger",))).verdict, Errored)
    assert isinstance(run(case(spoilt, restart, asked, init=("/forger",))).verdict, Passed)


def test_an_exec_without_waiting_has_acted_when_its_program_runs() -> None:
    """The engine's answer comes before, and what comes of the program is counted from its start."""
    result = run(
        case(execute("/slow-to-start", detach=True, expectation=expect(RUNNING)), init=("/bare",))
    )

    (started,) = [one for one in result.timeline if isinstance(one, ExecStarted)]
    acted = [one for one in result.timeline if isinstance(one, StepActed)][-1]
    assert isinstance(result.verdict, Passed)
    assert 400_000_000 <= acted.at_ns - started.at_ns < 450_000_000


def test_of_a_long_exec_the_end_of_each_stream_is_kept() -> None:
    """And how much is gone is counted for each."""
    program = ExecRun(0, FakeExec("exec-1", 0), "")
    program.on_output(Output(1, "exec-1", Stream.STDERR, b"x" * 300_000))
    program.on_output(Output(2, "exec-1", Stream.STDOUT, b"ok"))

    ended = program.end(3)

    assert (ended.stdout, len(ended.stderr)) == ("ok", 262_144)
    assert (ended.cut, ended.cut_stderr) == (300_000 - 262_144, 300_000 - 262_144)
