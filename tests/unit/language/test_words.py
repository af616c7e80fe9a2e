"""What the words of conditions and steps mean: the records that a file gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGKILL, SIGTERM, Signal
from runner.model.expectation import (
    Bounds,
    Check,
    ForwardedWas,
    InitExited,
    InitIs,
    InitShows,
    InitState,
    KillAnswered,
    OutcomeWas,
    Own,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
)
from runner.model.step import (
    Action,
    Addressee,
    Exec,
    GroupOf,
    Pause,
    Restart,
    Sender,
    SendSignals,
    Start,
    Step,
    Stop,
    Unpause,
    Wait,
    Write,
)
from runner.plan.load import load_cases

APP = Selector(comm="app")
INIT = Selector(pid=1)
SIGHUP, SIGINT = Signal.parse("SIGHUP"), Signal.parse("SIGINT")
NONE = Bounds(0, 0)


def steps_of(steps: str, folder: Path) -> tuple[Step, ...]:
    """Give the steps of a scenario."""
    path = folder / "x.yml"
    container = "{image: app, stdin_open: true, healthcheck: {test: a}}"
    text = f"name: x\ncontainer: {container}\nsteps: {steps}\n"
    path.write_text(text, encoding="utf-8")
    (case,) = load_cases([str(path)])
    return case.steps


def process(facts: ProcessFacts) -> tuple[Check, ...]:
    """A check of a process whose name is app."""
    return (ProcessIs(APP, facts),)


def got(*received: Received) -> tuple[Check, ...]:
    """A check of what it was delivered."""
    return process(ProcessFacts(received=received))


CONDITIONS: dict[str, tuple[Check, ...]] = {
    "process: {comm: app, pgid: 7, sid: 3}": process(ProcessFacts(pgid=7, sid=3)),
    "process: {comm: app, pgid: own, sid: own}": process(ProcessFacts(pgid=Own.OWN, sid=Own.OWN)),
    "process: {comm: app, subreaper: false}": process(ProcessFacts(subreaper=False)),
    "process: {comm: app, received: SIGTERM}": got(Received(SIGTERM)),
    "process: {comm: app, received: [15, HUP]}": got(Received(SIGTERM), Received(SIGHUP)),
    "process: {comm: app, received: []}": got(),
    "process: {comm: app, received: {SIGTERM: true, 1: false}}": got(
        Received(SIGTERM), Received(SIGHUP, NONE)
    ),
    "process: {comm: app, received: {SIGTERM: {times: 2, from: {comm: tini}}}}": got(
        Received(SIGTERM, Bounds(2, 2), Selector(comm="tini"))
    ),
    "process: {comm: app, received: {SIGTERM: {from: init}, HUP: {times: {at_most: 3}}}}": got(
        Received(SIGTERM, sender=INIT), Received(SIGHUP, Bounds(at_most=3))
    ),
    "process: {comm: app, exited: 7}": process(ProcessFacts(exited=(7,))),
    "process: {comm: app, exited: [0, 1], killed_with_init: false}": process(
        ProcessFacts(exited=(0, 1), killed_with_init=False)
    ),
    "process: {comm: app, killed_by: TERM}": process(ProcessFacts(killed_by=(SIGTERM,))),
    "process: {comm: app, killed_by: [TERM, 9], killed_with_init: true}": process(
        ProcessFacts(killed_by=(SIGTERM, SIGKILL), killed_with_init=True)
    ),
    "init: {exited: 0}, process: {comm: app, exited: 0, received: []}": (
        InitExited((0,)),
        ProcessIs(APP, ProcessFacts(exited=(0,), received=())),
    ),
    "processes: {zombies: {at_most: 0, longer_than: 2s}, alive: 3}": (
        ProcessCount(
            Selector(), alive=Bounds(3, 3), zombies=Bounds(at_most=0), zombies_longer_than_s=2
        ),
    ),
    "processes: {zombies: 1}": (ProcessCount(Selector(), zombies=Bounds(1, 1)),),
    "outcome: dropped_init": (OutcomeWas(Outcome.DROPPED_INIT),),
    "outcome: {TERM: dropped_init, 1: predicted}": (
        OutcomeWas(Outcome.DROPPED_INIT, SIGTERM),
        OutcomeWas(None, SIGHUP),
    ),
    "forwarded: {SIGTERM: {from: {comm: runsv}, to: {comm: app}, times: 1}}": (
        ForwardedWas(SIGTERM, APP, Bounds(1, 1), Selector(comm="runsv")),
    ),
    "forwarded: {SIGTERM: {from: {comm: app}, to: {pid: 1}}}": (
        ForwardedWas(SIGTERM, INIT, sender=APP),
    ),
    "forwarded: {SIGTERM: {from: init}}": (ForwardedWas(SIGTERM, sender=INIT),),
    "init: running, accepted: true": (KillAnswered(""), InitIs(InitState.RUNNING)),
    "init: {pgid: own, sid: 1, subreaper: true, caught: SIGTERM}": (
        InitShows(ProcessFacts(caught=(SIGTERM,), pgid=Own.OWN, sid=1, subreaper=True)),
    ),
}


STEPS: dict[str, Action] = {
    "start: true": Start(),
    "stop: true": Stop(),
    "stop: {grace: 2s, signal: INT}": Stop(2, SIGINT),
    "restart: true": Restart(),
    "restart: 2s": Restart(2),
    "exec: [nginx, -t]": Exec(("nginx", "-t")),
    "exec: {argv: [a], user: u, env: {K: v}, stdin: in, detach: true}": Exec(
        ("a",), "u", {"K": "v"}, detach=True, stdin="in"
    ),
    "write: quit": Write("quit"),
    "write: {text: quit, close: true}": Write("quit", close=True),
    "pause: true": Pause(),
    "unpause: true": Unpause(),
    "wait: ready": Wait(),
    "wait: {until: {init: running, logs: a}}": Wait(),
    "signal: [TERM, 2]": SendSignals((SIGTERM, SIGINT)),
    "signal: {send: TERM, to: all, times: 3, every: 1s}": SendSignals(
        (SIGTERM,), Addressee.ALL, Sender.INSIDE, times=3, every_s=1
    ),
    "signal: {send: TERM, to: group}": SendSignals((SIGTERM,), Addressee.GROUP, Sender.INSIDE),
    "signal: {send: TERM, to: {comm: app}}": SendSignals((SIGTERM,), APP, Sender.INSIDE),
    "signal: {send: TERM, from: inside}": SendSignals((SIGTERM,), sender=Sender.INSIDE),
    "signal: {send: SIGTERM, to: {group_of: {comm: app}}}": SendSignals(
        (SIGTERM,), GroupOf(APP), Sender.INSIDE
    ),
}


@pytest.mark.parametrize("text", STEPS)
def test_a_step_means_its_record(text: str, tmp_path: Path) -> None:
    """And says in its title what it does."""
    step, _ = steps_of(f"[{{{text}}}, {{expect: {{init: running}}}}]", tmp_path)

    assert STEPS[text] == step.action
    assert TITLES[text] == step.title


TITLES = {
    "start: true": "start",
    "stop: true": "stop",
    "stop: {grace: 2s, signal: INT}": "stop with SIGINT (grace 2 s)",
    "restart: true": "restart",
    "restart: 2s": "restart (grace 2 s)",
    "exec: [nginx, -t]": "exec nginx -t",
    "exec: {argv: [a], user: u, env: {K: v}, stdin: in, detach: true}": "exec a (detached)",
    "write: quit": "write 'quit'",
    "write: {text: quit, close: true}": "write 'quit' and close",
    "pause: true": "pause",
    "unpause: true": "unpause",
    "wait: ready": "wait for ready",
    "wait: {until: {init: running, logs: a}}": "wait for init running, logs",
    "signal: [TERM, 2]": "signal SIGTERM SIGINT to init from host",
    "signal: {send: TERM, to: all, times: 3, every: 1s}": (
        "signal SIGTERM 3 times to all from inside"
    ),
    "signal: {send: TERM, to: group}": "signal SIGTERM to group from inside",
    "signal: {send: TERM, to: {comm: app}}": "signal SIGTERM to process comm=app from inside",
    "signal: {send: TERM, from: inside}": "signal SIGTERM to init from inside",
    "signal: {send: SIGTERM, to: {group_of: {comm: app}}}": (
        "signal SIGTERM to the process group of process comm=app from inside"
    ),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_means_its_records(text: str, tmp_path: Path) -> None:
    """In its short form and in its long form."""
    (step,) = steps_of(f"[{{expect: {{{text}}}}}]", tmp_path)

    assert step.expect is not None
    assert CONDITIONS[text] == step.expect.checks


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("init: stopped", "init stopped"),
        ("init: {exited: [0, 143]}", "init exited 0 or 143"),
        ("init: {killed_by: KILL}", "what killed init"),
        ("init: {state: running, caught: TERM}", "init running, facts of init"),
        ("process: {comm: app, state: S}", "process comm=app"),
        ("processes: {alive: 1}", "processes"),
        ("accepted: EPERM", "the answer of kill"),
        ("delivered: {TERM: true, INT: false}", "delivered"),
        ("outcome: predicted", "outcome"),
        ("forwarded: {TERM: {}, INT: {}}", "SIGTERM forwarded, SIGINT forwarded"),
        ("logs: a", "logs"),
        ("shutdown: {at_most: 1s}", "shutdown"),
        ("exec: {exit: 0}", "the end of the exec"),
        ("oom_killed: true", "oom_killed"),
        ("restarts: 1", "restarts"),
        ("health: healthy", "health"),
        ("logs: a, init: running, outcome: ignored", "outcome, init running, logs"),
    ],
)
def test_a_step_that_only_looks_is_called_by_what_it_expects(
    text: str, title: str, tmp_path: Path
) -> None:
    """What became of signals first, and nothing twice."""
    (step,) = steps_of(f"[{{expect: {{{text}}}}}]", tmp_path)

    assert step.title == f"expect {title}"


@pytest.mark.parametrize(
    ("text", "within_s"),
    [
        ("ready", 10),
        ("{until: ready, within: 30s}", 30),
        ("{until: {logs: a}}", 10),
        ("{until: {logs: a}, within: 30s}", 30),
        ("{until: {logs: a, within: 20s}}", 20),
    ],
)
def test_a_wait_has_a_deadline(text: str, within_s: float, tmp_path: Path) -> None:
    """Its own, or that of the condition; if there is neither, ten seconds."""
    step, _ = steps_of(f"[{{wait: {text}}}, {{expect: {{init: running}}}}]", tmp_path)

    assert step.expect is not None
    assert step.expect.within_s == within_s
