"""Facts of processes, from looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.conditions import condition_of, describe, evaluate
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGTERM
from runner.model.expectation import (
    Bounds,
    InitShows,
    Own,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Received,
    Selector,
)
from tests.support.histories import MS, context, history, process, seen

LEADER = replace(process(7, "app"), pgid=7, sid=7)
MEMBER = replace(process(8, "app"), pgid=7, sid=3)
OWN = ProcessFacts(pgid=Own.OWN, sid=Own.OWN)

SHOWN = {
    "a leader has numbers of its own": (LEADER, OWN, ""),
    "a leader has numbers": (LEADER, ProcessFacts(pgid=7, sid=7), ""),
    "a member has those of its leaders": (MEMBER, ProcessFacts(pgid=7, sid=3), ""),
    "another group": (LEADER, ProcessFacts(pgid=3, sid=7), "7 app has pgid 7"),
    "another session": (LEADER, ProcessFacts(sid=3), "7 app has sid 7"),
    "a member leads nothing": (MEMBER, OWN, "8 app has pgid 7, sid 3"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_group_and_session_are_those_of_the_look(name: str) -> None:
    """A number is that number; `own` is the process's own PID."""
    one, facts, wrong = SHOWN[name]

    result = evaluate(
        ProcessIs(Selector(comm="app"), facts), context(history(seen(1, process(1, "init"), one)))
    )

    assert result.holds is (not wrong)
    assert wrong in result.seen


def test_group_and_session_of_init() -> None:
    """As those of any other process."""
    one = context(history(seen(1, replace(process(1, "init"), pgid=1, sid=0))))

    assert evaluate(InitShows(ProcessFacts(pgid=Own.OWN, sid=0)), one).holds
    assert not evaluate(InitShows(ProcessFacts(pgid=1, sid=Own.OWN)), one).holds


SAID = {
    "pgid of its own, sid 0, no subreaper": ProcessFacts(pgid=Own.OWN, sid=0, subreaper=False),
    "exit status 0 or 7": ProcessFacts(exited=(0, 7)),
    "an end by SIGTERM or SIGKILL, an end with init": ProcessFacts(
        killed_by=(SIGTERM, SIGKILL), killed_with_init=True
    ),
    "an end not with init": ProcessFacts(killed_with_init=False),
    "nothing received": ProcessFacts(received=()),
    "SIGTERM and SIGKILL received": ProcessFacts(received=(Received(SIGTERM), Received(SIGKILL))),
    "SIGTERM 0 times received": ProcessFacts(received=(Received(SIGTERM, Bounds(0, 0)),)),
    "SIGTERM at most 2 times from process pid=1 received": ProcessFacts(
        received=(Received(SIGTERM, Bounds(at_most=2), Selector(pid=1)),)
    ),
}


@pytest.mark.parametrize("words", SAID)
def test_what_is_expected_is_said(words: str) -> None:
    """In the words of the scenario."""
    check = ProcessIs(Selector(comm="app"), SAID[words])

    assert describe(check) == f"process comm=app with {words}"


def test_a_zombie_may_have_to_last_longer_to_count() -> None:
    """By default longer than the quiet period; here, more than 2 s."""
    dead = replace(process(9, "dead"), state=ProcessState.ZOMBIE)
    check = ProcessCount(Selector(), zombies=Bounds(at_most=0), zombies_longer_than_s=2)

    def zombies(until_ms: int) -> tuple[bool, bool]:
        snapshot = replace(seen(10, process(1, "init"), dead), until_ns=until_ms * MS)
        one = context(history(seen(1, process(1, "init")), snapshot))
        default = replace(check, zombies_longer_than_s=None)
        return evaluate(default, one).holds, evaluate(check, one).holds

    assert [zombies(until_ms) for until_ms in (100, 200, 2_100)] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert describe(check) == "at most 0 zombies for longer than 2 s"


QUIET = {
    "exited": (ProcessFacts(exited=(0,)), False),
    "killed by": (ProcessFacts(killed_by=(SIGTERM,)), False),
    "killed with init": (ProcessFacts(killed_with_init=True), False),
    "not killed with init": (ProcessFacts(killed_with_init=False), True),
    "SIGTERM at least once": (ProcessFacts(received=(Received(SIGTERM),)), False),
    "SIGTERM at most once": (
        ProcessFacts(received=(Received(SIGTERM), Received(SIGKILL, Bounds(at_most=1)))),
        True,
    ),
    "nothing": (ProcessFacts(received=()), True),
}


@pytest.mark.parametrize("name", QUIET)
def test_what_is_true_of_things_left_as_they_are_needs_the_quiet_period(name: str) -> None:
    """As an upper bound is, and an end that has not come."""
    facts, quiet = QUIET[name]

    check = ProcessIs(Selector(comm="app"), facts)

    assert condition_of(check).needs_quiet(check) is quiet
