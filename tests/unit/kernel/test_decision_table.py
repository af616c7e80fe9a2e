"""
What was measured of PID 1 of a container and of a child of it (Linux 6.18): the oracle agrees.

Not here is what no kill(2) can cause: faults, abort(3), reboot(2), alarm(2), writing to a closed
pipe; and what needs an engine.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.oracle import predict
from runner.kernel.pending import Pending, bit
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.kernel.target import Sending, TargetView, ThreadView

_TERM, _RT = bit(Signal.parse("TERM")), bit(Signal.parse("RTMIN+2"))
_STOPPED = ProcessState.STOPPED


def _init(
    *, blocked: int = 0, ignored: int = 0, caught: int = 0, pending: int = 0, stopped: bool = False
) -> TargetView:
    return TargetView(
        leader=ThreadView(1, blocked),
        is_init=True,
        ignored=ignored,
        caught=caught,
        pending=Pending(pending),
        state=_STOPPED if stopped else ProcessState.SLEEPING,
    )


_IN, _OUT = "inside", "ancestor"
_SENT_INSIDE = "HUP INT QUIT ABRT SEGV ALRM TERM TSTP SYS RTMIN RTMAX"
_SENT_OUTSIDE = "TERM HUP INT QUIT USR1 SEGV ABRT ALRM PIPE RTMIN RTMAX"

_DEFAULT = _init()
_AGAIN = _init(blocked=_TERM, caught=_TERM, pending=_TERM)
_RT_AGAIN = _init(blocked=_RT, caught=_RT, pending=_RT)
_ALL_MASKS = _init(blocked=-1, caught=-1, ignored=-1)
_CHILD = TargetView(leader=ThreadView(7), orphaned_group=True)
_TRACED = TargetView(leader=ThreadView(1), is_init=True, traced=True)
_WAITING = TargetView(leader=ThreadView(1, waits_unknown=True), is_init=True)
_SIGNALFD = TargetView(leader=ThreadView(1, _TERM), is_init=True, signalfd=_TERM)
_MAIN_BLOCKS = TargetView(leader=ThreadView(1, _TERM), others=(ThreadView(2),), is_init=True)
_MAIN_BLOCKS_QUIT = replace(_MAIN_BLOCKS, leader=ThreadView(1, bit(Signal.parse("QUIT"))))

_TABLE = [
    ("default, inside", _DEFAULT, _IN, _SENT_INSIDE, "dropped_init", "R5"),
    ("kill, inside", _DEFAULT, _IN, "KILL STOP", "dropped_init", "R5"),
    ("default, ancestor", _DEFAULT, _OUT, _SENT_OUTSIDE, "dropped_init", "R5"),
    ("kill, ancestor", _DEFAULT, _OUT, "KILL", "terminated", "R11"),
    ("stop, ancestor", _DEFAULT, _OUT, "STOP", "stopped", "R10"),
    ("tstp, ancestor", _DEFAULT, _OUT, "TSTP", "dropped_init", "R5"),
    ("cont, inside", _init(stopped=True), _IN, "CONT", "continued", "R2"),
    ("cont, ancestor", _init(stopped=True), _OUT, "CONT", "continued", "R2"),
    ("ignored, inside", _init(ignored=_TERM), _IN, "TERM", "ignored", "R6"),
    ("ignored, ancestor", _init(ignored=_TERM), _OUT, "TERM", "ignored", "R6"),
    ("caught, inside", _init(caught=_TERM), _IN, "TERM", "handler_runs", "R8"),
    ("caught, ancestor", _init(caught=_TERM), _OUT, "TERM", "handler_runs", "R8"),
    ("blocked", _init(blocked=_TERM), _IN, "TERM", "pending", "R3"),
    ("blocked, ignored", _init(blocked=_TERM, ignored=_TERM), _OUT, "TERM", "pending", "R3"),
    ("again", _AGAIN, _IN, "TERM", "pending", "R7"),
    ("real-time again", _RT_AGAIN, _IN, "RTMIN+2", "pending", "R3"),
    ("kill in masks", _ALL_MASKS, _OUT, "KILL", "terminated", "R11"),
    ("while stopped", _init(stopped=True, caught=_TERM), _OUT, "TERM", "pending", "R19"),
    ("kill while stopped", _init(stopped=True), _OUT, "KILL", "terminated", "R19"),
    ("raise", _DEFAULT, _IN, "SEGV", "dropped_init", "R5"),
    ("traced", _TRACED, _IN, "TERM", "dropped_init", "R9"),
    ("host namespace", _CHILD, _OUT, "TERM", "terminated", "R11"),
    ("host namespace, core", _CHILD, _OUT, "SEGV", "core_dumped", "R11"),
    ("a child", _CHILD, _IN, "TERM", "terminated", "R11"),
    ("below tini", _CHILD, _IN, "TERM", "terminated", "R11"),
    ("tini itself", _WAITING, _OUT, "TERM", "consumed", "R3"),
    ("catatonit itself", _SIGNALFD, _OUT, "TERM", "consumed", "R3"),
    ("orphaned group", _CHILD, _IN, "TSTP", "ignored", "R10"),
    ("stopped, default", _init(stopped=True), _OUT, "TERM CHLD TSTP", "dropped_init", "R5"),
    ("stopped, again", _init(stopped=True), _OUT, "STOP", "pending", "R19"),
    ("main thread blocks", _MAIN_BLOCKS, _OUT, "TERM", "terminated", "R11"),
    ("main thread blocks, core", _MAIN_BLOCKS_QUIT, _OUT, "QUIT", "dropped_init", "R9"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "sender", "signals", "outcome", "rule"),
    [row[1:] for row in _TABLE],
    ids=[row[0] for row in _TABLE],
)
def test_what_was_measured(
    target: TargetView, sender: str, signals: str, outcome: str, rule: str
) -> None:
    """Each signal of the row comes to the outcome of the row, by its rule."""
    for word in signals.split():
        sending = Sending(Signal.parse(word), from_ancestor=sender == _OUT, permitted=True)
        said = predict(target, sending)

        assert (said.outcome.value, said.rule.name) == (outcome, rule), word
