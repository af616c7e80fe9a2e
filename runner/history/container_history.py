"""
What is known of one container at one point of a timeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from runner.history.how_ended import how_ended
from runner.history.process_life import ProcessLife, life_of
from runner.history.processes import KnownProcesses
from runner.history.sent_signals import SentSignal
from runner.history.step_span import AskToEnd, StepSpan
from runner.kernel.signals import Signal
from runner.model.engine_facts import (
    ContainerStarted,
    EngineSent,
    FinalState,
    HealthReported,
    InitEnded,
    InitRestarted,
    NeverStarted,
    OutOfMemory,
    Paused,
)
from runner.model.kernel_facts import (
    KernelFact,
    ParentNotified,
    ProcessExited,
    SignalGenerated,
    TraceLost,
    TraceOpened,
)
from runner.model.observation import (
    ExecEnded,
    ExecStarted,
    LineTooLong,
    LogMatched,
    ProcessSnapshot,
    Way,
)
from runner.model.process import Process

NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class ContainerHistory:
    """
    The present state of one container. None where nothing is known yet.

    `may_restart`: the engine may start init again by itself. `shares_host`: it has no PID namespace
    but the machine's. `snapshot` is the last snapshot of the processes and `earlier_snapshot` the
    one before the current step acted; `snapshots` are the last few. `init_still_since_ns` is since
    when init's name, arguments and masks are unchanged; `zombies` says since when those of the last
    snapshot are zombies, by PID and start time. `spans` are the steps that have acted, the last one
    is under way. `processes` are all that were ever seen. `ended` is the end of the present init,
    `last_end` that of any before it too; `restarted` says when init was started again, and how
    often the restart policy has done that. `trace` says that the kernel trace of the present init
    is read, `trace_lost` that it has a gap, `system_calls` that it has system calls, too; of all
    that happened before `trace_ns` it is whole; `kernel_fact_ns` is when the last fact of it
    happened. `init_exited` is what it says of the end of init, and `init_notified` that it was
    stopped or continued last; `omitted_ns` is when births and ends of processes were last too many
    to be kept. `engine_ns` is when the engine was last asked something that it answered. `late` are
    the ways on which the step under way waits for facts no longer. `unreported` are signals of ours
    which the engine has not reported yet. `by_others` is the first thing that was done to the
    container from outside of it, and that the case has not asked for. `early_kernel_facts` are
    those before the first step that acted. `final_state` is the engine's word at the end of the
    case.
    """

    may_restart: bool = False
    shares_host: bool = False
    started: ContainerStarted | None = None
    never_started: NeverStarted | None = None
    ended: InitEnded | None = None
    last_end: InitEnded | None = None
    restarted: InitRestarted | None = None
    probe_closed_ns: int | None = None
    snapshot: ProcessSnapshot | None = None
    earlier_snapshot: ProcessSnapshot | None = None
    init_still_since_ns: int = NEVER
    snapshots: tuple[ProcessSnapshot, ...] = ()
    zombies: Mapping[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    spans: tuple[StepSpan, ...] = ()
    processes: KnownProcesses = field(default_factory=KnownProcesses)
    unreported: tuple[Signal, ...] = ()
    by_others: EngineSent | Paused | SignalGenerated | None = None
    early_kernel_facts: tuple[KernelFact, ...] = ()
    stop_answered: bool = True
    matches: tuple[LogMatched, ...] = ()
    too_long: tuple[LineTooLong, ...] = ()
    logs_ended: bool = False
    exec_started: ExecStarted | None = None
    exec_ended: ExecEnded | None = None
    paused: Paused | None = None
    out_of_memory: OutOfMemory | None = None
    health: HealthReported | None = None
    trace: TraceOpened | None = None
    trace_lost: TraceLost | None = None
    system_calls: bool = True
    trace_ns: int = NEVER
    kernel_fact_ns: int = NEVER
    engine_ns: int = NEVER
    late: frozenset[Way] = frozenset()
    omitted_ns: int = NEVER
    init_exited: ProcessExited | None = None
    init_notified: ParentNotified | None = None
    final_state: FinalState | None = None

    @property
    def span(self) -> StepSpan | None:
        """The step that acted last."""
        return self.spans[-1] if self.spans else None

    @property
    def signal_span(self) -> StepSpan | None:
        """The last step whose business are signals."""
        return next((one for one in reversed(self.spans) if one.sends), None)

    @property
    def sent(self) -> tuple[SentSignal, ...]:
        """The signals of that step."""
        span = self.signal_span
        return span.sent if span is not None else ()

    @property
    def traced(self) -> bool:
        """Whether the kernel trace since that step began is read, without a gap."""
        span = self.signal_span or self.span
        if span is None:
            return self.trace is not None and self.trace_lost is None
        return span.traced

    @property
    def traced_from_birth(self) -> bool:
        """Whether the kernel trace of the present init has all of its life."""
        start = self.restarted or self.started
        if self.trace is None or self.trace_lost is not None or start is None:
            return False
        return self.trace.at_ns <= start.at_ns

    @property
    def kernel_facts(self) -> tuple[KernelFact, ...]:
        """The kernel trace since that step began, or since the first one that acted."""
        since = self.signal_span or next(iter(self.spans), None)
        return self.kernel_facts_since(since) if since is not None else ()

    @property
    def all_kernel_facts(self) -> tuple[KernelFact, ...]:
        """The kernel trace since the container was started."""
        later = (fact for one in self.spans for fact in one.kernel_facts)
        return (*self.early_kernel_facts, *later)

    @property
    def misses_births(self) -> bool:
        """Whether births and ends of processes since that step began were too many to be kept."""
        since = self.signal_span or next(iter(self.spans), None)
        since_ns = since.began_ns if since is not None else 0
        return self.processes.births_lost or self.omitted_ns >= since_ns

    def kernel_facts_since(self, span: StepSpan) -> tuple[KernelFact, ...]:
        """Return the kernel trace since a step began."""
        if span is self.span:
            return span.kernel_facts
        later = self.spans[self.spans.index(span) :]
        return tuple(fact for one in later for fact in one.kernel_facts)

    def life_of(self, host_pid: int, record: Sequence[KernelFact]) -> ProcessLife:
        """Follow a process, by its PID on the machine, through a part of the record."""
        known = self.processes.of_host(host_pid)
        return life_of(
            host_pid,
            record,
            known.signalfds if known is not None else None,
            system_calls=self.system_calls,
            known_until_ns=self.trace_ns,
        )

    def span_of(self, ask: AskToEnd) -> StepSpan | None:
        """Find the step that has asked init to end."""
        return next((one for one in reversed(self.spans) if one.step == ask.step), None)

    @property
    def ask_to_end(self) -> AskToEnd | None:
        """The last stop, restart, or signal to init, which may have ended it."""
        asks = (span.ask_to_end for span in reversed(self.spans))
        return next((ask for ask in asks if ask is not None), None)

    @property
    def can_be_looked_at(self) -> bool:
        """Whether a probe could look at the processes: while paused it is frozen, too."""
        return self.init_running and self.paused is None

    def zombie_since_ns(self, process: Process) -> int:
        """Since when a process of the last snapshot has been a zombie, as far as was seen."""
        snapshot_ns = self.snapshot.until_ns if self.snapshot is not None else 0
        return self.zombies.get((process.pid, process.started), snapshot_ns)

    @property
    def trace_is_whole(self) -> bool:
        """
        Whether nothing more can come of the record of an init that is gone.

        The engine's report of an end comes by another way than the record, and often sooner.
        """
        gone = self.ended or self.never_started
        return gone is not None and self.gone_for_good and self.trace_ns >= gone.at_ns

    @property
    def init_running(self) -> bool:
        """Whether init was started and has not ended."""
        return self.started is not None and self.ended is None

    @property
    def gone_for_good(self) -> bool:
        """Whether init never started, or has ended and will not be restarted."""
        ended_for_good = self.ended is not None and not self.may_restart
        return self.never_started is not None or ended_for_good

    @property
    def why_gone(self) -> str:
        """How init ended, or that and why it never started; "" while it runs."""
        if self.never_started is not None:
            return f"init never started: {self.never_started.reason}"
        return how_ended(self.ended) if self.ended is not None else ""

    @property
    def end_ns(self) -> int | None:
        """
        When init ended, as near as can be told; None while it runs.
        """
        if self.ended is not None and self.init_exited is not None:
            return self.init_exited.at_ns
        return self._end_ns(self.ended)

    @property
    def gone_ns(self) -> int | None:
        """When init ended or could not be started; None while it may still run."""
        return self.never_started.at_ns if self.never_started is not None else self.end_ns

    @property
    def asked_end_ns(self) -> int | None:
        """When the end came that was asked for last, whether init was restarted or not."""
        end_ns = self._end_ns(self.last_end)
        return end_ns if end_ns is not None and end_ns >= self._asked_ns else None

    @property
    def _asked_ns(self) -> int:
        return self.ask_to_end.at_ns if self.ask_to_end is not None else NEVER

    def _end_ns(self, ended: InitEnded | None) -> int | None:
        # The probe's stream ends with init's namespace, some milliseconds before the engine's
        # report arrives.
        if ended is None:
            return None
        closed_ns = self.probe_closed_ns
        if closed_ns is not None and self._asked_ns <= closed_ns <= ended.at_ns:
            return closed_ns
        return ended.at_ns
