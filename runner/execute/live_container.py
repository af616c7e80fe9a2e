"""
One container while its case is played: what is known of its streams, and what arrives of it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from runner.engine.contract import (
    Container,
    EndReported,
    EngineEvent,
    EngineGone,
    HealthChanged,
    KernelCaughtUp,
    KernelSaid,
    OomReported,
    Output,
    OutputEnded,
    PauseReported,
    RunInterrupted,
    SignalReported,
    StartReported,
    StopReturned,
)
from runner.errors import EngineError, EngineUnreachable
from runner.execute.exec_run import ExecRun
from runner.execute.probe_line import ProbeLine
from runner.model.engine_facts import (
    EngineLost,
    EngineSent,
    HealthReported,
    InitEnded,
    InitRestarted,
    OutOfMemory,
    Paused,
    StopAnswered,
    Unpaused,
)
from runner.model.expectation import Pattern
from runner.model.kernel_facts import KernelFact
from runner.model.observation import (
    Interrupted,
    LogsEnded,
    Observation,
    ProbeClosed,
    ProcessReparented,
    ProcessSnapshot,
    TraceReached,
)
from runner.observe.kernel_noise import as_seen_from
from runner.observe.output import OutputDecoder

_Reported = (
    SignalReported
    | EndReported
    | HealthChanged
    | PauseReported
    | OomReported
    | StopReturned
    | EngineGone
    | RunInterrupted
)


class LiveContainer:
    """
    A container of the case by its `name` in the scenario; `container` is the engine's.

    `host_pid` is that of its init on the engine's machine, where the kernel trace is read;
    `trace_ns` is until when that is known, `trace_asked_ns` since when more of it is waited for;
    `execs` are the exec'd programs by their `source`; `probe` is the line to the probe, once one
    was opened; `output_ended` says that init will write no more; `starts` counts how often the
    engine has reported a start of init.
    """

    def __init__(self, name: str, container: Container, patterns: Sequence[Pattern]) -> None:
        self.name = name
        self.container = container
        self.probe: ProbeLine | None = None
        self.execs: dict[str, ExecRun] = {}
        self.output_ended = False
        self.host_pid: int | None = None
        self.trace_ns = 0
        self.trace_asked_ns: int | None = None
        self._parents: dict[tuple[int, int], int] = {}
        self.starts = 0
        self._ends = 0
        self._sources = ["init"]
        self._output = OutputDecoder(patterns, name)

    @property
    def has_ended(self) -> bool:
        """Say whether the engine has reported the end of each init that it has started."""
        return 0 < self.starts == self._ends

    def start_step(self) -> None:
        """Report matches of patterns afresh: a step has acted."""
        self._output.start_step()

    def settle(self) -> Iterator[Observation]:
        """Give what is found in output that is not complete, now that no more of it is here."""
        yield from self._output.settle()

    def observations(self, event: EngineEvent) -> Iterator[Observation]:
        """Give what an arrival says."""
        match event:
            case Output():
                yield from self._hear(event)
            case OutputEnded(at_ns=at_ns, source=source):
                yield from self._hear_end(at_ns, source)
            case StartReported(at_ns=at_ns):
                yield from self._hear_start(at_ns)
            case EndReported():
                self._ends += 1
                yield _fact_of(event, self.name)
            case KernelSaid(at_ns=at_ns, fact=fact):
                yield from self._hear_kernel(at_ns, fact)
            case KernelCaughtUp(at_ns=at_ns):
                self.trace_asked_ns = None
                self.trace_ns = max(self.trace_ns, at_ns)
                yield TraceReached(at_ns, container=self.name)
            case _:
                yield _fact_of(event, self.name)

    def _hear_kernel(self, at_ns: int, fact: KernelFact) -> Iterator[Observation]:
        probe_pid = self.probe.pid if self.probe is not None else None
        own = as_seen_from(fact, probe_pid=probe_pid)
        if own is not None:
            yield dataclasses.replace(own, at_ns=at_ns, container=self.name)

    def _hear_start(self, at_ns: int) -> Iterator[Observation]:
        self.starts += 1
        if self.starts == 1:
            return  # the one that the runner has asked for itself
        self.probe = None
        self.output_ended = False
        self._sources.append(self.container.follow_output_again())
        count = self.container.inspect().restart_count
        yield InitRestarted(at_ns, count, container=self.name)

    def _hear(self, output: Output) -> Iterator[Observation]:
        if output.source in self._sources:
            yield from self._output.feed(output)
        elif self.probe is not None and output.source == self.probe.source:
            for observation in self.probe.hear(output):
                yield observation
                if isinstance(observation, ProcessSnapshot):
                    yield from self._reparented(observation)
        elif output.source in self.execs:
            self.execs[output.source].hear(output)

    def _reparented(self, snapshot: ProcessSnapshot) -> Iterator[ProcessReparented]:
        parents = {(one.pid, one.started): one.ppid for one in snapshot.processes}
        for one in snapshot.processes:
            before = self._parents.get((one.pid, one.started), one.ppid)
            if before != one.ppid:
                yield ProcessReparented(
                    snapshot.at_ns, one.pid, one.comm, before, one.ppid, container=self.name
                )
        self._parents = parents

    def _hear_end(self, at_ns: int, source: str) -> Iterator[Observation]:
        if source in self._sources:
            yield from self._output.end(at_ns, source)
        if source == self._sources[-1]:
            self.output_ended = True
            yield LogsEnded(at_ns, container=self.name)
        elif self.probe is not None and source == self.probe.source:
            self.probe.closed_ns = at_ns
            yield ProbeClosed(at_ns, container=self.name)
        elif source in self.execs:
            yield self.execs[source].end(at_ns)


def engine_lost(at_ns: int, error: EngineError) -> EngineLost:
    """Make a fact of the engine's failure."""
    for_good = isinstance(error, EngineUnreachable)
    return EngineLost(at_ns, error.what, error.advice, for_good=for_good)


def _fact_of(event: _Reported, name: str) -> Observation:  # noqa: C901 - one line a fact
    match event:
        case SignalReported(at_ns=at_ns, signal=signal, engine_ns=engine_ns):
            return EngineSent(at_ns, signal, engine_ns, container=name)
        case EndReported(at_ns=at_ns, exit_code=exit_code, engine_ns=engine_ns):
            return InitEnded(at_ns, exit_code, engine_ns, container=name)
        case PauseReported(at_ns=at_ns, paused=paused):
            return Paused(at_ns, container=name) if paused else Unpaused(at_ns, container=name)
        case OomReported(at_ns=at_ns):
            return OutOfMemory(at_ns, container=name)
        case HealthChanged(at_ns=at_ns, status=status):
            return HealthReported(at_ns, status, container=name)
        case RunInterrupted(at_ns=at_ns):
            return Interrupted(at_ns)
        case StopReturned(at_ns=at_ns) | EngineGone(at_ns=at_ns):
            if event.error is None:
                return StopAnswered(at_ns, container=name)
            return engine_lost(at_ns, event.error)
