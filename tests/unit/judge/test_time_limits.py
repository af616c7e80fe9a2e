"""Expectations that time alone makes true, without another fact."""

from __future__ import annotations

import dataclasses

from runner.history.container_history import ContainerHistory
from runner.history.fold import before_step, with_fact
from runner.judge.expectation_timer import ExpectationTimer
from runner.kernel.masks import SignalMasks
from runner.kernel.pending import bit
from runner.kernel.prediction import Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.engine_facts import ContainerStarted
from runner.model.expectation import Expectation, OutcomeWas
from runner.model.kernel_facts import Generation, Role, SignalGenerated, Task, TraceOpened
from runner.model.observation import ProcessSnapshot, SignalSent, StepActed, StepBegan
from runner.model.process import Process
from runner.model.step import Sender
from runner.model.verdict import Undecided

TERM = Signal.parse("TERM")
MS = 1_000_000


def history_of_a_blocked_signal() -> ContainerHistory:
    """A signal that init blocks, at 1 ms, and a snapshot too soon after it to tell."""
    masks = SignalMasks(blocked=bit(TERM))
    init = Process(
        1, 0, 1, 1, ProcessState.SLEEPING, "init", ("/init",), 0, 0, masks, masks.blocked
    )
    task = Task(Role.INIT, 1, 100, "init")
    probe = Task(Role.PROBE, 7, 107, "probe")
    history = before_step(ContainerHistory(), StepBegan(0, 0), acts=True, sends=True)
    for fact in (
        ContainerStarted(0),
        TraceOpened(0, 100),
        ProcessSnapshot(0, 0, 1, (init,)),
        SignalSent(MS, MS, 0, TERM, pid=1, sender=Sender.INSIDE, errno=""),
        SignalGenerated(MS, TERM, Generation.QUEUED, probe, task, 0, to_process=True),
        StepActed(MS, 0),
        ProcessSnapshot(2 * MS, 2 * MS, 1, (init,)),
    ):
        history = with_fact(history, fact)
    return history


def test_what_time_has_made_true_is_looked_at_and_decided() -> None:
    """A signal that stays queued is pending after a while: decided by the next snapshot."""
    history = history_of_a_blocked_signal()
    watch = ExpectationTimer(
        Expectation((OutcomeWas(Outcome.PENDING),)),
        0.01,
        0,
        began_ns=0,
        acted_ns=MS,
        of_step=True,
        may_take_snapshots=True,
    ).after(history, 2 * MS)

    early, late = watch.decide(history, 10 * MS), watch.decide(history, 12 * MS)

    assert watch.true_since_ns is None
    assert isinstance(early, Undecided)
    assert early.snapshot_ns == 11 * MS
    assert isinstance(late, Undecided)
    assert late.snapshot_ns == 11 * MS
    (*_, before) = history.snapshots
    (init,) = before.processes
    queued = dataclasses.replace(init, pending_anywhere=bit(TERM))
    seen = with_fact(history, ProcessSnapshot(12 * MS, 12 * MS, 1, (queued,)))
    assert watch.after(seen, 12 * MS).true_since_ns == MS
