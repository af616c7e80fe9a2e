"""Where the kernel has recorded a signal of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.history.sent_signals import CLOCKS_APART_NS, SentSignal, generation_of
from runner.model.kernel_facts import Role, SignalGenerated, Task
from runner.model.observation import SignalSent
from runner.model.step import Sender
from tests.support.facts import INIT, MS, PROBE, RUNTIME, WORKER, generated, process, sent, snapshot

BY_PROBE = sent("TERM", pid=7)
BY_ENGINE = sent("TERM", sender=Sender.HOST)
ON_RECORD = generated("TERM", target=WORKER)
OF_ENGINE = generated("TERM", sender=RUNTIME)
NAMELESS = Task(Role.INSIDE, None, 4099, "quick")
GONE = generated("TERM", target=NAMELESS)


@pytest.mark.parametrize(
    ("one", "fact", "found"),
    [
        (BY_PROBE, ON_RECORD, True),
        (BY_PROBE, replace(ON_RECORD, code=-6), True),
        (BY_PROBE, replace(ON_RECORD, code=1), False),
        (BY_PROBE, generated("HUP", target=WORKER), False),
        (BY_PROBE, replace(ON_RECORD, target=INIT), False),
        (BY_PROBE, replace(ON_RECORD, sender=INIT), False),
        (BY_PROBE, replace(ON_RECORD, at_ns=BY_PROBE.at_ns - CLOCKS_APART_NS), True),
        (BY_PROBE, replace(ON_RECORD, at_ns=BY_PROBE.at_ns - CLOCKS_APART_NS - 1), False),
        (BY_ENGINE, OF_ENGINE, True),
        (BY_ENGINE, replace(OF_ENGINE, sender=PROBE), False),
        (BY_ENGINE, replace(OF_ENGINE, target=WORKER), False),
        (BY_PROBE, replace(GONE, at_ns=BY_PROBE.at_ns - MS), True),
        (BY_PROBE, replace(GONE, at_ns=BY_PROBE.at_ns - MS - 1), False),
        (BY_PROBE, replace(GONE, at_ns=BY_PROBE.answered_ns + MS), True),
        (BY_PROBE, replace(GONE, at_ns=BY_PROBE.answered_ns + MS + 1), False),
        (BY_PROBE, replace(GONE, target=replace(NAMELESS, role=Role.HOST)), False),
    ],
)
def test_a_signal_is_known_by_sender_target_and_time(
    one: SignalSent, fact: SignalGenerated, *, found: bool
) -> None:
    """Where the PID of its target is not known, by the time at which the probe was asked."""
    assert generation_of(one, (fact,)) == ((0, fact) if found else None)


def test_each_place_in_the_record_stands_for_one_signal() -> None:
    """The second of two is found behind the first."""
    record = (delivered_to_nobody(), ON_RECORD, ON_RECORD)

    assert generation_of(BY_PROBE, record) == (1, ON_RECORD)
    assert generation_of(BY_PROBE, record, {1}) == (2, ON_RECORD)
    assert generation_of(BY_PROBE, record, {1, 2}) is None


def delivered_to_nobody() -> SignalGenerated:
    """Another signal."""
    return generated("HUP", target=WORKER)


def test_the_first_process_of_a_container_need_not_be_pid_1() -> None:
    """In another's PID namespace it is the oldest of its own; the engine's signals go to it."""
    shared = snapshot(process(1, foreign=True), process(5, started=50), process(6, started=60))

    assert SentSignal(sent("TERM", pid=5), shared).to_init
    assert not SentSignal(sent("TERM", pid=1), shared).to_init
    assert SentSignal(BY_ENGINE, shared).to_init
    assert SentSignal(sent("TERM", pid=1), None).to_init
    assert not SentSignal(sent("TERM", pid=5), None).to_init
    assert SentSignal(sent("TERM", pid=1, sender=Sender.HOST), shared).to_init
