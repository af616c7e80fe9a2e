"""
The facts of a case by container, as a picture needs them: who was who, and what each did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar, cast

from runner.history.process_life import ProcessLife, by_process, life_of
from runner.history.processes import KnownProcess, KnownProcesses, with_kernel_fact, with_snapshot
from runner.kernel.processes import is_runtime
from runner.model.fact import InContainer
from runner.model.kernel_facts import (
    KernelFact,
    ProcessReaped,
    Role,
    Task,
    TraceOpened,
)
from runner.model.observation import Observation, ProbeOpened, ProcessSnapshot, TraceReached
from runner.model.process import INIT_PID

_Fact = TypeVar("_Fact", bound=Observation)

PROBE: Final = "probe"


@dataclass(frozen=True)
class ContainerFacts:
    """
    All facts of one container, in the order in which they were learnt.

    `probes` are the PIDs of our probes, also of containers that share its PID namespace.
    """

    name: str
    facts: tuple[Observation, ...]
    probes: frozenset[int] = frozenset()

    def of(self, kind: type[_Fact]) -> tuple[_Fact, ...]:
        """Return the facts of one kind."""
        return cast("tuple[_Fact, ...]", tuple(self._by_kind.get(kind, ())))

    @cached_property
    def _by_kind(self) -> Mapping[type[Observation], list[Observation]]:
        found: dict[type[Observation], list[Observation]] = {}
        for fact in self.facts:
            found.setdefault(type(fact), []).append(fact)
        return found

    @cached_property
    def record(self) -> tuple[KernelFact, ...]:
        """The kernel trace."""
        return tuple(fact for fact in self.facts if isinstance(fact, KernelFact))

    @cached_property
    def traced(self) -> bool:
        """Whether there is a kernel trace."""
        return any(isinstance(fact, TraceOpened) for fact in self.facts)

    @cached_property
    def known(self) -> KnownProcesses:
        """All processes that were seen."""
        known = KnownProcesses()
        for fact in self.facts:
            if isinstance(fact, ProcessSnapshot):
                known = with_snapshot(known, fact)
            elif isinstance(fact, KernelFact):
                known = with_kernel_fact(known, fact)
        return known

    @cached_property
    def init_pids(self) -> frozenset[int]:
        """The PIDs of init in its PID namespace: 1, if that is the container's own."""
        seen = {one.init.pid for one in self.of(ProcessSnapshot) if one.init is not None}
        return frozenset(seen or {INIT_PID})

    @cached_property
    def init_host_pids(self) -> frozenset[int]:
        """The PIDs on the machine of each init, for a restart makes a new one."""
        opened = {fact.host_pid for fact in self.of(TraceOpened)}
        tasks = (task for fact in self.record for task in tasks_of(fact))
        return frozenset(opened | {task.host_pid for task in tasks if task.role is Role.INIT})

    @cached_property
    def processes(self) -> tuple[KnownProcess, ...]:
        """All processes but init and the probe, in the order of their births."""
        foreign = {
            (process.pid, process.started)
            for fact in self.of(ProcessSnapshot)
            for process in fact.processes
            if process.foreign
        }
        found = [
            one
            for one in self.known
            if not self.is_init(one)
            and not (one.pid in self.probes and PROBE in one.comms)
            and (one.pid, one.started) not in foreign
            and not all(map(is_runtime, one.comms))
        ]
        return tuple(sorted(found, key=lambda one: one.first_ns))

    def is_init(self, process: KnownProcess) -> bool:
        """Return whether a process is init, or was."""
        return process.host_pid in self.init_host_pids or process.pid in self.init_pids

    @cached_property
    def _lives(self) -> Mapping[int, ProcessLife]:
        system_calls = any(fact.syscalls for fact in self.of(TraceOpened))
        until_ns = max((fact.at_ns for fact in self.of(TraceReached)), default=0)
        lives: dict[int, ProcessLife] = {}
        for host_pid, record in by_process(self.record).items():
            known = self.known.of_host(host_pid)
            lives[host_pid] = life_of(
                host_pid,
                record,
                known.signalfds if known is not None else None,
                system_calls=system_calls,
                known_until_ns=until_ns,
            )
        return lives

    def life(self, host_pid: int | None) -> ProcessLife | None:
        """Return what the kernel trace says of a process."""
        return self._lives.get(host_pid) if host_pid is not None else None

    def reaped_ns(self, host_pid: int | None) -> int | None:
        """Return when a process was reaped, as far as the trace says."""
        reaped = (one.at_ns for one in self.of(ProcessReaped) if one.task.host_pid == host_pid)
        return next(reaped, None)


@dataclass(frozen=True)
class Facts:
    """The facts of a case: of each container, and those of the case itself."""

    containers: Mapping[str, ContainerFacts]
    start_ns: int
    end_ns: int
    all: tuple[Observation, ...] = field(repr=False)


def facts_of(timeline: Iterable[Observation]) -> Facts:
    """Sort the facts of a timeline by container."""
    facts = tuple(timeline)
    grouped: dict[str, list[Observation]] = {}
    for fact in facts:
        if isinstance(fact, InContainer):
            grouped.setdefault(fact.container, []).append(fact)
    times = [fact.at_ns for fact in facts]
    probes = frozenset(fact.pid for fact in facts if isinstance(fact, ProbeOpened))
    return Facts(
        {name: ContainerFacts(name, tuple(own), probes) for name, own in grouped.items()},
        min(times, default=0),
        max(times, default=0),
        facts,
    )


def tasks_of(fact: KernelFact) -> tuple[Task, ...]:
    """Return the processes that a fact of the trace names."""
    names = ("task", "sender", "target", "parent", "child")
    tasks = (getattr(fact, name, None) for name in names)
    return tuple(task for task in tasks if isinstance(task, Task))
