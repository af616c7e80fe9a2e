"""
Facts from the kernel trace: its tracepoints for signals and for the lives of processes.

Times are the kernel's CLOCK_MONOTONIC, turned into the runner's. A task is a process here: what a
thread of it does is the process's doing.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, Literal

from runner.kernel.signals import SIGKILL, Signal
from runner.model.fact import InContainer

_SI_KERNEL: Final = 0x80


class Role(enum.Enum):
    """
    Where a task is, as seen from the container.

    `INIT` is its first process, `INSIDE` another one of its PID namespace, `PROBE` our own there,
    `HOST` one of an ancestor namespace or elsewhere. With `pid: host`, `INSIDE` are only the
    processes of the container, and all others of the machine `HOST`.
    """

    INIT = "init"
    INSIDE = "inside"
    PROBE = "probe"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Task:
    """
    A process: its PID in the container's PID namespace (None: not known, or it has none there), its
    PID on the machine, its name.
    """

    role: Role
    pid: int | None
    host_pid: int
    comm: str

    def __str__(self) -> str:
        """`init (nginx)`, `7 worker`, `runc on the host`."""
        name = self.comm or "something"
        match self.role:
            case Role.INIT:
                return f"init ({name})"
            case Role.PROBE:
                return "the probe"
            case Role.HOST:
                return f"{name} on the host"
            case Role.INSIDE:
                return f"{self.pid or '?'} {name}"


class Generation(enum.Enum):
    """What the kernel did with a signal when it was sent (the tracepoint's `res`)."""

    QUEUED = "queued"
    IGNORED = "ignored"
    ALREADY_PENDING = "already_pending"
    OVERFLOW = "overflow"
    INFO_LOST = "info_lost"


class Delivery(enum.Enum):
    """What a signal met when it was delivered (the tracepoint's `sa_handler`)."""

    DEFAULT = "default"
    IGNORED = "ignored"
    HANDLER = "handler"


class ChildStatus(enum.Enum):
    """What a SIGCHLD tells a parent of its child (sigaction(2), CLD_*)."""

    EXITED = "exited"
    KILLED = "killed"
    DUMPED = "dumped"
    TRAPPED = "trapped"
    STOPPED = "stopped"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True)
class TraceOpened(InContainer):
    """
    From here on the kernel trace of this container is complete; its init is `host_pid`.

    `syscalls` says that it can have facts from system calls too: `SignalAccepted`, `SignalfdRead`,
    `ExitCalled` and `SubreaperSet`. A kernel without CONFIG_FTRACE_SYSCALLS has none of them, and
    no kernel those of a program of another word size, such as a 32-bit one on x86-64.
    """

    at_ns: int
    host_pid: int
    syscalls: bool = True
    kind: Literal["trace_opened"] = "trace_opened"


@dataclass(frozen=True, slots=True)
class TraceLost(InContainer):
    """
    The kernel trace has a gap: so many events were overwritten before they were read, 0 where
    nobody knows how many.

    What is missing happened after `since_ns` and before `at_ns`.
    """

    at_ns: int
    events: int
    since_ns: int = 0
    kind: Literal["trace_lost"] = "trace_lost"


@dataclass(frozen=True, slots=True)
class SignalGenerated(InContainer):
    """
    A signal was sent: by whom, to whom, and what the kernel did with it.

    `code` is si_code: 0 from kill(2), -1 from sigqueue(3), -6 from tgkill(2), above 0 from the
    kernel. `to_process` says that it is for the process and not for one thread. `after_end`: the
    sender has ended, so that it is the kernel that sends this: to all when init ends, to a process
    group that is an orphan now, to a child that asked for it (prctl(2), PR_SET_PDEATHSIG).
    """

    at_ns: int
    signal: Signal
    generation: Generation
    sender: Task
    target: Task
    code: int
    to_process: bool
    after_end: bool = False
    kind: Literal["signal_generated"] = "signal_generated"

    @property
    def from_kernel(self) -> bool:
        """Whether the kernel itself has sent it, and no process: SI_KERNEL (sigaction(2))."""
        return self.code >= _SI_KERNEL

    @property
    def teardown(self) -> bool:
        """Whether this is the end of the PID namespace with its init (pid_namespaces(7))."""
        return self.after_end and self.sender.role is Role.INIT and self.signal == SIGKILL


@dataclass(frozen=True, slots=True)
class SignalDelivered(InContainer):
    """
    A signal was taken by a process; `handler` is the address where one ran.

    When a signal ends a process, the kernel trace says SIGKILL here, whatever was sent; `cause`
    is then the signal that was, and None where it is not on record. A signal that a process has
    handled or ignored has no `cause`.
    """

    at_ns: int
    signal: Signal
    task: Task
    delivery: Delivery
    handler: int = 0
    cause: Signal | None = None
    kind: Literal["signal_delivered"] = "signal_delivered"


@dataclass(frozen=True, slots=True)
class ProcessForked(InContainer):
    """A process was born."""

    at_ns: int
    parent: Task
    child: Task
    kind: Literal["process_forked"] = "process_forked"


@dataclass(frozen=True, slots=True)
class ProgramExeced(InContainer):
    """A process has become another program, by whose name it goes from now on (execve(2))."""

    at_ns: int
    task: Task
    kind: Literal["program_execed"] = "program_execed"


@dataclass(frozen=True, slots=True)
class ProcessExited(InContainer):
    """The last thread of a process has ended."""

    at_ns: int
    task: Task
    kind: Literal["process_exited"] = "process_exited"


@dataclass(frozen=True, slots=True)
class ExitCalled(InContainer):
    """
    A process has called exit_group(2) with this status & 0xff, or its first thread exit(2), and no
    other thread exit_group(2) after that.

    A signal that ends it at the same time may be quicker: then the parent is told of the signal.
    """

    at_ns: int
    task: Task
    status: int
    kind: Literal["exit_called"] = "exit_called"


@dataclass(frozen=True, slots=True)
class SignalAccepted(InContainer):
    """A thread has taken a pending signal: sigwait(3), sigwaitinfo(2) or sigtimedwait(2)."""

    at_ns: int
    signal: Signal
    task: Task
    kind: Literal["signal_accepted"] = "signal_accepted"


@dataclass(frozen=True, slots=True)
class SignalfdRead(InContainer):
    """
    A process has read as much from descriptor `fd` as so many `signals` are in signalfd(2).

    Said only in a container where somebody has called signalfd(2), and of reads with a buffer for 1
    to 32 of them. Whether `fd` is a signalfd is for a snapshot to say. `fd` is None where the begin
    of the call is not on record.
    """

    at_ns: int
    task: Task
    fd: int | None
    signals: int
    kind: Literal["signalfd_read"] = "signalfd_read"


@dataclass(frozen=True, slots=True)
class SubreaperSet(InContainer):
    """A process takes orphans below it as its children, or not: PR_SET_CHILD_SUBREAPER."""

    at_ns: int
    task: Task
    on: bool
    kind: Literal["subreaper_set"] = "subreaper_set"


@dataclass(frozen=True, slots=True)
class ParentNotified(InContainer):
    """
    The kernel has told a parent, by SIGCHLD, what has become of its child; `generation` says what
    it did with that SIGCHLD.
    """

    at_ns: int
    child: Task
    parent: Task
    status: ChildStatus
    generation: Generation = Generation.QUEUED
    kind: Literal["parent_notified"] = "parent_notified"


@dataclass(frozen=True, slots=True)
class ProcessReaped(InContainer):
    """Nothing is left of a process: it was waited for some milliseconds ago at most."""

    at_ns: int
    task: Task
    kind: Literal["process_reaped"] = "process_reaped"


@dataclass(frozen=True, slots=True)
class ProcessEventsOmitted(InContainer):
    """
    So many facts on births and ends of processes were not kept, from `at_ns` to `until_ns`.
    """

    at_ns: int
    until_ns: int
    facts: int
    kind: Literal["process_events_omitted"] = "process_events_omitted"


KernelFact = (
    TraceOpened
    | TraceLost
    | SignalGenerated
    | SignalDelivered
    | ProcessForked
    | ProgramExeced
    | ProcessExited
    | ExitCalled
    | SignalAccepted
    | SignalfdRead
    | SubreaperSet
    | ParentNotified
    | ProcessReaped
    | ProcessEventsOmitted
)
