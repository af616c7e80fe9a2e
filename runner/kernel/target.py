"""
What is known of a process before a signal is sent to it, and the sending itself.

Records only: what follows from them is said by `oracle` and `delivery`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Final

from runner.kernel.masks import holds
from runner.kernel.pending import Pending
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, DefaultAction, Signal

SIGSTOP: Final = Signal.parse("SIGSTOP")
SIGCONT: Final = Signal.parse("SIGCONT")

KERNEL_ONLY: Final = frozenset({SIGKILL, SIGSTOP})
"""Never caught, ignored or blocked (signal(7)); the kernel's sig_kernel_only()."""


class Disposition(enum.Enum):
    """What a process has chosen to do with a signal (signal(7))."""

    CAUGHT = "caught"
    IGNORED = "ignored"
    DEFAULT = "default"


class Freezer(enum.Enum):
    """Whether control groups have frozen the process, as `docker pause` does (cgroups(7))."""

    OFF = "off"
    V1 = "v1"
    V2 = "v2"


@dataclass(frozen=True, slots=True)
class ThreadView:
    """
    One thread.

    `blocked` is SigBlk as /proc shows it: a thread in sigwait(3) has the signals that it waits
    for taken out. `waits_for` is the set of that call where known, None where the thread is in no
    such call or nothing is known of its set; `waits_unknown` says that it is in such a call and
    may wait for more than `waits_for` holds (/proc does not show the set).
    """

    tid: int
    blocked: int = 0
    pending: Pending = field(default_factory=Pending)
    waits_for: int | None = None
    waits_unknown: bool = False

    def waits(self, signal: Signal) -> bool:
        """Return whether it surely waits for it; SIGKILL and SIGSTOP cannot be waited for."""
        return signal not in KERNEL_ONLY and holds(self.waits_for or 0, signal)

    def may_wait(self, signal: Signal) -> bool:
        """Return whether it may wait for it. What SigBlk still shows, it does not wait for."""
        if signal in KERNEL_ONLY:
            return False
        return self.waits(signal) or (self.waits_unknown and not holds(self.blocked, signal))

    def blocks(self, signal: Signal) -> bool:
        """Return whether the signal stays pending for all this thread does."""
        return signal not in KERNEL_ONLY and holds(self.blocked, signal) and not self.waits(signal)


@dataclass(frozen=True, slots=True)
class TargetView:
    """
    One process, as far as signals go.

    `is_init`: it is PID 1 of its PID namespace. `leader` is the main thread, whose mask decides
    what is dropped when a signal is sent to the process. `ignored` and `caught` are SigIgn and
    SigCgt, `pending` ShdPnd, `signalfd` the union of the masks of its signalfds. `traced`: a
    debugger is attached (TracerPid). `orphaned_group`: None where that is not known.
    """

    leader: ThreadView
    is_init: bool = False
    others: tuple[ThreadView, ...] = ()
    state: ProcessState = ProcessState.SLEEPING
    freezer: Freezer = Freezer.OFF
    ignored: int = 0
    caught: int = 0
    pending: Pending = field(default_factory=Pending)
    signalfd: int = 0
    traced: bool = False
    orphaned_group: bool | None = None

    @property
    def threads(self) -> tuple[ThreadView, ...]:
        """All threads, the main thread first."""
        return (self.leader, *self.others)

    @property
    def taking(self) -> tuple[ThreadView, ...]:
        """The threads that can still take a signal: the main thread may end before the others."""
        return self.threads if self.state.alive else self.others

    @property
    def debugged(self) -> bool:
        """A tracer is attached, or the process is stopped by one."""
        return self.traced or self.state is ProcessState.TRACED

    @property
    def doomed(self) -> bool:
        """
        SIGKILL is pending: no further signal is taken in (the kernel's SIGNAL_GROUP_EXIT).

        What is pending for a main thread that has ended is taken by nobody.
        """
        queues = (self.pending, *(thread.pending for thread in self.taking))
        return any(queue.holds(SIGKILL) for queue in queues)

    @property
    def queues(self) -> tuple[Pending, ...]:
        """What is pending for the process, then for each thread."""
        return (self.pending, *(thread.pending for thread in self.threads))

    def thread(self, tid: int) -> ThreadView | None:
        """Find a thread."""
        return next((thread for thread in self.threads if thread.tid == tid), None)

    def disposition(self, signal: Signal) -> Disposition:
        """Return what the process has chosen; there is no choice for SIGKILL and SIGSTOP."""
        if signal in KERNEL_ONLY:
            return Disposition.DEFAULT
        if holds(self.ignored, signal):
            return Disposition.IGNORED
        return Disposition.CAUGHT if holds(self.caught, signal) else Disposition.DEFAULT

    def does_nothing_with(self, signal: Signal) -> bool:
        """Return whether it is ignored, by choice or default (the kernel's sig_handler_ignored)."""
        chosen = self.disposition(signal)
        return chosen is Disposition.IGNORED or (
            chosen is Disposition.DEFAULT
            and signal.default_action in {DefaultAction.IGN, DefaultAction.CONT}
        )


@dataclass(frozen=True, slots=True)
class Sending:
    """
    One signal on its way.

    `from_ancestor`: the sender has no PID in the target's PID namespace, as an engine's daemon.
    `permitted`: what kill(2) would say to signal 0, None where not known. `to_thread`: the thread
    named in tgkill(2); None means the process.
    """

    signal: Signal
    from_ancestor: bool
    permitted: bool | None = None
    to_thread: int | None = None
