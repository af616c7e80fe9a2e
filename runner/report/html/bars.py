"""
The bars of a picture: since when and until when a process was running, stopped, or a zombie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from runner.history.processes import KnownProcess
from runner.kernel.processes import ProcessState
from runner.model.engine_facts import ContainerStarted, InitEnded, InitRestarted, Paused, Unpaused
from runner.model.kernel_facts import ChildStatus, ParentNotified, ProgramExeced, Role
from runner.model.observation import ProcessSnapshot
from runner.report.html.lanes import Lanes
from runner.report.html.picture import Bar, State
from runner.report.html.timeline_facts import ContainerFacts, Facts

_Change: TypeAlias = tuple[int, State | None]
"""From this time on a process is in that state; None: it is gone."""

_NOTICED = {
    ChildStatus.STOPPED: State.STOPPED,
    ChildStatus.TRAPPED: State.STOPPED,
    ChildStatus.CONTINUED: State.ALIVE,
}


def bars(facts: Facts, lanes: Lanes) -> Iterator[Bar]:
    """Yield the bars of all lanes; what is paused comes last and so lies above."""
    paused: list[Bar] = []
    for container in facts.containers.values():
        own = list(_of_container(container, lanes, facts.end_ns))
        yield from own
        for from_ns, until_ns in _pauses(container, facts.end_ns):
            paused += [
                Bar(one.lane, State.PAUSED, max(one.from_ns, from_ns), min(one.until_ns, until_ns))
                for one in own
                if one.from_ns < until_ns and from_ns < one.until_ns
            ]
    yield from paused


def _of_container(container: ContainerFacts, lanes: Lanes, end_ns: int) -> Iterator[Bar]:
    inits = [one for one in container.known if container.is_init(one)]
    lane = lanes.init[container.name]
    for from_ns, until_ns in _lives_of_init(container, end_ns):
        changes = [
            change
            for one in inits
            for change in _states(container, one)
            if from_ns < change[0] < until_ns and change[1] is not None
        ]
        start: _Change = (from_ns, State.ALIVE)
        yield from _bars(lane, [start, *sorted(changes, key=_time)], until_ns)
    ends = [fact.at_ns for fact in container.of(InitEnded)]
    for one in lanes.processes:
        if one.container == container.name:
            changes = sorted(_changes(container, one.process), key=_time)
            last_ns = next((at_ns for at_ns in ends if at_ns >= one.process.first_ns), end_ns)
            yield from _bars(one.lane, changes, last_ns)


def _time(change: _Change) -> int:
    return change[0]


def _bars(lane: int, changes: Sequence[_Change], end_ns: int) -> Iterator[Bar]:
    """Yield a bar for each state, one for several changes to the same."""
    for at, (from_ns, state) in enumerate(changes):
        if state is None or (at > 0 and changes[at - 1][1] is state):
            continue
        later = (at_ns for at_ns, other in changes[at + 1 :] if other is not state)
        until_ns = min(next(later, end_ns), end_ns)
        if until_ns > from_ns:
            yield Bar(lane, state, from_ns, until_ns)


def _lives_of_init(container: ContainerFacts, end_ns: int) -> Iterator[tuple[int, int]]:
    """Yield from when to when each init has run: by the trace if it says so, else by the engine."""
    execs = [one.at_ns for one in container.of(ProgramExeced) if one.task.role is Role.INIT]
    starts = [one.at_ns for one in container.of(ContainerStarted)]
    starts = [min([starts[0], *execs[:1]])] if starts else execs[:1]
    starts += [one.at_ns for one in container.of(InitRestarted)]
    ends = _ends_of_init(container)
    for at, from_ns in enumerate(starts):
        next_ns = starts[at + 1] if at + 1 < len(starts) else end_ns
        until_ns = next((one for one in ends if from_ns < one <= next_ns), next_ns)
        yield from_ns, until_ns


def _ends_of_init(container: ContainerFacts) -> list[int]:
    ends = [one.at_ns for one in container.of(InitEnded)]
    lives = (container.life(host_pid) for host_pid in container.init_host_pids)
    traced = [life.end.at_ns for life in lives if life is not None and life.end is not None]
    return sorted([*ends, *traced])


def _changes(container: ContainerFacts, process: KnownProcess) -> Iterator[_Change]:
    yield process.first_ns, State.ALIVE
    life = container.life(process.host_pid)
    if life is not None and life.end is not None:
        reaped_ns = container.reaped_ns(process.host_pid)
        yield life.end.at_ns, State.ZOMBIE
        if reaped_ns is not None:
            yield reaped_ns, None
    elif process.gone_ns is not None:
        yield process.gone_ns, None
    yield from _states(container, process)


def _states(container: ContainerFacts, process: KnownProcess) -> Iterator[_Change]:
    """Yield when a process was stopped or a zombie: by the trace, or else by snapshots."""
    if container.traced:
        for fact in container.of(ParentNotified):
            if fact.child.host_pid == process.host_pid and fact.status in _NOTICED:
                yield fact.at_ns, _NOTICED[fact.status]
        return
    for snapshot in container.of(ProcessSnapshot):
        seen = snapshot.process(process.pid) if process.pid is not None else None
        if seen is not None and seen.started == process.started:
            yield snapshot.at_ns, _state(seen.state)


def _state(state: ProcessState) -> State:
    if state.stopped:
        return State.STOPPED
    return State.ALIVE if state.alive else State.ZOMBIE


def _pauses(container: ContainerFacts, end_ns: int) -> Iterator[tuple[int, int]]:
    ends = [one.at_ns for one in container.of(Unpaused)]
    for fact in container.of(Paused):
        yield fact.at_ns, next((at_ns for at_ns in ends if at_ns >= fact.at_ns), end_ns)
