"""
The lanes of a picture: the sender on the host, the sender inside, init, and the processes that
matter most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from runner.history.processes import KnownProcess
from runner.model.kernel_facts import Role, SignalGenerated, Task
from runner.model.observation import SignalSent
from runner.model.step import Sender
from runner.report.html.picture import Lane
from runner.report.html.timeline_facts import ContainerFacts, Facts
from runner.report.text import one_line

HOST: Final = 0
MOST_PROCESSES: Final = 6
_MOST_WITHOUT_SIGNALS: Final = 3
_SHORT_NS: Final = 300_000_000
"""A process without a signal that lives for less has no lane, and of the others so many have."""


@dataclass(frozen=True)
class ProcessLane:
    """The lane of one process of one container."""

    container: str
    process: KnownProcess
    lane: int


@dataclass(frozen=True)
class Lanes:
    """All lanes, and whose they are."""

    lanes: tuple[Lane, ...]
    inside: Mapping[str, int]
    init: Mapping[str, int]
    processes: tuple[ProcessLane, ...]
    omitted: int

    def of_task(self, container: ContainerFacts, task: Task) -> int | None:
        """Return the lane of a process of the kernel trace; None if it has none."""
        match task.role:
            case Role.HOST:
                return HOST
            case Role.PROBE:
                return self.inside.get(container.name)
            case Role.INIT:
                return self.init[container.name]
            case Role.INSIDE:
                own = (one for one in self.processes if one.container == container.name)
                return next(
                    (one.lane for one in own if one.process.host_pid == task.host_pid),
                    self.of_pid(container, task.pid) if task.pid is not None else None,
                )

    def of_pid(self, container: ContainerFacts, pid: int, at_ns: int | None = None) -> int | None:
        """Return the lane of the process that has a PID, at a time where that is given."""
        if pid in container.init_pids:
            return self.init[container.name]
        holders = [
            one
            for one in self.processes
            if one.container == container.name and one.process.pid == pid
        ]
        if at_ns is not None:
            holders = [one for one in holders if one.process.was_there_since(at_ns)] or holders
        return holders[0].lane if holders else None


def lanes_of(facts: Facts) -> Lanes:
    """Choose the lanes."""
    several = len(facts.containers) > 1
    lanes = [Lane("host", "engine")]
    inside: dict[str, int] = {}
    init: dict[str, int] = {}
    chosen: list[ProcessLane] = []
    omitted = 0
    for name, container in facts.containers.items():
        prefix = f"{one_line(name)}: " if several else ""
        if _sends_inside(container):
            inside[name] = len(lanes)
            lanes.append(Lane(f"{prefix}inside", "the probe"))
        init[name] = len(lanes)
        lanes.append(Lane(f"{prefix}init", _name_of_init(container)))
        processes = _most_telling(container, MOST_PROCESSES - len(chosen))
        omitted += len(container.processes) - len(processes)
        for process in processes:
            chosen.append(ProcessLane(name, process, len(lanes)))
            lanes.append(Lane(f"{prefix}{process.pid or '?'}", _name(process)))
    return Lanes(tuple(lanes), inside, init, tuple(chosen), omitted)


def _sends_inside(container: ContainerFacts) -> bool:
    return any(fact.sender is Sender.INSIDE for fact in container.of(SignalSent))


def _name_of_init(container: ContainerFacts) -> str:
    found = (_name(one) for one in container.known if container.is_init(one))
    return next(found, "PID 1")


def _name(process: KnownProcess) -> str:
    return one_line(process.comms[-1]) if process.comms else "?"


def _most_telling(container: ContainerFacts, most: int) -> list[KnownProcess]:
    """Return the processes with signals, and then those that lived longest."""
    with_signals = set(_with_signals(container))
    end_ns = max(fact.at_ns for fact in container.facts)

    def lived_ns(process: KnownProcess) -> int:
        return (process.gone_ns if process.gone_ns is not None else end_ns) - process.first_ns

    def signalled(process: KnownProcess) -> bool:
        return bool({process.host_pid, process.pid} & with_signals)

    first = [one for one in container.processes if signalled(one)]
    others = [
        one for one in container.processes if not signalled(one) and lived_ns(one) >= _SHORT_NS
    ]
    longest = sorted(others, key=lived_ns, reverse=True)[:_MOST_WITHOUT_SIGNALS]
    chosen = [*sorted(first, key=lived_ns, reverse=True), *longest][: max(0, most)]
    return [one for one in container.processes if one in chosen]


def _with_signals(container: ContainerFacts) -> Iterator[int | None]:
    """Yield the PIDs of processes that sent a signal or were sent one."""
    for fact in container.facts:
        if isinstance(fact, SignalGenerated) and (fact.code <= 0 or fact.teardown):
            yield from (fact.sender.host_pid, fact.target.host_pid)
        elif isinstance(fact, SignalSent) and not container.traced:
            yield fact.pid
