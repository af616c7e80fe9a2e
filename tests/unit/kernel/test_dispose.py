"""A process that changes what it does with a signal: what was pending may be gone."""

from __future__ import annotations

import pytest

from runner.kernel.pending import Pending, bit
from runner.kernel.signals import Signal
from runner.kernel.target import Disposition, TargetView, ThreadView
from tests.support.kernel_sequence import dispose

TERM, CHLD, KILL, RTMIN = (Signal.parse(name) for name in "TERM CHLD KILL RTMIN".split())


def target(*pending: Signal, is_init: bool = False) -> TargetView:
    """A process that blocks everything, with these pending for it and for its thread."""
    queue = Pending()
    for one in pending:
        queue = queue.add(one)
    return TargetView(ThreadView(1, blocked=-1, pending=queue), is_init=is_init, pending=queue)


@pytest.mark.parametrize(
    ("signal", "disposition", "left"),
    [
        (TERM, Disposition.IGNORED, False),
        (TERM, Disposition.DEFAULT, True),
        (TERM, Disposition.CAUGHT, True),
        (CHLD, Disposition.DEFAULT, False),
        (CHLD, Disposition.CAUGHT, True),
        (RTMIN, Disposition.IGNORED, False),
    ],
)
@pytest.mark.parametrize("is_init", [True, False])
def test_what_is_now_ignored_is_no_longer_pending(
    signal: Signal, disposition: Disposition, *, left: bool, is_init: bool
) -> None:
    """By choice or by default, blocked or not, each instance; init is no exception."""
    after = dispose(target(signal, signal, is_init=is_init), bit(signal), disposition)

    assert after.disposition(signal) is disposition
    assert [one.holds(signal) for one in after.queues] == [left, left]


def test_other_signals_stay_as_they_are() -> None:
    """Neither their disposition nor what is pending of them changes; SIGKILL never does."""
    before = target(TERM, RTMIN)

    after = dispose(before, bit(CHLD) | bit(KILL), Disposition.IGNORED)

    assert after.queues == before.queues
    assert after.ignored == bit(CHLD)


def test_the_last_choice_counts() -> None:
    """A signal that was caught and is ignored now is not caught any more."""
    caught = dispose(target(), bit(TERM), Disposition.CAUGHT)

    after = dispose(caught, bit(TERM), Disposition.IGNORED)

    assert (after.caught, after.ignored) == (0, bit(TERM))
