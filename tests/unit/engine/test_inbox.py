"""The inbox of real time."""

from __future__ import annotations

from runner.engine.contract import OutputEnded
from runner.engine.inbox import RealInbox


def test_nothing_is_lost_and_nobody_is_kept_from_looking_at_the_time() -> None:
    """However much arrives, so much is given at once, in order."""
    inbox = RealInbox()
    slot = inbox.slot("app")
    for number in range(2_500):
        slot.put(OutputEnded(number, "init"))

    taken = [inbox.take(inbox.now_ns()) for _ in range(4)]

    assert [len(one) for one in taken] == [1_000, 1_000, 500, 0]
    assert [one.arrival.at_ns for batch in taken for one in batch] == list(range(2_500))
