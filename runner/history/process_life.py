"""
What became of one process by the kernel's record: the signals that it received, and its end.

The rules of delivery are written here and nowhere else. Of a signal whose default action is to
terminate, the record has no delivery under its own name: the kernel turns it into SIGKILL when it
is generated (complete_signal() in kernel/signal.c).
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from runner.kernel.signals import SIGKILL, DefaultAction, Signal
from runner.kernel.target import KERNEL_ONLY
from runner.model.kernel_facts import (
    Delivery,
    Generation,
    KernelFact,
    ParentTold,
    ProcessExited,
    SignalDelivered,
    SignalGenerated,
    Task,
    Told,
)

_INIT_PID = 1
_QUEUED = {Generation.QUEUED, Generation.INFO_LOST}
_NO_EFFECT = {DefaultAction.IGN, DefaultAction.CONT}


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


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signal that was delivered to a process, at `at_ns`, and who had sent it, if recorded."""

    signal: Signal
    at_ns: int
    sender: Task | None = None


@dataclass(frozen=True, slots=True)
class ProcessEnd:
    """
    The end of a process at `at_ns`. `cause` is the signal that ended it, as it was generated; None
    where none did, or where that is not on record.
    """

    at_ns: int
    ending: Ending
    cause: SignalGenerated | None = None

    @property
    def signal(self) -> Signal | None:
        """The signal that ended it."""
        return self.cause.signal if self.cause is not None else None


@dataclass(slots=True)
class ProcessLife:
    """
    One process, by its PID on the machine, as far as its record was taken.

    `generated` are the signals that were sent to it, whatever became of them.
    """

    host_pid: int
    receipts: list[Receipt] = field(default_factory=list[Receipt])
    generated: list[SignalGenerated] = field(default_factory=list[SignalGenerated])
    end: ProcessEnd | None = None
    _queues: defaultdict[Signal, list[SignalGenerated]] = field(
        default_factory=lambda: defaultdict[Signal, list[SignalGenerated]](list)
    )
    _fatal: SignalGenerated | None = None
    _fatal_taken: bool = False
    _told: Told | None = None
    _exited_ns: int | None = None

    def take(self, fact: KernelFact) -> None:
        """Take one more fact of the record, in its order."""
        match fact:
            case SignalGenerated(target=task) if task.host_pid == self.host_pid:
                self._generated(fact)
            case SignalDelivered(task=task) if task.host_pid == self.host_pid:
                self._delivered(fact)
            case ProcessExited(task=task, at_ns=at_ns) if task.host_pid == self.host_pid:
                self._exited_ns = at_ns
                self._ended(at_ns)
            case ParentTold(child=task, told=told, at_ns=at_ns) if task.host_pid == self.host_pid:
                if told in _ENDS:
                    self._told = told
                    self._ended(self._exited_ns or at_ns)
            case _:
                pass

    def _generated(self, fact: SignalGenerated) -> None:
        self.generated.append(fact)
        if fact.generation not in _QUEUED:
            return
        self._queues[fact.signal].append(fact)
        doomed = self._fatal is not None and self._fatal.signal == SIGKILL
        if fact.signal.default_action.ends and not doomed:
            self._fatal, self._fatal_taken = fact, False

    def _delivered(self, fact: SignalDelivered) -> None:
        if fact.signal == SIGKILL:
            return  # under that name every thread ends, also where one of them exits by itself
        queue = self._queues[fact.signal]
        sent = queue.pop(0) if queue else None
        acts = _acts(fact, sent)
        if acts:
            sender = sent.sender if sent is not None else None
            self.receipts.append(Receipt(fact.signal, fact.at_ns, sender))
        if self._fatal is not None and self._fatal.signal == fact.signal:
            self._fatal_taken = acts and fact.delivery is Delivery.DEFAULT
            self._fatal = self._fatal if self._fatal_taken else None

    def _ended(self, at_ns: int) -> None:
        """It has ended; how is known for sure only when its parent was told."""
        before = self.end
        self.end = self._ending(at_ns)
        if self.end.ending is not Ending.KILLED or self._fatal is None or self._fatal_taken:
            return
        if before is None or before.ending is not Ending.KILLED:
            self.receipts.append(Receipt(self._fatal.signal, at_ns, self._fatal.sender))

    def _ending(self, at_ns: int) -> ProcessEnd:
        sent, by_signal = self._fatal, self._told in {Told.KILLED, Told.DUMPED}
        if self._told is Told.EXITED:
            return ProcessEnd(at_ns, Ending.EXITED)
        if not by_signal or sent is None:
            return ProcessEnd(at_ns, Ending.KILLED if by_signal else Ending.UNKNOWN)
        ending = Ending.WITH_INIT if sent.teardown else Ending.KILLED
        return ProcessEnd(at_ns, ending, sent)


_ENDS = {Told.EXITED, Told.KILLED, Told.DUMPED}


def _acts(fact: SignalDelivered, sent: SignalGenerated | None) -> bool:
    """
    Say whether a signal that was taken out of the queue had an effect.

    It may be ignored then, or be discarded since its target is init (get_signal()).
    """
    if fact.delivery is not Delivery.DEFAULT:
        return fact.delivery is Delivery.HANDLER
    if fact.signal.default_action in _NO_EFFECT:
        return False
    forced = sent is not None and sent.code > 0
    return fact.task.pid != _INIT_PID or fact.signal in KERNEL_ONLY or forced


def life_of(host_pid: int, record: Iterable[KernelFact]) -> ProcessLife:
    """Follow one process through the record."""
    life = ProcessLife(host_pid)
    for fact in record:
        life.take(fact)
    return life
