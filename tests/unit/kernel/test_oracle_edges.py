"""The oracle where two rules meet: what decides, and what makes no difference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.kernel.masks import SignalMasks
from runner.kernel.oracle import predict
from runner.kernel.pending import Pending, bit
from runner.kernel.prediction import SideEffect
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGRTMIN, SIGTERM, Signal
from runner.kernel.target import SIGCONT, Freezer, Sending, TargetView, ThreadView

APP = TargetView(leader=ThreadView(1), orphaned_group=False)
_USR1, _CHLD, _TSTP = (Signal.parse(name) for name in "USR1 CHLD TSTP".split())
_TERM = bit(SIGTERM)


def said(target: TargetView, signal: Signal) -> tuple[str, str, str]:
    """Give outcome, rule and confidence of a signal from inside, in words."""
    prediction = predict(target, Sending(signal, from_ancestor=False, permitted=True))
    return prediction.outcome.value, prediction.rule.name, prediction.confidence.value


def test_a_process_of_which_nothing_was_read_has_empty_masks() -> None:
    """It blocks, ignores and catches nothing, and nothing is pending."""
    assert SignalMasks() == SignalMasks(0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("signal", "deletes"),
    [(SIGTERM, []), (_TSTP, [SideEffect.DELETES_CONT]), (_CHLD, [])],
)
def test_only_a_stop_signal_deletes_a_pending_sigcont(
    signal: Signal, deletes: list[SideEffect]
) -> None:
    """Others leave it where it is (R2)."""
    target = replace(APP, leader=ThreadView(1, blocked=-1), pending=Pending(bit(SIGCONT)))

    prediction = predict(target, Sending(signal, from_ancestor=False, permitted=True))

    assert [one for one in prediction.side_effects if one is SideEffect.DELETES_CONT] == deletes


@pytest.mark.parametrize(
    ("number", "rule"), [(31, "R7"), (SIGRTMIN, "R3"), (SIGRTMIN + 1, "R3"), (64, "R3")]
)
def test_only_a_standard_signal_is_lost_where_one_is_pending(number: int, rule: str) -> None:
    """SIGRTMIN is the first one that waits as often as it is sent (R7)."""
    signal = Signal(number)
    target = replace(APP, leader=ThreadView(1, blocked=-1), pending=Pending(bit(signal)))

    assert said(target, signal) == ("pending", rule, "certain")
    twice = Pending().add(signal).add(signal)
    assert twice.count(signal) == (1 if rule == "R7" else 2)


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        (APP, "terminated"),
        (replace(APP, caught=_TERM), "pending"),
        (replace(APP, traced=True), "pending"),
        (replace(APP, is_init=True, leader=ThreadView(1, waits_for=_TERM)), "pending"),
        (replace(APP, leader=ThreadView(1, waits_unknown=True)), "pending"),
        (replace(APP, leader=ThreadView(1, waits_for=_TERM)), "pending"),
        (replace(APP, others=(ThreadView(2, waits_unknown=True),)), "pending"),
    ],
    ids=["default", "caught", "debugged", "init", "may-wait", "waits", "one-of-two"],
)
def test_a_frozen_process_ends_only_where_nothing_else_may_take_the_signal(
    target: TargetView, outcome: str
) -> None:
    """complete_signal() ends it when the signal is sent; all else is after the thaw (R19)."""
    assert said(replace(target, freezer=Freezer.V2), SIGTERM)[:2] == (outcome, "R19")


def test_a_process_that_its_tracer_has_stopped_is_debugged() -> None:
    """What it ignores is queued all the same: the tracer is to see it (R4)."""
    traced = replace(APP, state=ProcessState.TRACED)

    assert said(traced, _CHLD) == ("pending", "R4", "certain")
    assert said(replace(traced, ignored=_TERM), SIGTERM) == ("pending", "R4", "certain")
    assert said(replace(traced, ignored=_TERM), SIGKILL)[0] == "terminated"


def test_what_is_waited_for_is_taken_though_it_is_ignored() -> None:
    """The kernel asks for the mask from before sigwait(3), in which it is blocked (R3)."""
    waits = replace(APP, leader=ThreadView(1, waits_for=_TERM), ignored=_TERM)

    assert said(waits, SIGTERM) == ("consumed", "R3", "up_to_handler")
    assert said(replace(waits, leader=ThreadView(1)), SIGTERM)[0] == "ignored"


def test_what_a_stopped_process_ignores_is_dropped_though_it_may_wait_for_it() -> None:
    """Whoever waits for a signal does not ignore it: that is likelier, and not sure (R6)."""
    waits = ThreadView(1, waits_unknown=True)
    stopped = replace(APP, leader=waits, state=ProcessState.STOPPED, ignored=_TERM)

    assert said(stopped, SIGTERM) == ("ignored", "R6", "unknown")
    assert said(replace(stopped, ignored=0), SIGTERM)[0] == "pending"
    assert said(stopped, _USR1)[0] == "pending"
