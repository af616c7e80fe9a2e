"""
What became of one process by the kernel trace: the signals that it received, and its end.

The rules of delivery are written here and nowhere else. Of a signal whose default action is to
terminate, the record has no delivery under its own name: the kernel turns it into SIGKILL when it
is generated (complete_signal() in kernel/signal.c).
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runner.kernel.masks import holds
from runner.kernel.signals import SIGKILL, DefaultAction, Signal
from runner.kernel.target import KERNEL_ONLY
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    ExitCalled,
    Generation,
    KernelFact,
    ParentNotified,
    ProcessExited,
    SignalAccepted,
    SignalDelivered,
    SignalfdRead,
    SignalGenerated,
    Task,
)
from runner.model.process import INIT_PID

_SIGCHLD = Signal.parse("SIGCHLD")
_QUEUED = {Generation.QUEUED, Generation.INFO_LOST}
_NO_EFFECT = {DefaultAction.IGN, DefaultAction.CONT}
_ENDS = {ChildStatus.EXITED, ChildStatus.KILLED, ChildStatus.DUMPED}


class Ending(enum.Enum):
    """
    How a process ended: by an exit of its own, or by a signal.

    `WITH_INIT`: by the SIGKILL that the kernel sends to all when the init of their PID namespace
    ends (pid_namespaces(7)). `UNKNOWN`: the record does not say.
    """

    EXITED = "exited"
    KILLED = "killed"
    WITH_INIT = "with_init"
    UNKNOWN = "unknown"


class Taking(enum.Enum):
    """
    How a process got a signal: by its handler or its default action, or without either, by
    sigwait(3) or from a signalfd.
    """

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    A signal that a process got, at `at_ns`; `cause` is how it was generated, if that is on record.
    """

    signal: Signal
    at_ns: int
    cause: SignalGenerated | None = None
    taking: Taking = Taking.DELIVERED

    @property
    def sender(self) -> Task | None:
        """Who had sent it, if that is on record."""
        return self.cause.sender if self.cause is not None else None


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """
    The end of a process at `at_ns`. `cause` is the signal that ended it, as it was generated, and
    `status` (0..255) what it has called exit(2) with; None where there is none, or none on record.
    """

    at_ns: int
    ending: Ending
    cause: SignalGenerated | None = None
    status: int | None = None

    @property
    def signal(self) -> Signal | None:
        """The signal that ended it."""
        return self.cause.signal if self.cause is not None else None


_Queue = list[SignalGenerated | None]


@dataclass(slots=True)
class ProcessLife:
    """
    One process, by its PID on the machine, as far as its record was taken.

    `signalfds` are the masks of its signalfds by descriptor, as looks have shown them, and
    `system_calls` says that the record has system calls. `perhaps_read`: it has read from a
    descriptor that may be a signalfd, while signals were queued for it.
    """

    host_pid: int
    signalfds: Mapping[int, int] = field(default_factory=dict[int, int])
    system_calls: bool = True
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    end: ProcessEnd | None = None
    perhaps_read: bool = False
    _queues: defaultdict[Signal, _Queue] = field(
        default_factory=lambda: defaultdict[Signal, _Queue](list)
    )
    _fatal: SignalGenerated | None = None
    _fatal_taken: bool = False
    _notified_status: ChildStatus | None = None
    _status: int | None = None
    _exited_ns: int | None = None

    def take(self, fact: KernelFact) -> None:
        """Take one more fact of the record, in its order."""
        match fact:
            case SignalGenerated(target=task) if task.host_pid == self.host_pid:
                self._generated(fact)
            case SignalDelivered(task=task) if task.host_pid == self.host_pid:
                self._delivered(fact)
            case SignalAccepted(task=task) if task.host_pid == self.host_pid:
                self._got(fact.signal, fact.at_ns, Taking.ACCEPTED)
            case SignalfdRead(task=task) if task.host_pid == self.host_pid:
                self._read(fact)
            case ExitCalled(task=task, status=status) if task.host_pid == self.host_pid:
                self._status = status
            case ProcessExited(task=task, at_ns=at_ns) if task.host_pid == self.host_pid:
                self._exited_ns = at_ns
                self._ended(at_ns)
            case ParentNotified():
                self._of_a_child(fact)
            case _:
                pass

    def _of_a_child(self, fact: ParentNotified) -> None:
        if fact.child.host_pid == self.host_pid and fact.status in _ENDS:
            self._notified_status = fact.status
            self._ended(self._exited_ns or fact.at_ns)
        if fact.parent.host_pid == self.host_pid and fact.generation in _QUEUED:
            self._queues[_SIGCHLD] = [None]

    def _generated(self, fact: SignalGenerated) -> None:
        if fact.generation not in _QUEUED:
            return
        self._queues[fact.signal].append(fact)
        doomed = self._fatal is not None and self._fatal.signal == SIGKILL
        if fact.signal.default_action.ends and not doomed:
            self._fatal, self._fatal_taken = fact, False

    def _delivered(self, fact: SignalDelivered) -> None:
        if fact.signal == SIGKILL:
            return  # under that name every thread ends, also where one of them exits by itself
        waiting = self._queues[fact.signal]
        acts = _acts(fact, waiting[0] if waiting else None)
        fatal = self._fatal
        if acts:
            self._got(fact.signal, fact.at_ns, Taking.DELIVERED)
        elif waiting:
            waiting.pop(0)
        if fatal is not None and fatal.signal == fact.signal:
            self._fatal_taken = acts and fact.delivery is Delivery.DEFAULT
            self._fatal = fatal if self._fatal_taken else None

    def _got(self, signal: Signal, at_ns: int, taking: Taking) -> None:
        waiting = self._queues[signal]
        cause = waiting.pop(0) if waiting else None
        self.receipts.append(Receipt(signal, at_ns, cause, taking))
        if self._fatal is not None and self._fatal.signal == signal:
            self._fatal = None

    def _read(self, fact: SignalfdRead) -> None:
        """Lower numbers are read first (next_signal() in kernel/signal.c)."""
        masks = self.signalfds.values() if fact.fd is None else [self.signalfds.get(fact.fd)]
        known = [mask for mask in masks if mask is not None]
        if not known:
            self.perhaps_read |= any(self._queues.values())
            return
        for _ in range(fact.signals):
            waiting = [
                signal
                for signal, queue in self._queues.items()
                if queue and any(holds(mask, signal) for mask in known)
            ]
            if waiting:
                self._got(min(waiting), fact.at_ns, Taking.READ)

    def settle(self, known_until_ns: int) -> None:
        """Until that time nothing is missing of the record: its parent was not told."""
        if (
            self._exited_ns is not None
            and self._notified_status is None
            and known_until_ns > self._exited_ns
        ):
            self._ended(self._exited_ns, settled=True)

    def _ended(self, at_ns: int, *, settled: bool = False) -> None:
        before = self.end
        self.end = self._ending(at_ns, settled=settled)
        if self.end.ending is not Ending.KILLED or self._fatal is None or self._fatal_taken:
            return
        if before is None or before.ending is not Ending.KILLED:
            self.receipts.append(Receipt(self._fatal.signal, at_ns, self._fatal))

    def _ending(self, at_ns: int, *, settled: bool) -> ProcessEnd:
        """
        Return how it ended: as its parent was notified. One that does not want that (SIG_IGN) is
        not; when that is `settled`, a call of exit(2) decides.
        """
        by_signal = self._notified_status in {ChildStatus.KILLED, ChildStatus.DUMPED}
        if self._notified_status is None and settled and self.system_calls:
            by_signal = self._status is None and self._fatal is not None
        if not by_signal:
            exited = self._notified_status is ChildStatus.EXITED or self._status is not None
            ending = Ending.EXITED if exited else Ending.UNKNOWN
            return ProcessEnd(at_ns, ending, status=self._status)
        with_init = self._fatal is not None and self._fatal.teardown
        return ProcessEnd(at_ns, Ending.WITH_INIT if with_init else Ending.KILLED, self._fatal)


def _acts(fact: SignalDelivered, sent: SignalGenerated | None) -> bool:
    """
    Return whether a signal that was taken out of the queue had an effect.

    It may be ignored then, or be discarded since its target is init (get_signal()).
    """
    if fact.delivery is not Delivery.DEFAULT:
        return fact.delivery is Delivery.HANDLER
    if fact.signal.default_action in _NO_EFFECT:
        return False
    forced = sent is not None and sent.code > 0
    return fact.task.pid != INIT_PID or fact.signal in KERNEL_ONLY or forced


def by_process(record: Iterable[KernelFact]) -> Mapping[int, Sequence[KernelFact]]:
    """Return the facts that are of each process's life, by its PID on the machine."""
    found: defaultdict[int, list[KernelFact]] = defaultdict(list)
    for fact in record:
        for host_pid in _whose(fact):
            found[host_pid].append(fact)
    return found


def _whose(fact: KernelFact) -> set[int]:
    match fact:
        case SignalGenerated(target=task):
            return {task.host_pid}
        case SignalDelivered(task=task) | SignalAccepted(task=task) | SignalfdRead(task=task):
            return {task.host_pid}
        case ExitCalled(task=task) | ProcessExited(task=task):
            return {task.host_pid}
        case ParentNotified(child=child, parent=parent):
            return {child.host_pid, parent.host_pid}
        case _:
            return set()


def life_of(
    host_pid: int,
    record: Iterable[KernelFact],
    signalfds: Mapping[int, int] | None = None,
    *,
    system_calls: bool = True,
    known_until_ns: int = 0,
) -> ProcessLife:
    """Follow one process through the record, which is whole until `known_until_ns`."""
    life = ProcessLife(host_pid, signalfds or {}, system_calls)
    for fact in record:
        life.take(fact)
    life.settle(known_until_ns)
    return life
