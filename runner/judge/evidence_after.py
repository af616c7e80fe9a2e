"""
What there is to say what became of a signal: the signal, its target as it was, and what came after.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from runner.history.process_life import ProcessLife, life_of
from runner.history.processes import KnownProcesses
from runner.kernel.masks import holds
from runner.kernel.prediction import Outcome, Prediction
from runner.kernel.processes import ProcessState
from runner.kernel.signals import DefaultAction, Signal
from runner.kernel.target import KERNEL_ONLY
from runner.model.engine_facts import InitEnded
from runner.model.kernel_facts import KernelFact, Task
from runner.model.observation import ProcessSnapshot, SignalSent
from runner.model.process import Process
from runner.model.verdict import Evidence


@dataclass(frozen=True, slots=True)
class EvidenceAfter:
    """
    What is known of a container since signals were sent, at `now_ns`.

    `kernel_facts` is the kernel's, None where it is not read or has a gap; `snapshot` the last
    snapshot, `ended` the end of init if it has ended. `processes` are all that were ever seen.
    `shares_host`: it has no PID namespace but the machine's. `complete`: nothing that has happened
    by then is still to arrive; until `trace_ns` that is so of the record. `system_calls`: it has
    system calls, too.
    """

    kernel_facts: tuple[KernelFact, ...] | None
    snapshot: ProcessSnapshot | None
    ended: InitEnded | None
    now_ns: int
    processes: KnownProcesses = field(default_factory=KnownProcesses)
    shares_host: bool = False
    complete: bool = False
    trace_ns: int = 0
    system_calls: bool = True

    def life_of(self, task: Task) -> ProcessLife:
        """Follow a process through the record."""
        known = self.processes.of_task(task)
        signalfds = known.signalfds if known is not None else None
        return life_of(
            task.host_pid,
            self.kernel_facts or (),
            signalfds,
            system_calls=self.system_calls,
            known_until_ns=self.trace_ns,
        )


@dataclass(frozen=True, slots=True)
class PredictedSignal:
    """One signal that was accepted, its target as it was, and what was predicted."""

    sent: SignalSent
    target: Process | None
    prediction: Prediction | None

    @property
    def signal(self) -> Signal:
        """The signal."""
        return self.sent.signal

    @property
    def is_init(self) -> bool:
        """Say whether it was sent to the first process of a PID namespace."""
        return self.target is not None and self.target.pid == 1

    @property
    def held_back(self) -> bool:
        """
        Say whether the target could not take it: it is stopped, or every thread blocks it, and
        none is in sigwait(3) for it.
        """
        target = self.target
        if target is None or self.signal in KERNEL_ONLY:
            return False
        if target.state is ProcessState.STOPPED:
            return True
        return holds(target.blocked_by_all, self.signal) and not target.may_wait_for(self.signal)

    @property
    def may_be_waited_for(self) -> bool:
        """Say whether the target may take it without a handler: by sigwait(3) or a signalfd."""
        return self.target is None or may_wait_for(self.target, self.signal)

    @property
    def ignored(self) -> bool:
        """Say whether the target ignored it (SIG_IGN)."""
        masks = self.target.masks if self.target else None
        return masks is not None and holds(masks.ignored, self.signal)

    @property
    def default(self) -> bool:
        """Say whether the target had the default disposition for it, as far as is known."""
        masks = self.target.masks if self.target else None
        chosen = masks is not None and holds(masks.ignored | masks.caught, self.signal)
        return self.signal in KERNEL_ONLY or not chosen


@dataclass(frozen=True, slots=True)
class InferredOutcome:
    """
    What became of it; `outcome` None: not known, or not yet.

    `queued`: the kernel has put it among the pending signals of its target, for however short.
    """

    outcome: Outcome | None
    seen: str
    evidence: Evidence
    at_ns: int
    final: bool = False
    queued: bool = False


def may_wait_for(process: Process, signal: Signal) -> bool:
    """Say whether a process is seen where it may take a signal without a handler."""
    return process.may_wait_for(signal) or holds(process.signalfd, signal)


def ends(signal: Signal) -> bool:
    """Say whether the signal's default action ends a process."""
    return signal.default_action.ends


def end_by(signal: Signal) -> Outcome:
    """Give the outcome of the default action of such a signal."""
    core = signal.default_action is DefaultAction.CORE
    return Outcome.CORE_DUMPED if core else Outcome.TERMINATED
