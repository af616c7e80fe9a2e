"""Facts of processes, from looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.init import sight_of_facts
from runner.judge.processes import sight_of_process, words_of_process
from runner.model.expectation import InitShows, Own, ProcessFacts, ProcessIs, Selector
from tests.support.kernel_scenes import process, scene, seen, view

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

    sight = sight_of_process(
        ProcessIs(Selector(comm="app"), facts), view(scene(seen(1, process(1, "init"), one)))
    )

    assert sight.holds is (not wrong)
    assert wrong in sight.seen


def test_group_and_session_of_init() -> None:
    """As those of any other process."""
    one = view(scene(seen(1, replace(process(1, "init"), pgid=1, sid=0))))

    assert sight_of_facts(InitShows(ProcessFacts(pgid=Own.OWN, sid=0)), one).holds
    assert not sight_of_facts(InitShows(ProcessFacts(pgid=1, sid=Own.OWN)), one).holds


def test_what_is_expected_is_said() -> None:
    """In the words of the scenario."""
    facts = ProcessFacts(pgid=Own.OWN, sid=0, subreaper=False)

    words = words_of_process(ProcessIs(Selector(comm="app"), facts))

    assert words == "process comm=app with pgid of its own, sid 0, no subreaper"
