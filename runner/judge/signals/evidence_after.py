"""
What is known of a container after signals were sent to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from runner.history.container_history import ContainerHistory
from runner.history.process_life import ProcessLife, life_of
from runner.history.processes import KnownProcesses
from runner.history.step_span import StepSpan
from runner.model.engine_facts import InitEnded
from runner.model.kernel_facts import KernelFact, Task
from runner.model.observation import ProcessSnapshot


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


def since_acted(history: ContainerHistory, now_ns: int) -> EvidenceAfter:
    """Return what is known by now of what came of the signals that were sent last."""
    span = history.signal_span
    facts = history.kernel_facts if history.traced else None
    return _evidence(history, span, facts, now_ns, complete=history.trace_is_whole)


def in_step(history: ContainerHistory, span: StepSpan, last_ns: int) -> EvidenceAfter:
    """Return what is known of a step at its end, in a case whose last fact came at `last_ns`."""
    end_ns = span.closed_ns or (history.trace_ns if span.traced else last_ns)
    facts = span.kernel_facts if span.traced else None
    return _evidence(history, span, facts, end_ns, complete=history.trace_ns >= end_ns)


def _evidence(
    history: ContainerHistory,
    span: StepSpan | None,
    kernel_facts: tuple[KernelFact, ...] | None,
    now_ns: int,
    *,
    complete: bool,
) -> EvidenceAfter:
    return EvidenceAfter(
        kernel_facts,
        snapshot=history.snapshot if span is None else span.snapshot,
        ended=history.ended if span is None else span.ended,
        now_ns=now_ns,
        processes=history.processes,
        shares_host=history.shares_host,
        complete=complete,
        trace_ns=history.trace_ns,
        system_calls=history.system_calls,
    )
