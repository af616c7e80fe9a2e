"""The inbox of real time."""

from __future__ import annotations

import threading

import pytest

from runner.engine.contract import Inbox, OutputEnded
from runner.engine.fake_time import FakeClock, FakeInbox
from runner.engine.inbox import RealInbox
from runner.model.engine_facts import InitEnded
from runner.model.observation import Interrupted


@pytest.mark.parametrize("inbox", [RealInbox(), FakeInbox(FakeClock())], ids=["real", "fake"])
def test_what_is_put_into_a_queue_gets_its_containers_name(inbox: Inbox) -> None:
    """An engine need not know it; what is of no one container has none."""
    inbox.queue("app").put(InitEnded(5, 143))
    inbox.queue("db").put(Interrupted(6))

    assert list(inbox.take(0)) == [InitEnded(5, 143, container="app"), Interrupted(6)]


def test_nothing_is_lost_and_nobody_is_kept_from_looking_at_the_time() -> None:
    """However much arrives, so much is given at once, in order."""
    inbox = RealInbox()
    queue = inbox.queue("app")
    for number in range(2_500):
        queue.put(OutputEnded(number, "init"))

    taken = [inbox.take(inbox.now_ns()) for _ in range(4)]

    assert [len(one) for one in taken] == [1_000, 1_000, 500, 0]
    assert [one.at_ns for batch in taken for one in batch] == list(range(2_500))


def test_a_wait_ends_in_time_also_for_a_thread_that_is_kept_from_running() -> None:
    """Others take the interpreter's lock between the beginning of a wait and its end."""
    inbox = RealInbox()
    queue, over = inbox.queue("app"), threading.Event()

    def take() -> None:
        for number in range(400):
            assert inbox.take(inbox.now_ns() + 1_000) == []
            queue.put(OutputEnded(number, "init"))
            assert len(inbox.take(inbox.now_ns())) == 1

    def work() -> None:
        while not over.is_set():
            sum(range(1_000))

    taker = threading.Thread(target=take, daemon=True)
    workers = [threading.Thread(target=work, daemon=True) for _ in range(2)]
    for thread in (*workers, taker):
        thread.start()
    taker.join(60)
    over.set()

    assert not taker.is_alive()
