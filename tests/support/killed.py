"""A stop during which init ends and leaves processes, as the kernel trace has it."""

from __future__ import annotations

import dataclasses

from runner.kernel.signals import SIGTERM
from runner.model.engine_facts import EngineSent, InitEnded, StopAnswered
from runner.model.expectation import Bounds, ShutdownWas
from runner.model.kernel_facts import Generation, ProcessExited, Role, SignalGenerated, Task
from runner.model.observation import TraceReached
from tests.support.facts import INIT, MS, RUNTIME, WORKER, generated

OTHER = Task(Role.INSIDE, 8, 4008, "other")
NONE_KILLED = ShutdownWas(killed=Bounds(0, 0))
DIES = (
    EngineSent(1001 * MS, SIGTERM),
    generated("TERM", sender=RUNTIME),
    ProcessExited(1100 * MS, INIT),
)
ENDED = (InitEnded(1110 * MS, 0), StopAnswered(1111 * MS))
KNOWN = TraceReached(1120 * MS)


def teardown(
    target: Task,
    at_ms: float = 1101,
    generation: Generation = Generation.QUEUED,
    *,
    init: Task = INIT,
) -> SignalGenerated:
    """What the kernel sends as init ends: in its name, after its last thread has ended."""
    one = generated("KILL", generation, sender=init, target=target, code=128, at_ms=at_ms)
    return dataclasses.replace(one, after_end=True)


LEFT = (*DIES, teardown(WORKER), *ENDED, KNOWN)
