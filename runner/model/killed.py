"""
Which processes the kernel killed because init ended.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.kernel.signals import SIGKILL, Signal
from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True)
class KilledProcess:
    """
    A process that was killed because init ended.

    `pid` is its number in the PID namespace (None: not known), `argv` its arguments as the last
    snapshot shows them, joined by spaces ("": not seen). `received` says whether it had been sent
    one of the signals that were to end init, and did not ignore it, since the step began; None:
    that is not known, or there was no such signal.
    """

    pid: int | None
    comm: str
    argv: str = ""
    received: bool | None = None

    def __str__(self) -> str:
        """`7 redis-server`."""
        return f"{self.pid or '?'} {self.comm or '?'}"


@dataclass(frozen=True, slots=True)
class KilledWithInit:
    """
    What was left when init ended, and so was killed by the kernel (R14, pid_namespaces(7)).

    No `processes`: none was left. `signals` are those that the step has sent to end init;
    `escalated` says that the engine has sent SIGKILL after them. `evidence` is `KERNEL` where the
    kernel trace has it; else it is what snapshots make probable.
    """

    processes: tuple[KilledProcess, ...]
    signals: tuple[Signal, ...] = ()
    escalated: bool = False
    evidence: Evidence = Evidence.KERNEL

    @property
    def as_expected(self) -> bool:
        """Whether init was ended by SIGKILL, which leaves no process the time to end by itself."""
        return self.escalated or SIGKILL in self.signals
