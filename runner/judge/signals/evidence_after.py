"""
What is known of a container after signals were sent to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.history.container_history import ContainerHistory
from runner.history.process_life import ProcessLife
from runner.history.step_span import StepSpan
from runner.model.engine_facts import InitEnded
from runner.model.kernel_facts import KernelFact, Task
from runner.model.observation import ProcessSnapshot
from runner.model.process import Process


@dataclass(frozen=True, slots=True)
class EvidenceAfter:
    """
    What is known of a container since signals were sent, at `now_ns`.

    `history` is all that is known of it. `kernel_facts` is the kernel's since then, None where it
    is not read or has a gap; `snapshot` the last snapshot, `ended` the end of init if it has ended.
    `complete`: nothing that has happened by then is still to arrive.
    """

    history: ContainerHistory
    kernel_facts: tuple[KernelFact, ...] | None
    snapshot: ProcessSnapshot | None
    ended: InitEnded | None
    now_ns: int
    complete: bool = False

    def life_of(self, task: Task) -> ProcessLife:
        """Follow a process through the record."""
        return self.history.life_of(task.host_pid, self.kernel_facts or ())

    def alive(self, pid: int, at_ns: int) -> Process | None:
        """Return a process as seen alive at that time or later; None: it was not, or has ended."""
        if self.snapshot is None or self.snapshot.until_ns < at_ns:
            return None
        found = self.snapshot.process(pid)
        return found if found is not None and found.state.alive else None


def since_acted(history: ContainerHistory, now_ns: int) -> EvidenceAfter:
    """Return what is known by now of what came of the signals that were sent last."""
    seen = history.signal_span or history
    facts = history.kernel_facts if history.traced else None
    complete = history.trace_is_whole
    return EvidenceAfter(history, facts, seen.snapshot, seen.ended, now_ns, complete)


def in_step(history: ContainerHistory, span: StepSpan, last_ns: int) -> EvidenceAfter:
    """Return what is known of a step at its end, in a case whose last fact came at `last_ns`."""
    end_ns = span.closed_ns or (history.trace_ns if span.traced else last_ns)
    facts = span.kernel_facts if span.traced else None
    complete = history.trace_ns >= end_ns
    return EvidenceAfter(history, facts, span.snapshot, span.ended, end_ns, complete)
