"""Short words for facts, looks and the kernel trace."""

from __future__ import annotations

from runner.kernel.masks import SignalMasks
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    ParentNotified,
    Role,
    SignalDelivered,
    SignalGenerated,
    Task,
)
from runner.model.observation import ProcessSnapshot, SignalSent
from runner.model.process import Process
from runner.model.step import Sender

MS = 1_000_000
SENT_NS = 1_000 * MS

INIT = Task(Role.INIT, 1, 4001, "init")
WORKER = Task(Role.INSIDE, 7, 4007, "worker")
PROBE = Task(Role.PROBE, 9, 4009, "probe")
RUNTIME = Task(Role.HOST, None, 4100, "runc")


def mask(*names: str) -> int:
    """A mask of signals by name."""
    return sum(1 << (Signal.parse(name) - 1) for name in names)


def process(
    pid: int = 1,
    *,
    caught: tuple[str, ...] = (),
    ignored: tuple[str, ...] = (),
    blocked: tuple[str, ...] = (),
    pending: tuple[str, ...] = (),
    **others: object,
) -> Process:
    """A process: PID 1 if not said otherwise, asleep, everything default."""
    masks = SignalMasks(
        blocked=mask(*blocked), ignored=mask(*ignored), caught=mask(*caught), pending=mask(*pending)
    )
    facts: dict[str, object] = {
        "pid": pid,
        "ppid": 0 if pid == 1 else 1,
        "pgid": pid,
        "sid": pid,
        "state": ProcessState.SLEEPING,
        "comm": "init" if pid == 1 else "worker",
        "argv": (),
        "uid": 0,
        "started": pid,
        "masks": masks,
        "blocked_by_all": masks.blocked,
        "pending_anywhere": masks.pending,
        **others,
    }
    return Process(**facts)  # type: ignore[arg-type]


def snapshot(*processes: Process, at_ms: int = 990, until_ms: int | None = None) -> ProcessSnapshot:
    """A look, right before the signal if not said otherwise."""
    until_ns = (at_ms if until_ms is None else until_ms) * MS
    return ProcessSnapshot(at_ms * MS, until_ns, 1, processes)


def sent(
    name: str, *, pid: int = 1, sender: Sender = Sender.INSIDE, errno: str = "", at_ms: int = 1000
) -> SignalSent:
    """A signal of the first step."""
    at_ns = at_ms * MS
    return SignalSent(at_ns, at_ns + MS, 0, Signal.parse(name), pid, sender, errno)


def generated(
    name: str,
    generation: Generation = Generation.QUEUED,
    *,
    sender: Task = PROBE,
    target: Task = INIT,
    code: int = 0,
    at_ms: float = 1000.1,
) -> SignalGenerated:
    """What the kernel did with it."""
    return SignalGenerated(
        round(at_ms * MS), Signal.parse(name), generation, sender, target, code, to_process=True
    )


def delivered(
    name: str, delivery: Delivery = Delivery.HANDLER, *, task: Task = INIT, at_ms: float = 1000.2
) -> SignalDelivered:
    """What it met."""
    return SignalDelivered(round(at_ms * MS), Signal.parse(name), task, delivery)


def told(
    child: Task, how: ChildStatus, *, parent: Task = RUNTIME, at_ms: float = 1000.4
) -> ParentNotified:
    """What a parent is told."""
    return ParentNotified(round(at_ms * MS), child, parent, how)
