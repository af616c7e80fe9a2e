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
    InitShows,
    OutcomeWas,
    Own,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
)
from runner.model.step import Action, GroupOf, Sender, SendSignals, Start, Step
from runner.plan.load import load_cases

APP = Selector(comm="app")
INIT = Selector(pid=1)
SIGHUP = Signal.parse("SIGHUP")
NONE = Bounds(0, 0)


def steps_of(steps: str, folder: Path) -> tuple[Step, ...]:
    """Give the steps of a scenario."""
    path = folder / "x.yml"
    path.write_text(f"name: x\ncontainer: {{image: app}}\nsteps: {steps}\n", encoding="utf-8")
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
    "init: {pgid: own, sid: 1, subreaper: true, caught: SIGTERM}": (
        InitShows(ProcessFacts(caught=(SIGTERM,), pgid=Own.OWN, sid=1, subreaper=True)),
    ),
}


STEPS: dict[str, Action] = {
    "start: true": Start(),
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
