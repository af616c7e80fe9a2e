"""Signals, masks and states."""

from __future__ import annotations

import signal as python_signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.kernel.masks import holds, signals_in
from runner.kernel.processes import ProcessState
from runner.kernel.signals import ALL_SIGNALS, DefaultAction, Signal, UnknownSignal


def test_there_are_62_signals_to_send() -> None:
    """1..31 and 34..64, as `kill -l` lists them."""
    assert [int(one) for one in ALL_SIGNALS] == [*range(1, 32), *range(34, 65)]


def test_names_are_those_of_the_machine() -> None:
    """On Linux, Python's own table agrees with ours."""
    names = {int(one): one.name for one in python_signal.Signals}

    differ = {one for one in ALL_SIGNALS if one < 32 and names.get(int(one)) != str(one)}

    # 16 is unknown to some C libraries, and 29 and 6 have two names.
    assert {int(one) for one in differ} <= {6, 16, 17, 29}


@given(st.sampled_from(ALL_SIGNALS), st.sampled_from(["{}", "{} ", "sig", "lower", "number"]))
def test_every_spelling_of_a_signal_is_read(one: Signal, form: str) -> None:
    """Name, short name, lower case and number mean the same signal."""
    spelling: str | int = {
        "sig": str(one).removeprefix("SIG"),
        "lower": str(one).lower(),
        "number": int(one),
    }.get(form, str(one))

    assert Signal.parse(spelling) == one
    assert Signal.parse(str(int(one))) == one


@pytest.mark.parametrize(
    ("spelling", "number"),
    [("RTMIN+3", 37), ("SIGRTMAX-1", 63), ("rtmin", 34), ("IOT", 6), ("CLD", 17), ("POLL", 29)],
)
def test_other_spellings(spelling: str, number: int) -> None:
    """Real-time signals count from glibc's RTMIN, and old names still work."""
    assert int(Signal.parse(spelling)) == number


@pytest.mark.parametrize(
    "spelling", [0, -1, 32, 33, 65, "00", "065", "-9", "SIGTREM", "", "RTMIN+31"]
)
def test_what_is_no_signal_is_refused_with_advice(spelling: str | int) -> None:
    """0 sends nothing, 32 and 33 belong to the C library, 65 does not exist."""
    with pytest.raises(UnknownSignal) as caught:
        Signal.parse(spelling)

    assert caught.value.advice


def test_default_actions_are_those_of_the_manual() -> None:
    """signal(7): the counts of Core, Stop, Cont and Ign; all others are Term."""
    actions = [one.default_action for one in ALL_SIGNALS]

    assert actions.count(DefaultAction.CORE) == 10
    assert actions.count(DefaultAction.STOP) == 4
    assert actions.count(DefaultAction.CONT) == 1
    assert actions.count(DefaultAction.IGN) == 3
    assert actions.count(DefaultAction.TERM) == 44


@given(st.sets(st.sampled_from(ALL_SIGNALS)))
def test_a_mask_has_bit_n_minus_1_for_signal_n(signals: set[Signal]) -> None:
    """proc_pid_status(5); building and reading are inverse."""
    mask = sum(1 << (one - 1) for one in signals)

    assert set(signals_in(mask)) == signals
    assert all(holds(mask, one) == (one in signals) for one in ALL_SIGNALS)


def test_states_are_read_by_their_letters() -> None:
    """A letter of a newer kernel is no reason to fail; a zombie is not alive."""
    assert ProcessState.of("T") is ProcessState.STOPPED
    assert ProcessState.of("P") is ProcessState.OTHER
    assert not ProcessState.ZOMBIE.alive
    assert ProcessState.STOPPED.alive
