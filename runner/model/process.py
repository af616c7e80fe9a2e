"""
One process, as a look at /proc has seen it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from runner.kernel.masks import SignalMasks, holds
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal

INIT_PID: Final = 1
"""The PID of init in its PID namespace (pid_namespaces(7))."""


@dataclass(frozen=True, slots=True)
class ThreadSeen:
    """
    One thread of a process that has several: what it blocks, what is pending for it alone.

    `waits`: it is in sigwait(3) or the like, or may be: that cannot be read of a process of another
    user without CAP_SYS_PTRACE. Until that call returns, the kernel has taken what it waits
    for, `waits_for`, out of SigBlk, which `blocked` is. None: it does not wait, or it could not be
    read for what.
    """

    tid: int
    blocked: int
    pending: int
    waits: bool = False
    waits_for: int | None = None

    def may_wait_for(self, signal: Signal) -> bool:
        """Return whether it waits for the signal, or may: for what it waits is not known."""
        return self.waits and (self.waits_for is None or holds(self.waits_for, signal))


@dataclass(frozen=True, slots=True)
class SignalFd:
    """A signalfd(2): the descriptor, and the mask of the signals that can be read from it."""

    fd: int
    mask: int


@dataclass(frozen=True, slots=True)
class Process:
    """
    One process as a snapshot has seen it.

    `started` is its start time in clock ticks since boot: with the PID it tells two processes
    apart. `masks.blocked` is SigBlk of the main thread. `blocked_by_all` lists what every thread
    blocks: what a thread waits for in sigwait(3) counts as blocked by it, where that is known, for
    SigBlk lacks it only until the call returns. `pending_anywhere` lists what is pending for the
    process or any thread. `foreign` says that it is of another container, which shares the PID
    namespace. `threads` is empty where there is only the main thread; `waits` and `waits_for` are
    as a thread's, for the main one. `signalfd` is the union of the masks of its `signalfds`,
    `traced` says that a debugger is attached. `exe` is the path of what it executes, "" where that
    could not be read.
    """

    pid: int
    ppid: int
    pgid: int
    sid: int
    state: ProcessState
    comm: str
    argv: tuple[str, ...]
    uid: int
    started: int
    masks: SignalMasks
    blocked_by_all: int = 0
    pending_anywhere: int = 0
    foreign: bool = False
    threads: tuple[ThreadSeen, ...] = ()
    waits: bool = False
    signalfd: int = 0
    traced: bool = False
    waits_for: int | None = None
    signalfds: tuple[SignalFd, ...] = ()
    exe: str = ""

    @property
    def every_thread(self) -> tuple[ThreadSeen, ...]:
        """All threads, also where there is only the main one."""
        masks = self.masks
        only = ThreadSeen(
            self.pid,
            masks.blocked,
            masks.thread_pending,
            waits=self.waits,
            waits_for=self.waits_for,
        )
        return self.threads or (only,)

    def may_wait_for(self, signal: Signal) -> bool:
        """Return whether a thread is in sigwait(3) for the signal, or may be."""
        return any(thread.may_wait_for(signal) for thread in self.every_thread)

    def waits_for_unknown(self, signal: Signal) -> bool:
        """Return whether what a thread waits for could not be read, and may be the signal."""
        return any(
            thread.waits and thread.waits_for is None and not holds(thread.blocked, signal)
            for thread in self.every_thread
        )
