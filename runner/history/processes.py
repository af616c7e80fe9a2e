"""
The processes of a container, each by all that was ever seen of it.

A process may rename itself, change its arguments, lose its parent, or end between two looks: what
was seen of it once is kept. PIDs are used again, so that a PID may stand for one after the other.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from runner.model.expectation import Selector
from runner.model.kernel_facts import (
    KernelFact,
    ParentTold,
    Place,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    SignalAccepted,
    SignalDelivered,
    SignalGenerated,
    SubreaperSet,
    Task,
)
from runner.model.observation import ProcessesSeen
from runner.model.process import Process

_MOST_ENDED: Final = 5_000
_WITHIN: Final = {Place.INIT, Place.INSIDE}


class Fit(enum.Enum):
    """Whether a selector means a process; `UNKNOWN`: what it asks for was never seen of it."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KnownProcess:
    """
    One process from its first appearance (`first_ns`) until it was gone (`gone_ns`, None: not yet).

    `pid` is its number in the PID namespace, `host_pid` that on the machine, `started` its start
    time in clock ticks; None where that was not seen. `comms`, `argvs` (joined by spaces) and
    `parents` hold all that it was seen with, in order; `signalfds` the masks of its signalfds by
    descriptor. `subreaper` says that it has asked for that (prctl(2)).

    Between fork(2) and execve(2) a process has the name and the arguments of its parent. These are
    `inherited`, and not its own once it has executed a program, at `execed_ns`.
    """

    first_ns: int
    pid: int | None = None
    host_pid: int | None = None
    started: int | None = None
    comms: tuple[str, ...] = ()
    argvs: tuple[str, ...] = ()
    parents: tuple[int, ...] = ()
    signalfds: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    subreaper: bool = False
    inherited: frozenset[str] = frozenset()
    execed_ns: int | None = None
    gone_ns: int | None = None

    def fit(self, selector: Selector) -> Fit:
        """Say whether a selector means this process, by anything that was seen of it."""
        answers = {
            _among(selector.pid, () if self.pid is None else (self.pid,)),
            _among(selector.comm, self.comms),
            _among(selector.child_of, self.parents),
            _searched(selector.argv, self.argvs),
        }
        if Fit.NO in answers:
            return Fit.NO
        return Fit.UNKNOWN if Fit.UNKNOWN in answers else Fit.YES

    def was_there_since(self, at_ns: int) -> bool:
        """Say whether it was not gone yet at that time."""
        return self.gone_ns is None or self.gone_ns >= at_ns

    def __str__(self) -> str:
        """`7 worker`."""
        return f"{self.pid or '?'} {self.comms[-1] if self.comms else '?'}"


def _among(wanted: object, seen: tuple[object, ...]) -> Fit:
    if wanted is None or wanted in seen:
        return Fit.YES
    return Fit.NO if seen else Fit.UNKNOWN


def _searched(expression: str | None, argvs: tuple[str, ...]) -> Fit:
    if expression is None or any(re.search(expression, one) for one in argvs):
        return Fit.YES
    return Fit.NO if argvs else Fit.UNKNOWN


@dataclass(frozen=True, slots=True)
class KnownProcesses:
    """
    All processes of one container: those that hold a PID now, and earlier holders.

    `nameless` are those whose PID in the namespace is not known, by their PID on the machine.
    """

    present: Mapping[int, KnownProcess] = field(default_factory=lambda: MappingProxyType({}))
    nameless: Mapping[int, KnownProcess] = field(default_factory=lambda: MappingProxyType({}))
    earlier: tuple[KnownProcess, ...] = ()

    def __iter__(self) -> Iterator[KnownProcess]:
        """Give every process, the latest holders of PIDs first."""
        yield from self.present.values()
        yield from self.nameless.values()
        yield from self.earlier

    def of_task(self, task: Task) -> KnownProcess | None:
        """Find the process that a task of the kernel's record is."""
        if task.place not in _WITHIN and task.pid is None:
            return None
        present = self.present.get(task.pid) if task.pid is not None else None
        if present is not None and present.host_pid in {None, task.host_pid}:
            return present
        others = (*self.nameless.values(), *reversed(self.earlier))
        return next((one for one in others if one.host_pid == task.host_pid), None)


def without_init(known: KnownProcesses, at_ns: int) -> KnownProcesses:
    """Init has ended and another one was started: all processes of before are gone."""
    holders = (*known.present.values(), *known.nameless.values())
    ended = [_gone(one, at_ns) for one in holders]
    return KnownProcesses(earlier=_kept(known.earlier, ended))


def with_look(known: KnownProcesses, look: ProcessesSeen) -> KnownProcesses:
    """Take a look into account."""
    present = dict(known.present)
    ended: list[KnownProcess] = []
    changed = False
    for process in look.processes:
        before = present.get(process.pid)
        after = _seen(before, process, look.at_ns)
        if after is before:
            continue
        changed = True
        if before is not None and not _same(before, process):
            ended.append(_gone(before, look.at_ns))
        present[process.pid] = after
    pids = {process.pid for process in look.processes}
    for pid, process in tuple(present.items()):
        if pid not in pids and process.gone_ns is None and process.first_ns < look.at_ns:
            present[pid] = _gone(process, look.at_ns)
            changed = True
    if not changed:
        return known
    return dataclasses.replace(known, present=present, earlier=_kept(known.earlier, ended))


def _seen(before: KnownProcess | None, process: Process, at_ns: int) -> KnownProcess:
    known = before if before is not None and _same(before, process) else None
    known = known or KnownProcess(at_ns, process.pid)
    comm, argv = process.comm, " ".join(process.argv)
    execed_ns = known.execed_ns
    # A look that began before may have read what was not its own yet.
    stale = known.inherited if execed_ns is not None and at_ns < execed_ns else frozenset[str]()
    after = dataclasses.replace(
        known,
        started=process.started,
        comms=known.comms if comm in stale else _with(known.comms, comm),
        argvs=known.argvs if not argv or argv in stale else _with(known.argvs, argv),
        parents=_with(known.parents, process.ppid),
        signalfds={**known.signalfds, **{one.fd: one.mask for one in process.signalfds}},
    )
    return before if before is not None and after == before else after


def _same(known: KnownProcess, process: Process) -> bool:
    """Say whether the holder of a PID is still the one that is known."""
    if known.started is not None:
        return known.started == process.started
    return known.gone_ns is None or not process.state.alive


def with_record(known: KnownProcesses, fact: KernelFact) -> KnownProcesses:
    """Take a fact of the kernel's record into account."""
    match fact:
        case ProcessForked(parent=parent, child=child):
            return _with_birth(known, parent, child, fact.at_ns)
        case ProgramExeced(task=task):
            return _with_exec(known, task, fact.at_ns)
        case SignalDelivered(task=task) | SignalAccepted(task=task):
            return _with_task(known, task, fact.at_ns)
        case SubreaperSet(task=task, on=on):
            return _with_task(known, task, fact.at_ns, subreaper=on)
        case ProcessExited(task=task):
            return _with_task(known, task, fact.at_ns, gone=True)
        case ParentTold(child=task):
            return _with_task(known, task, fact.at_ns)
        case SignalGenerated(sender=sender, target=target):
            return _with_task(_with_task(known, sender, fact.at_ns), target, fact.at_ns)
        case _:
            return known


def _with_task(
    known: KnownProcesses,
    task: Task,
    at_ns: int,
    *,
    gone: bool = False,
    subreaper: bool | None = None,
) -> KnownProcesses:
    if task.place not in _WITHIN:
        return known
    before = known.of_task(task)
    process = before or KnownProcess(at_ns, task.pid, task.host_pid)
    after = dataclasses.replace(
        process,
        pid=process.pid or task.pid,
        host_pid=task.host_pid,
        comms=_with(process.comms, task.comm) if task.comm else process.comms,
        subreaper=process.subreaper if subreaper is None else subreaper,
        gone_ns=at_ns if gone else process.gone_ns,
    )
    return known if after == before else _put(known, before, after, at_ns)


def _with_birth(known: KnownProcesses, parent: Task, child: Task, at_ns: int) -> KnownProcesses:
    if child.place not in _WITHIN:
        return known
    before = known.of_task(child)
    if before is not None and _is_earlier(before, child, at_ns):
        before = None
    process = before or KnownProcess(at_ns, child.pid)
    mother = known.of_task(parent)
    names = (*mother.comms, *mother.argvs) if mother is not None else ()
    after = dataclasses.replace(
        process,
        host_pid=child.host_pid,
        comms=_with(process.comms, child.comm),
        parents=process.parents if parent.pid is None else _with(process.parents, parent.pid),
        inherited=frozenset({*names, parent.comm, child.comm}),
    )
    return _put(known, before, after, at_ns)


def _with_exec(known: KnownProcesses, task: Task, at_ns: int) -> KnownProcesses:
    """From its first execve(2) on, a process has a name of its own."""
    before = known.of_task(task)
    if before is not None and before.execed_ns is None:
        own = dataclasses.replace(
            before,
            comms=tuple(one for one in before.comms if one not in before.inherited),
            argvs=tuple(one for one in before.argvs if one not in before.inherited),
            execed_ns=at_ns,
        )
        known = _put(known, before, own, at_ns)
    return _with_task(known, task, at_ns)


def _is_earlier(known: KnownProcess, born: Task, at_ns: int) -> bool:
    """Say whether a process is an earlier holder of the PID of one that is born now."""
    return known.host_pid == born.host_pid or known.first_ns < at_ns


def _put(
    known: KnownProcesses, before: KnownProcess | None, after: KnownProcess, at_ns: int
) -> KnownProcesses:
    if before is not None and before in known.earlier:
        earlier = tuple(after if one is before else one for one in known.earlier)
        return dataclasses.replace(known, earlier=earlier)
    nameless = {key: one for key, one in known.nameless.items() if one is not before}
    if after.pid is None:
        if after.host_pid is not None:
            nameless[after.host_pid] = after
        return dataclasses.replace(known, nameless=nameless)
    holder = known.present.get(after.pid)
    ended = [_gone(holder, at_ns)] if holder is not None and holder is not before else []
    return KnownProcesses(
        {**known.present, after.pid: after}, nameless, _kept(known.earlier, ended)
    )


def _gone(process: KnownProcess, at_ns: int) -> KnownProcess:
    return process if process.gone_ns is not None else dataclasses.replace(process, gone_ns=at_ns)


def _kept(earlier: tuple[KnownProcess, ...], ended: list[KnownProcess]) -> tuple[KnownProcess, ...]:
    return (*earlier, *ended)[-_MOST_ENDED:]


_T = TypeVar("_T", str, int)


def _with(seen: tuple[_T, ...], one: _T) -> tuple[_T, ...]:
    return seen if one in seen else (*seen, one)
