"""
The processes of a container, each by all that was ever seen of it.

A process may rename itself, change its arguments, lose its parent, or end between two snapshots:
what was seen of it once is kept. PIDs are used again, so that a PID may stand for one after the
other.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

from runner.model.expectation import Selector
from runner.model.kernel_facts import (
    KernelFact,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
    SignalAccepted,
    SignalDelivered,
    SignalGenerated,
    SubreaperSet,
    Task,
)
from runner.model.observation import ProcessSnapshot
from runner.model.process import Process

_MOST_EARLIER: Final = 5_000
_LATE_NS: Final = 5_000_000_000
"""
For so long a process that is gone is found by its PID: the trace may come later than a snapshot.
"""

_WITHIN: Final = {Role.INIT, Role.INSIDE}


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
        """Return whether a selector means this process, by anything that was seen of it."""
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
        """Return whether it was not gone yet at that time."""
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


_Key = int | tuple[int | None, int | None, int]
"""
PID on the machine of the last process that had it; where that was not seen, or a later process had
it too: that, PID and first appearance.
"""


@dataclass(frozen=True, slots=True)
class KnownProcesses:
    """
    All processes of one container: those that hold a PID now, or did a moment ago (`present`), and
    `earlier` ones, of which `births_lost` says that there were too many to be kept.

    `nameless` are those whose PID in the namespace is not known, by their PID on the machine.
    """

    present: Mapping[int, KnownProcess] = field(default_factory=lambda: MappingProxyType({}))
    nameless: Mapping[int, KnownProcess] = field(default_factory=lambda: MappingProxyType({}))
    earlier: Mapping[_Key, KnownProcess] = field(default_factory=lambda: MappingProxyType({}))
    births_lost: bool = False

    def __iter__(self) -> Iterator[KnownProcess]:
        """Yield every process, the latest holders of PIDs first."""
        yield from self.present.values()
        yield from self.nameless.values()
        yield from self.earlier.values()

    def of_task(self, task: Task) -> KnownProcess | None:
        """Find the process that a task of the kernel trace is."""
        if task.role not in _WITHIN and task.pid is None:
            return None
        present = self.present.get(task.pid) if task.pid is not None else None
        if present is not None and present.host_pid in {None, task.host_pid}:
            return present
        return self.nameless.get(task.host_pid) or self.earlier.get(task.host_pid)

    def of_host(self, host_pid: int) -> KnownProcess | None:
        """Find a process by its PID on the machine; the last one that had it."""
        present = (one for one in self.present.values() if one.host_pid == host_pid)
        nameless = self.nameless.get(host_pid)
        return next(present, None) or nameless or self.earlier.get(host_pid)


def _by_all(process: KnownProcess) -> _Key:
    return (process.host_pid, process.pid, process.first_ns)


def without_init(known: KnownProcesses, at_ns: int) -> KnownProcesses:
    """Init has ended and another one was started: all processes of before are gone."""
    holders = (*known.present.values(), *known.nameless.values())
    ended = [_gone(one, at_ns) for one in holders]
    return _retired(known, {}, {}, ended)


def with_snapshot(known: KnownProcesses, snapshot: ProcessSnapshot) -> KnownProcesses:
    """Take a look into account."""
    changed: dict[int, KnownProcess] = {}
    ended: list[KnownProcess] = []
    for process in snapshot.processes:
        before = known.present.get(process.pid)
        after = _seen(before, process, snapshot.at_ns)
        if after is before:
            continue
        if before is not None and not _same(before, process):
            ended.append(_gone(before, snapshot.at_ns))
        changed[process.pid] = after
    pids = {process.pid for process in snapshot.processes}
    missing = {pid: one for pid, one in known.present.items() if pid not in pids}
    late = {pid: one for pid, one in missing.items() if _is_long_gone(one, snapshot.at_ns)}
    gone = {
        pid: _gone(one, snapshot.at_ns)
        for pid, one in missing.items()
        if one.gone_ns is None and one.first_ns < snapshot.at_ns
    }
    if not (changed or late or gone):
        return known
    present = {**known.present, **changed, **gone}
    for pid in late:
        del present[pid]
    return _retired(known, present, known.nameless, [*ended, *late.values()])


def _is_long_gone(process: KnownProcess, now_ns: int) -> bool:
    return process.gone_ns is not None and now_ns - process.gone_ns > _LATE_NS


def _seen(before: KnownProcess | None, process: Process, at_ns: int) -> KnownProcess:
    known = before if before is not None and _same(before, process) else None
    known = known or KnownProcess(at_ns, process.pid)
    comm, argv = process.comm, " ".join(process.argv)
    execed_ns = known.execed_ns
    # A look that began before may have read what was not its own yet.
    stale = known.inherited if execed_ns is not None and at_ns < execed_ns else frozenset[str]()
    comms = known.comms if comm in stale else _with(known.comms, comm)
    argvs = known.argvs if not argv or argv in stale else _with(known.argvs, argv)
    parents = _with(known.parents, process.ppid)
    signalfds = {one.fd: one.mask for one in process.signalfds}
    same_names = comms is known.comms and argvs is known.argvs and parents is known.parents
    same = same_names and signalfds.items() <= known.signalfds.items()
    if same and known.started == process.started:
        return known
    return dataclasses.replace(
        known,
        started=process.started,
        comms=comms,
        argvs=argvs,
        parents=parents,
        signalfds={**known.signalfds, **signalfds},
    )


def _same(known: KnownProcess, process: Process) -> bool:
    """Return whether the holder of a PID is still the one that is known."""
    if known.started is not None:
        return known.started == process.started
    return known.gone_ns is None or not process.state.alive


def with_kernel_fact(known: KnownProcesses, fact: KernelFact) -> KnownProcesses:
    """Take a fact of the kernel trace into account."""
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
        case ParentNotified(child=task):
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
    if task.role not in _WITHIN:
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
    if child.role not in _WITHIN:
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
    """Return whether a process is an earlier holder of the PID of one that is born now."""
    return known.host_pid == born.host_pid or known.first_ns < at_ns


def _put(
    known: KnownProcesses, before: KnownProcess | None, after: KnownProcess, at_ns: int
) -> KnownProcesses:
    key = after.host_pid
    if before is not None and key is not None and known.earlier.get(key) is before:
        return dataclasses.replace(known, earlier={**known.earlier, key: after})
    nameless = {key: one for key, one in known.nameless.items() if one is not before}
    if after.pid is None:
        gone = [after] if after.gone_ns is not None else []
        if after.host_pid is not None and not gone:
            nameless[after.host_pid] = after
        return _retired(known, known.present, nameless, gone)
    holder = known.present.get(after.pid)
    ended = [_gone(holder, at_ns)] if holder is not None and holder is not before else []
    return _retired(known, {**known.present, after.pid: after}, nameless, ended)


def _gone(process: KnownProcess, at_ns: int) -> KnownProcess:
    return process if process.gone_ns is not None else dataclasses.replace(process, gone_ns=at_ns)


def _retired(
    known: KnownProcesses,
    present: Mapping[int, KnownProcess],
    nameless: Mapping[int, KnownProcess],
    ended: Sequence[KnownProcess],
) -> KnownProcesses:
    """Let these be the present processes, and those that have ended be earlier ones."""
    if not ended:
        return dataclasses.replace(known, present=present, nameless=nameless)
    earlier = dict(known.earlier)
    for one in ended:
        if one.host_pid is None:
            earlier[_by_all(one)] = one
            continue
        last = earlier.pop(one.host_pid, None)
        if last is not None:
            earlier[_by_all(last)] = last
        earlier[one.host_pid] = one
    too_many = len(earlier) - _MOST_EARLIER
    for key in tuple(earlier)[: max(0, too_many)]:
        del earlier[key]
    return KnownProcesses(present, nameless, earlier, known.births_lost or too_many > 0)


_T = TypeVar("_T", str, int)


def _with(seen: tuple[_T, ...], one: _T) -> tuple[_T, ...]:
    return seen if one in seen else (*seen, one)
