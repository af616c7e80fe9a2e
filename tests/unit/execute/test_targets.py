"""The numbers that kill(2) needs, from a snapshot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.errors import StepError
from runner.execute.targets import pids_for_kill
from runner.model.expectation import Selector
from runner.model.step import Addressee, GroupOf
from tests.support.facts import process, snapshot

APP = Selector(comm="worker")
WORKERS = [
    replace(process(7), pgid=7),
    replace(process(8), pgid=7),
    replace(process(9), pgid=9),
]


def test_each_selected_process_gets_the_signal_by_its_pid() -> None:
    """And no other."""
    seen = snapshot(process(), *WORKERS, replace(process(10), comm="other"))

    assert pids_for_kill(seen, APP) == [7, 8, 9]


def test_each_process_group_of_those_selected_gets_the_signal_once() -> None:
    """kill(2) takes a group as its negation; two processes of one group are no two signals."""
    seen = snapshot(process(), *WORKERS, replace(process(10), comm="other", pgid=10))

    assert pids_for_kill(seen, GroupOf(APP)) == [-7, -9]


def test_the_process_group_of_init_may_be_another_than_its_pid() -> None:
    """Where it shares a PID namespace, say."""
    assert pids_for_kill(snapshot(replace(process(), pgid=5)), Addressee.GROUP) == [-5]


UNNAMED = {
    "of init": (Addressee.GROUP, snapshot(process()), "process group of init: its number is 1"),
    "of a child in init's group": (
        GroupOf(APP),
        snapshot(process(), WORKERS[0], replace(process(8), pgid=1)),
        "process group of process comm=worker: its number is 1, and -1 means all",
    ),
    "of another PID namespace": (
        GroupOf(APP),
        snapshot(process(), replace(process(8), pgid=0)),
        "its number is 0, and -0 means the group of the sender",
    ),
    "of nobody": (GroupOf(APP), snapshot(process()), "there is no process comm=worker"),
    "nobody": (APP, snapshot(process()), "there is no process comm=worker"),
}


@pytest.mark.parametrize("name", UNNAMED)
def test_what_kill_cannot_name_is_no_target(name: str) -> None:
    """Groups 0 and 1 mean others than their members; and what is not there has no number."""
    to, seen, why = UNNAMED[name]

    with pytest.raises(StepError, match=why):
        pids_for_kill(seen, to)
