"""What was foretold of a signal rests on what was seen before it, and on nothing seen later."""

from __future__ import annotations

from runner.judge.referee import judge
from runner.kernel.masks import SignalMasks
from runner.kernel.pending import bit
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, Signal
from runner.model.observation import ProcessesSeen, SignalSent, StepBegan
from runner.model.process import Process
from runner.model.step import Sender
from tests.support.cases import SETTINGS, case, send

TERM = Signal.parse("TERM")
MS = 1_000_000


def look_at(at_ns: int, *, thread_pending: int = 0) -> ProcessesSeen:
    """A look that began then, at a process that is not init and has the default for all."""
    masks = SignalMasks(thread_pending=thread_pending)
    one = Process(7, 0, 7, 7, ProcessState.SLEEPING, "app", ("/app",), 0, 0, masks)
    return ProcessesSeen(at_ns, at_ns, 1, (one,))


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

    (fate,) = result.steps[0].signals

    assert fate.predicted is Outcome.TERMINATED
