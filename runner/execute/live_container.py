"""
One container while its case is played: what is known of its streams, and what arrives of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.engine.contract import (
    Container,
    ContainerEvent,
    EventQueue,
    Output,
    OutputEnded,
    StartReported,
)
from runner.execute.exec_run import ExecRun
from runner.execute.kernel_watch import KernelWatch
from runner.execute.probe_line import ProbeLine
from runner.model.container import ContainerPlan
from runner.model.engine_facts import InitEnded, InitRestarted
from runner.model.expectation import Pattern
from runner.model.kernel_facts import KernelFact
from runner.model.observation import (
    LogsEnded,
    Observation,
    ProcessReparented,
    ProcessSnapshot,
    TraceReached,
)
from runner.model.step import Exec
from runner.observe.kernel_noise import as_seen_from
from runner.observe.output import OutputDecoder


class LiveContainer:
    """
    A container of the case by its `name` in the scenario; `container` is the engine's, made from
    `plan`. What `watch` reads of it in the kernel trace goes into its `queue`, as all else does.

    `probe` is the line to the probe in the present init's namespace, once one was opened; `starts`
    counts how often the engine has reported a start of init; `trace_asked` says that more of the
    kernel trace is waited for.
    """

    def __init__(
        self,
        name: str,
        plan: ContainerPlan,
        container: Container,
        queue: EventQueue,
        *,
        patterns: Sequence[Pattern],
        watch: KernelWatch | None = None,
    ) -> None:
        self.name = name
        self.plan = plan
        self.container = container
        self.probe: ProbeLine | None = None
        self.starts = 0
        self.trace_asked = False
        self._queue = queue
        self._watch = watch
        self._host_pid: int | None = None
        self._execs: dict[str, ExecRun] = {}
        self._parents: dict[tuple[int, int], int] = {}
        self._ends = 0
        self._sources = ["init"]
        self._output = OutputDecoder(patterns, name)

    @property
    def has_ended(self) -> bool:
        """Whether the engine has reported the end of each init that it has started."""
        return 0 < self.starts == self._ends

    @property
    def is_traced(self) -> bool:
        """Whether what the kernel records of init arrives."""
        return self._host_pid is not None

    def start_step(self) -> None:
        """Report matches of patterns afresh: a step has acted."""
        self._output.start_step()

    def exec(self, step: int, action: Exec) -> ExecRun:
        """Start the program of an exec step."""
        stream = self.container.exec(
            action.argv, user=action.user, env=action.env, stdin=bool(action.stdin)
        )
        run = self._execs[stream.source] = ExecRun(step, stream, self.name)
        if action.stdin:
            stream.write(action.stdin.encode())
            stream.end_input()
        return run

    def open_probe(self) -> ProbeLine:
        """Start the probe, and give the line to it."""
        self.probe = ProbeLine.open(self.container, self.name, self.plan.pid)
        return self.probe

    def follow_kernel(self) -> None:
        """Let what the kernel records of the present init arrive."""
        if self._watch is None:
            return
        self.leave_kernel()
        self._host_pid = self.container.host_pid()
        if self._host_pid is not None:
            self._watch.follow(self._host_pid, self._queue, alone=bool(self.plan.pid))

    def leave_kernel(self) -> None:
        """Init is gone: let no more of it arrive than what has happened until now."""
        if self._watch is not None and self._host_pid is not None:
            self._watch.leave(self._host_pid)

    def ask_for_trace(self) -> None:
        """Let `TraceReached` arrive when all has that the kernel has recorded until now."""
        if self._watch is not None and self._host_pid is not None:
            self.trace_asked = True
            self._watch.catch_up(self._queue)

    def settle(self) -> Iterator[Observation]:
        """Find what is in output that is not complete, now that no more of it is here."""
        return self._output.settle()

    def observations(self, event: ContainerEvent) -> Iterator[Observation]:
        """Yield what an arrival says."""
        match event:
            case Output():
                yield from self._on_output(event)
            case OutputEnded(at_ns=at_ns, source=source):
                yield from self._on_end(at_ns, source)
            case StartReported(at_ns=at_ns):
                yield from self._on_start(at_ns)
            case _ if isinstance(event, KernelFact):
                probe_pid = self.probe.pid if self.probe is not None else None
                own = as_seen_from(event, probe_pid=probe_pid)
                if own is not None:
                    yield own
            case _:
                self._ends += isinstance(event, InitEnded)
                self.trace_asked &= not isinstance(event, TraceReached)
                yield event

    def _on_start(self, at_ns: int) -> Iterator[InitRestarted]:
        self.starts += 1
        if self.starts == 1:
            return  # the one that the runner has asked for itself
        self.probe = None
        self._sources.append(self.container.follow_output_again())
        count = self.container.inspect().restart_count
        yield InitRestarted(at_ns, count, container=self.name)
        self.follow_kernel()

    def _on_output(self, output: Output) -> Iterator[Observation]:
        if output.source in self._sources:
            yield from self._output.feed(output)
        elif self.probe is not None and output.source == self.probe.source:
            for observation in self.probe.on_output(output):
                yield observation
                if isinstance(observation, ProcessSnapshot):
                    yield from self._reparented(observation)
        elif output.source in self._execs:
            self._execs[output.source].on_output(output)

    def _reparented(self, snapshot: ProcessSnapshot) -> Iterator[ProcessReparented]:
        parents = {(one.pid, one.started): one.ppid for one in snapshot.processes}
        for one in snapshot.processes:
            before = self._parents.get((one.pid, one.started), one.ppid)
            if before != one.ppid:
                yield ProcessReparented(
                    snapshot.at_ns, one.pid, one.comm, before, one.ppid, container=self.name
                )
        self._parents = parents

    def _on_end(self, at_ns: int, source: str) -> Iterator[Observation]:
        if source in self._sources:
            yield from self._output.end(at_ns, source)
        if source == self._sources[-1]:
            yield LogsEnded(at_ns, container=self.name)
        elif self.probe is not None and source == self.probe.source:
            yield self.probe.close(at_ns)
        elif source in self._execs:
            yield self._execs[source].end(at_ns)
