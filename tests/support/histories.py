"""Histories made by hand: processes, signals that were sent, and the kernel trace."""

from __future__ import annotations

from runner.history.container_history import ContainerHistory
from runner.history.fold import before_step, with_fact
from runner.judge.condition import CheckContext
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    Role,
    SignalDelivered,
    SignalGenerated,
    Task,
    TraceOpened,
)
from runner.model.observation import Observation, ProcessSnapshot, SignalSent, StepBegan
from runner.model.process import Process, SignalMasks
from runner.model.step import Sender

MS = 1_000_000
INIT = Task(Role.INIT, 1, 1001, "init")
KID = Task(Role.INSIDE, 7, 1007, "kid")
PROBE = Task(Role.PROBE, 5, 1005, "probe")
OUTSIDE = Task(Role.HOST, None, 900, "dockerd")
OPENED = TraceOpened(0, INIT.host_pid)


def process(pid: int, comm: str, *, caught: int = 0, alive: bool = True) -> Process:
    """Give a child of init, or init, in a process group of its own."""
    state = ProcessState.SLEEPING if alive else ProcessState.ZOMBIE
    masks = SignalMasks(pending=0, thread_pending=0, blocked=0, ignored=0, caught=caught)
    parent = 0 if pid == 1 else 1
    return Process(pid, parent, pid, 1, state, comm, (comm,), 0, 100 + pid, masks)


def seen(at_ms: int, *processes: Process) -> ProcessSnapshot:
    """Give a snapshot."""
    return ProcessSnapshot(at_ms * MS, at_ms * MS, 1, processes)


def sent(at_ms: int, signal: Signal, pid: int = 1, sender: Sender = Sender.INSIDE) -> SignalSent:
    """Give a signal of step 0 that was accepted at once."""
    return SignalSent(at_ms * MS, at_ms * MS, 0, signal, pid, sender, errno="")


def generated(
    at_ms: int,
    signal: Signal,
    *,
    by: Task = PROBE,
    to: Task = INIT,
    generation: Generation = Generation.QUEUED,
    code: int = 0,
) -> SignalGenerated:
    """Give the kernel's word for a signal that was sent."""
    return SignalGenerated(at_ms * MS, signal, generation, by, to, code, to_process=True)


def delivered(
    at_ms: int, signal: Signal, task: Task = INIT, delivery: Delivery = Delivery.HANDLER
) -> SignalDelivered:
    """Give the kernel's word for a signal that was taken."""
    return SignalDelivered(at_ms * MS, signal, task, delivery)


def history(*facts: Observation) -> ContainerHistory:
    """Fold facts into a history in which step 0, which sends signals, began at 1 ms."""
    one = before_step(ContainerHistory(), StepBegan(MS, 0), acts=True, sends=True)
    for fact in facts:
        one = with_fact(one, fact)
    return one


def context(one: ContainerHistory, now_ms: int = 1000) -> CheckContext:
    """Look at it at a time."""
    return CheckContext(one, 0, 0, now_ms * MS, of_step=True)
