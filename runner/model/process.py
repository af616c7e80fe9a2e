"""
One process, as a look at /proc has seen it.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.kernel.masks import SignalMasks
from runner.kernel.processes import ProcessState


@dataclass(frozen=True, slots=True)
class ThreadSeen:
    """
    One thread of a process that has several: what it blocks, what is pending for it alone.

    `waits`: it is in sigwait(3) or the like, and `blocked` is not what it blocks otherwise.
    """

    tid: int
    blocked: int
    pending: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """
    One process as a look has seen it.

    `started` is its start time in clock ticks since boot: with the PID it tells two processes
    apart. `masks.blocked` is that of the main thread; `blocked_by_all` lists what every thread
    blocks, `pending_anywhere` what is pending for the process or any thread. `foreign` says that it
    is of another container, which shares the PID namespace. `threads` is empty where there is only
    the main thread; `waits` is as a thread's, for that one. `signalfd` is what can be read from its
    signalfds, `traced` says that a debugger is attached.
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
