"""Pending signals that job control takes away again."""

from __future__ import annotations

import pytest

from runner.history.container_history import ContainerHistory
from runner.judge.signals.by_trace import outcome_by_trace
from runner.judge.signals.evidence_after import EvidenceAfter
from runner.judge.signals.predicted_signal import PredictedSignal
from runner.kernel.masks import SignalMasks
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.kernel_facts import Generation, Role, SignalGenerated, Task
from runner.model.observation import ProcessSnapshot, SignalSent
from runner.model.process import Process
from runner.model.step import Sender

MS = 1_000_000
INIT = Task(Role.INIT, 1, 100, "init")
PROBE = Task(Role.PROBE, 7, 107, "probe")


def generated(at_ns: int, signal: Signal) -> SignalGenerated:
    """A signal that was queued."""
    return SignalGenerated(at_ns, signal, Generation.QUEUED, PROBE, INIT, 0, to_process=True)


@pytest.mark.parametrize(("first", "second"), [("CONT", "TSTP"), ("TTIN", "CONT")])
def test_what_job_control_deletes_was_pending_and_not_consumed(first: str, second: str) -> None:
    """No longer seen in the mask, yet nobody has taken it (R2)."""
    signal, other = Signal.parse(first), Signal.parse(second)
    init = Process(1, 0, 1, 1, ProcessState.SLEEPING, "init", ("/init",), 0, 0, SignalMasks(-1), -1)
    sent = SignalSent(MS, MS, 0, signal, pid=1, sender=Sender.INSIDE, errno="")
    after = EvidenceAfter(
        ContainerHistory(),
        kernel_facts=(generated(MS, signal), generated(2 * MS, other)),
        snapshot=ProcessSnapshot(50 * MS, 50 * MS, 1, (init,)),
        ended=None,
        now_ns=60 * MS,
    )

    answer = outcome_by_trace(PredictedSignal(sent, init, None), after, set())

    assert answer.outcome is Outcome.PENDING
    assert answer.seen == f"{signal} queued, and deleted by {other}"
