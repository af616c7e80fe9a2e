"""What was predicted for a signal rests on what was seen before it, and on nothing seen later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner.judge.evaluator import judge
from runner.kernel.masks import SignalMasks
from runner.kernel.pending import bit
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, Signal
from runner.model.observation import ProcessSnapshot, SignalSent, StepBegan
from runner.model.process import Process, ThreadSeen
from runner.model.step import Sender
from tests.support.cases import SETTINGS, case, send

TERM = Signal.parse("TERM")
MS = 1_000_000


def look_at(at_ns: int, *, thread_pending: int = 0) -> ProcessSnapshot:
    """A look that began then, at a process that is not init and has the default for all."""
    masks = SignalMasks(thread_pending=thread_pending)
    one = Process(7, 0, 7, 7, ProcessState.SLEEPING, "app", ("/app",), 0, 0, masks)
    return ProcessSnapshot(at_ns, at_ns, 1, (one,))


def test_a_look_that_arrives_after_the_signal_is_not_one_before_it() -> None:
    """It began before the engine was asked, and read its target when the end was decided."""
    sent = SignalSent(5 * MS, 40 * MS, 0, TERM, pid=1, sender=Sender.HOST, errno="")
    timeline = (
        StepBegan(0, 0),
        look_at(2 * MS),
        sent,
        look_at(4 * MS, thread_pending=bit(SIGKILL)),
    )

    result = judge(case(send("TERM")), timeline, SETTINGS)

    (outcome,) = result.steps[0].signals

    assert outcome.predicted is Outcome.TERMINATED


@pytest.mark.parametrize(
    ("waits_for", "predicted", "confidence"),
    [
        (bit(TERM), Outcome.CONSUMED, Confidence.UP_TO_HANDLER),
        (bit(SIGKILL), Outcome.TERMINATED, Confidence.CERTAIN),
        (None, Outcome.CONSUMED, Confidence.UNKNOWN),
    ],
)
@pytest.mark.parametrize("threads", [0, 1, 2])
def test_what_a_thread_waits_for_decides_what_is_predicted(
    waits_for: int | None, predicted: Outcome, confidence: Confidence, threads: int
) -> None:
    """A signal of the set is taken, any other does what it does; without the set it is a guess."""
    snapshot = look_at(2 * MS)
    seen = tuple(ThreadSeen(7 + n, 0, 0, waits=True, waits_for=waits_for) for n in range(threads))
    one = replace(snapshot.processes[0], waits=True, waits_for=waits_for, threads=seen)
    sent = SignalSent(5 * MS, 6 * MS, 0, TERM, pid=1, sender=Sender.HOST, errno="")

    timeline = (StepBegan(0, 0), replace(snapshot, processes=(one,)), sent)
    (outcome,) = judge(case(send("TERM")), timeline, SETTINGS).steps[0].signals

    assert (outcome.predicted, outcome.confidence) == (predicted, confidence)
