"""What each noun of a condition means, and which of its forms say nothing or cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.errors import InvalidScenarios
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGSTOP, SIGTERM, Signal
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
from runner.model.step import Step
from runner.plan.load import load_cases

SIGHUP, SIGUSR1 = Signal.parse("SIGHUP"), Signal.parse("SIGUSR1")
APP, INIT, ANY = Selector(comm="app"), Selector(pid=1), Selector()


def step_of(step: str, folder: Path) -> Step:
    """Give the step of a scenario."""
    path = folder / "x.yml"
    text = "name: x\ncontainer: {image: app, restart: always, healthcheck: {test: t}}\nsteps:\n"
    path.write_text(f"{text}  - {{{step}}}\n  - expect: {{health: healthy}}\n", encoding="utf-8")
    (case,) = load_cases([str(path)])
    return case.steps[0]


def shows(**facts: object) -> tuple[Check, ...]:
    """A check of facts of init."""
    return (InitShows(ProcessFacts(**facts)),)  # type: ignore[arg-type]


def app(**facts: object) -> tuple[Check, ...]:
    """A check of facts of a process whose name is app."""
    return (ProcessIs(APP, ProcessFacts(**facts)),)  # type: ignore[arg-type]


CONDITIONS: dict[str, tuple[Check, ...]] = {
    "init: running": (InitIs(InitState.RUNNING),),
    "init: stopped": (InitIs(InitState.STOPPED),),
    "init: paused": (InitIs(InitState.PAUSED),),
    "init: never_started": (InitIs(InitState.NEVER_STARTED),),
    "init: {state: running, comm: app}": (InitIs(InitState.RUNNING), *shows(comm="app")),
    "init: {exited: [0, 143]}": (InitExited((0, 143)),),
    "init: {exited: 0}": (InitExited((0,)),),
    "init: {exited: 255}": (InitExited((255,)),),
    "init: {killed_by: [KILL, TERM]}": (InitKilledBy((SIGKILL, SIGTERM)),),
    "init: {exited: 137, killed_by: KILL}": (InitExited((137,)), InitKilledBy((SIGKILL,))),
    "init: {caught: [TERM, HUP]}": shows(caught=(SIGTERM, SIGHUP)),
    "init: {ignored: HUP}": shows(ignored=(SIGHUP,)),
    "init: {default: [KILL, STOP]}": shows(default=(SIGKILL, SIGSTOP)),
    "init: {blocked: USR1, pending: USR1}": shows(blocked=(SIGUSR1,), pending=(SIGUSR1,)),
    "init: {pending: [KILL]}": shows(pending=(SIGKILL,)),
    "init: {argv: ^app}": shows(argv="^app"),
    "init: {pgid: 0, sid: 0}": shows(pgid=0, sid=0),
    "init: {caught: TERM, blocked: TERM}": shows(caught=(SIGTERM,), blocked=(SIGTERM,)),
    "process: {comm: app}": app(),
    "process: {comm: app, exists: false}": (ProcessIs(APP, ProcessFacts(), exists=False),),
    "process: {comm: app, state: T}": app(state=ProcessState.STOPPED),
    "process: {comm: app, state: t}": app(state=ProcessState.TRACED),
    "process: {comm: app, parent: init}": app(parent=INIT),
    "process: {comm: app, parent: 7}": app(parent=Selector(pid=7)),
    "process: {comm: app, parent: {comm: sh}}": app(parent=Selector(comm="sh")),
    "process: {pid: init, argv: a, child_of: init}": (
        ProcessIs(Selector(pid=1, argv="a", child_of=1), ProcessFacts()),
    ),
    "process: {comm: 7}": (ProcessIs(Selector(comm="7"), ProcessFacts()),),
    "process: {comm: fifteen-bytes-x}": (
        ProcessIs(Selector(comm="fifteen-bytes-x"), ProcessFacts()),
    ),
    "processes: {alive: 3}": (ProcessCount(ANY, alive=Bounds(3, 3)),),
    "processes: {alive: {at_least: 0, at_most: 0}}": (ProcessCount(ANY, alive=Bounds(0, 0)),),
    "processes: {unchanged: true}": (ProcessCount(ANY, unchanged=True),),
    "processes: {alive: {at_least: 2}, comm: app, argv: x}": (
        ProcessCount(Selector(comm="app", argv="x"), alive=Bounds(at_least=2)),
    ),
    "accepted: true": (KillAnswered(""),),
    "accepted: EPERM": (KillAnswered("EPERM"),),
    "delivered: true": (DeliveredWas(True),),
    "delivered: {TERM: false, 1: true}": (
        DeliveredWas(False, SIGTERM),
        DeliveredWas(True, SIGHUP),
    ),
    "forwarded: TERM": (ForwardedWas(SIGTERM),),
    "forwarded: {TERM: {times: 0}}": (ForwardedWas(SIGTERM, times=Bounds(0, 0)),),
    "forwarded: {TERM: {to: {pid: 1, comm: x}}}": (
        ForwardedWas(SIGTERM, Selector(pid=1, comm="x")),
    ),
    "logs: bye": (LogsHave((Pattern("bye"),)),),
    "logs: /bye/": (LogsHave((Pattern("bye", regex=True),)),),
    "logs: /": (LogsHave((Pattern("/"),)),),
    "logs: /a": (LogsHave((Pattern("/a"),)),),
    "logs: 7": (LogsHave((Pattern("7"),)),),
    "logs: [a, /b/]": (LogsHave((Pattern("a"), Pattern("b", regex=True))),),
    "logs: {lines: a, contains: /b/, matches: c, stream: stderr}": (
        LogsHave(
            (
                Pattern("a", stream=Stream.STDERR),
                Pattern("/b/", stream=Stream.STDERR),
                Pattern("c", regex=True, stream=Stream.STDERR),
            )
        ),
    ),
    "logs: {absent: [a, b], in_order: [c, d]}": (
        LogsHave(
            absent=(Pattern("a"), Pattern("b")), in_order=(Pattern("c"), Pattern("d"))
        ),
    ),
    "logs: {lines: a, absent: ab}": (LogsHave((Pattern("a"),), (Pattern("ab"),)),),
    "logs: {lines: ab, absent: /a/}": (LogsHave((Pattern("ab"),), (Pattern("a", regex=True),)),),
    "shutdown: {at_most: 2s}": (ShutdownWas(Bounds(at_most=2.0)),),
    "shutdown: {at_least: 1s}": (ShutdownWas(Bounds(at_least=1.0)),),
    "shutdown: {at_least: 0, at_most: 250ms}": (ShutdownWas(Bounds(0.0, 0.25)),),
    "shutdown: {at_least: 2s, at_most: 2s}": (ShutdownWas(Bounds(2.0, 2.0)),),
    "shutdown: {escalated: false}": (ShutdownWas(escalated=False),),
    "shutdown: {killed: 0}": (ShutdownWas(killed=Bounds(0, 0)),),
    "shutdown: {killed: {at_most: 2}}": (ShutdownWas(killed=Bounds(at_most=2)),),
    "exec: {exit: [0, 1]}": (ExecEndedWith((0, 1)),),
    "exec: {stdout: a, stderr: [b, /c/]}": (
        ExecEndedWith(
            stdout=(Pattern("a"),), stderr=(Pattern("b"), Pattern("c", regex=True))
        ),
    ),
    "oom_killed: true": (OomKilled(True),),
    "oom_killed: false": (OomKilled(False),),
    "restarts: 2": (RestartsAre(Bounds(2, 2)),),
    "restarts: {at_least: 1}": (RestartsAre(Bounds(at_least=1)),),
    "health: starting": (HealthIs("starting"),),
}  # fmt: skip


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_means_its_records(text: str, tmp_path: Path) -> None:
    """Nothing that is written in it is lost, and nothing added."""
    expectation = step_of(f"expect: {{{text}}}", tmp_path).expect

    assert expectation is not None
    assert expectation.checks == CONDITIONS[text]
    times = (expectation.within_s, expectation.for_s, expectation.not_before_s)
    assert times == (None, None, None)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("within: 3s, for: 1s, not_before: 500ms", (3.0, 1.0, 0.5)),
        ("within: 3s, for: 3s", (3.0, 3.0, None)),
        ("within: 3s, not_before: 3s", (3.0, None, 3.0)),
        ("for: 1m", (None, 60.0, None)),
        ("not_before: 1.5s", (None, None, 1.5)),
        ("within: 1h", (3600.0, None, None)),
    ],
)
def test_times_of_a_condition_are_in_seconds(
    text: str, times: tuple[float | None, ...], tmp_path: Path
) -> None:
    """They may be as long as each other."""
    expectation = step_of(f"expect: {{init: running, {text}}}", tmp_path).expect

    assert expectation is not None
    assert times == (expectation.within_s, expectation.for_s, expectation.not_before_s)


REFUSED = {
    "init: running, within: 3s, not_before: 3.1s": "can never hold",
    "init: running, within: 3s, for: 3.1s": "give a `within` of 3.1s or more",
    "init: {state: running, exited: 0}": "cannot also be running",
    "init: {exited: 0, comm: a}": "cannot also be running or show facts",
    "init: {killed_by: KILL, caught: TERM}": "cannot also be running or show facts",
    "init: {state: never_started, comm: a}": "an init that never started cannot show facts",
    "init: {}": "this says nothing of init",
    "init: {exited: 256}": "255",
    "init: {exited: []}": "exited is empty",
    "exec: {exit: []}": "exit is empty",
    "logs: {lines: []}": "lines is empty",
    "logs: {matches: []}": "matches is empty",
    "logs: {absent: []}": "absent is empty",
    "logs: {in_order: []}": "in_order is empty",
    "exec: {stdout: []}": "stdout is empty",
    "init: {caught: []}": "caught is empty",
    "outcome: {}": "this names no signal",
    "forwarded: {}": "this names no signal",
    "process: {pid: 0}": "expected at least 1, not 0",
    "process: {comm: ''}": "comm is empty",
    "process: {comm: a, received: {}}": "this names no signal",
    "processes: {alive: {at_least: -1}}": "expected at least 0, not -1",
    "processes: {zombies: {at_most: -1}}": "expected at least 0, not -1",
    "init: {killed_by: CHLD}": "SIGCHLD ends no process",
    "init: {killed_by: [KILL, STOP]}": "its default action is Stop",
    "init: {caught: TERM, ignored: TERM}": "SIGTERM cannot be both caught and ignored",
    "init: {ignored: HUP, default: HUP}": "SIGHUP cannot be both ignored and default",
    "init: {caught: STOP}": "SIGSTOP can never be caught",
    "init: {ignored: KILL}": "SIGKILL can never be ignored",
    "init: {blocked: [TERM, KILL]}": "SIGKILL can never be blocked",
    "init: {pgid: -1}": "is not a valid process group or session",
    "init: {pgid: true}": "'true' is not a valid process group or session",
    "process: {comm: a, exists: false, state: T}": "a process that does not exist cannot show",
    "process: {comm: a, parent: true}": "",
    "process: {comm: a, parent: 0}": "1",
    "process: {exists: false}": "this selects nothing in particular",
    "process: {comm: sixteen-bytes-xx}": "give 'sixteen-bytes-x', or `argv`",
    "process: {comm: a, exited: 0, killed_by: TERM}": "not both",
    "process: {comm: a, exited: 0, killed_with_init: true}": "was not killed with init",
    "process: {comm: a, killed_by: TERM, killed_with_init: true}": "is killed by SIGKILL",
    "process: {comm: a, exited: 0, state: T}": "a process that has ended cannot show `state`",
    "process: {comm: a, killed_with_init: true, parent: init}": "cannot show `parent`",
    "process: {comm: a, killed_by: CONT}": "SIGCONT ends no process",
    "processes: {comm: a}": "this counts nothing",
    "processes: {alive: {}}": "a range needs",
    "processes: {alive: {at_least: 3, at_most: 2}}": "`at_least` is above `at_most`",
    "processes: {alive: -1}": "0",
    "processes: {alive: true}": "expected a whole number or a range",
    "accepted: false": "'false' is not an errno of kill(2)",
    "accepted: EAGAIN": "'EAGAIN' is not an errno of kill(2)",
    "accepted: 1": "'1' is not an errno of kill(2)",
    "accepted: [EPERM]": "a list is not an errno of kill(2)",
    "delivered: {}": "this names no signal",
    "delivered: {TERM: 1}": "expected true or false for SIGTERM, not '1'",
    "delivered: yes please": "expected true or false in delivered",
    "delivered: {TERM: true, 15: false}": "SIGTERM is named twice",
    "outcome: 1": "'1' is not a valid outcome",
    "delivered: true, outcome: dropped_init": "is not delivered",
    "delivered: false, outcome: handler_runs": "is delivered",
    "forwarded: {TERM: {to: {pid: 1}}}": "init does not forward to itself",
    "forwarded: {TERM: {from: init, to: {pid: 1}}}": "init does not forward to itself",
    "logs: {stream: stdout}": "this asks nothing of the logs",
    "logs: {lines: ab, absent: b}": "no line may have 'b', and a line must have 'ab'",
    "logs: {matches: a, absent: /a/}": "no line may have /a/, and a line must have /a/",
    "logs: {in_order: [x, ab], absent: [c, b]}": "no line may have 'b'",
    "logs: {contains: ab, absent: b}": "no line may have 'b'",
    'logs: ""': "an empty text is found everywhere",
    "logs: //": "an empty expression is found in every line",
    'logs: "a\\nb"': "output is matched line by line",
    "logs: /(/": "is not a regular expression",
    "shutdown: {}": "this asks nothing",
    "shutdown: {killed: none}": "expected a whole number or a range",
    "shutdown: {killed: -1}": "0",
    "shutdown: {killed: 0}, process: {comm: a, killed_with_init: true}": "is one of those",
    "init: running, shutdown: {killed: 0}": "no shutdown as long as init has not ended",
    "shutdown: {at_least: 2s, at_most: 1.9s}": "`at_least` is above `at_most`",
    "shutdown: {at_most: 0s}": "is not a duration above zero",
    "exec: {}": "this asks nothing",
    "init: {exited: 0}, process: {comm: a}": "every process ends with init",
    "init: {exited: 0}, process: {comm: a, state: T}": "every process ends with init",
    "init: {exited: 0}, processes: {alive: 1}": "every process ends with init",
    "init: {exited: 0}, processes: {zombies: {at_least: 1}}": "every process ends with init",
    "init: running, processes: {alive: {at_most: 0}}": "init counts",
    "init: running, processes: {alive: 0}": "init counts",
    "init: running, shutdown: {escalated: false}": "no shutdown as long as init has not ended",
    "init: never_started, shutdown: {escalated: false}": "never started has no shutdown",
    "init: {exited: 0}, shutdown: {escalated: true}": "gives exit code 137",
    "within: 3s": "nothing is expected here",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_says_nothing_or_can_never_be_is_refused(text: str, tmp_path: Path) -> None:
    """When the file is read, in words that say why."""
    with pytest.raises(InvalidScenarios) as caught:
        step_of(f"expect: {{{text}}}", tmp_path)

    said = " ".join(f"{one.what} {one.advice}" for one in caught.value.problems)
    assert REFUSED[text] in said


ACCEPTED = [
    "init: {exited: 0}, process: {comm: a, exists: false}",
    "init: {exited: 0}, process: {comm: a, received: []}",
    "init: {exited: 0}, process: {comm: a, killed_by: KILL}",
    "init: {exited: 0}, processes: {alive: 0, zombies: {at_most: 1}}",
    "init: {exited: [0, 137]}, shutdown: {escalated: true}",
    "init: {exited: 0}, shutdown: {escalated: false}",
    "shutdown: {escalated: true}",
    "shutdown: {killed: 0}, process: {comm: a, killed_with_init: false}",
    "shutdown: {killed: {at_most: 1}}, process: {comm: a, killed_with_init: true}",
    "init: running, processes: {alive: 0, comm: a}",
    "init: running, processes: {alive: 0, argv: a}",
    "init: running, processes: {alive: 1}",
    "init: running, processes: {zombies: 0}",
    "init: running, process: {comm: a, exists: false}",
    "delivered: {TERM: true}, outcome: {HUP: dropped_init}",
    "delivered: true, outcome: predicted",
    "delivered: true, outcome: handler_runs",
    "delivered: false, outcome: dropped_init",
    "process: {comm: a, killed_by: [TERM, KILL], killed_with_init: true}",
    "process: {comm: a, exited: 0, killed_with_init: false}",
    "process: {comm: a, state: T, killed_with_init: false}",
    "process: {comm: a, exited: 0, received: TERM}",
    "forwarded: {TERM: {from: {comm: sh}, to: {pid: 1}}}",
    "init: {caught: [TERM, TERM]}",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_what_may_hold_together_is_accepted(text: str, tmp_path: Path) -> None:
    """Whether it does is a matter of the run."""
    assert step_of(f"expect: {{{text}}}", tmp_path).expect is not None


@pytest.mark.parametrize("asked", ["outcome", "delivered", "forwarded"])
def test_one_signal_by_name_is_enough(asked: str, tmp_path: Path) -> None:
    """A mapping of signals need not name two."""
    value = {"outcome": "dropped_init", "delivered": "true", "forwarded": "{times: 1}"}[asked]
    found = step_of(f"expect: {{{asked}: {{TERM: {value}}}}}", tmp_path).expect

    assert found is not None
    assert len(found.checks) == 1


def test_all_times_of_a_condition_are_those_that_were_given(tmp_path: Path) -> None:
    """Not before, within, and for how long."""
    found = step_of("expect: {init: running, not_before: 1s, within: 5s, for: 2s}", tmp_path).expect

    assert found is not None
    assert (found.not_before_s, found.within_s, found.for_s) == (1.0, 5.0, 2.0)


@pytest.mark.parametrize(
    ("step", "refused"),
    [
        ("stop: {grace: 5s}, expect: {shutdown: {escalated: true, at_most: 4s}}", True),
        ("stop: {grace: 5s}, expect: {shutdown: {escalated: true, at_most: 5s}}", False),
        ("stop: {grace: 5s}, expect: {shutdown: {escalated: true, at_least: 4s}}", False),
        ("stop: {grace: 5s}, expect: {shutdown: {escalated: false, at_most: 4s}}", False),
        ("stop: {grace: 5s}, expect: {shutdown: {at_most: 4s}}", False),
        ("stop: {grace: 5s}, expect: {init: {exited: 0}}", False),
        ("stop: {signal: TERM}, expect: {shutdown: {escalated: true, at_most: 4s}}", False),
    ],
)
def test_a_stop_cannot_escalate_before_its_own_grace_is_over(
    step: str, tmp_path: Path, *, refused: bool
) -> None:
    """Nothing is said against one whose grace, or whose longest time, is not given."""
    said = ""
    try:
        step_of(step, tmp_path)
    except InvalidScenarios as error:
        said = " ".join(one.what for one in error.problems)

    assert ("escalates only after its grace period" in said) == refused
    assert refused or not said
