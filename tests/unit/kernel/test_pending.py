"""Pending sets."""

from __future__ import annotations

from hypothesis import given

from runner.kernel.pending import Pending, bit
from runner.kernel.signals import SIGTERM, Signal
from tests.support.kernel import SIGNALS, pendings

_RT = Signal(36)


def test_a_standard_signal_waits_once() -> None:
    """Sent twice, it is pending once, and gone when taken (R7)."""
    twice = Pending().add(SIGTERM).add(SIGTERM)

    assert twice == Pending(bit(SIGTERM))
    assert twice.take(SIGTERM) == Pending()


def test_real_time_signals_wait_each() -> None:
    """Sent three times, it is pending three times; /proc shows one bit (R7)."""
    thrice = Pending().add(_RT).add(_RT).add(_RT)

    assert thrice == Pending(bit(_RT), ((_RT, 2),))
    assert [thrice.count(_RT), thrice.take(_RT).count(_RT)] == [3, 2]
    assert thrice.take(_RT).take(_RT) == Pending(bit(_RT))


@given(pendings(), SIGNALS)
def test_what_is_added_can_be_taken(pending: Pending, signal: Signal) -> None:
    """Adding counts one up, except for a standard signal that is there; taking one down."""
    added = pending.add(signal)

    coalesced = signal < 32 and pending.holds(signal)
    assert added.count(signal) == pending.count(signal) + (0 if coalesced else 1)
    assert added.take(signal).count(signal) == added.count(signal) - 1
    assert added.without(bit(signal)).count(signal) == 0
    assert signal in added.signals()
