"""
Facts from the kernel's own record: its tracepoints for signals and for the lives of processes.

Times are the kernel's CLOCK_MONOTONIC, turned into the runner's. A task is a process here: what a
thread of it does is the process's doing.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from runner.kernel.signals import SIGKILL, Signal
from runner.model.fact import InContainer


class Place(enum.Enum):
    """
    Where a task is, as seen from the container.

    `INIT` is its first process, `INSIDE` another one of its PID namespace, `PROBE` our own there,
    `HOST` one of an ancestor namespace or elsewhere.
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

    place: Place
    pid: int | None
    host_pid: int
    comm: str

    def __str__(self) -> str:
        """`init (nginx)`, `7 worker`, `runc on the host`."""
        name = self.comm or "something"
        match self.place:
            case Place.INIT:
                return f"init ({name})"
            case Place.PROBE:
                return "the probe"
            case Place.HOST:
                return f"{name} on the host"
            case Place.INSIDE:
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


class Told(enum.Enum):
    """What a SIGCHLD tells a parent of its child (sigaction(2), CLD_*)."""

    EXITED = "exited"
    KILLED = "killed"
    DUMPED = "dumped"
    TRAPPED = "trapped"
    STOPPED = "stopped"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True)
class TraceOpened(InContainer):
    """From here on the kernel's record of this container is complete; its init is `host_pid`."""

    at_ns: int
    host_pid: int
    kind: Literal["trace_opened"] = "trace_opened"


@dataclass(frozen=True, slots=True)
class TraceLost(InContainer):
    """
    The kernel's record has a gap: so many events were overwritten before they were read, 0 where
    nobody knows how many.
    """

    at_ns: int
    events: int
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
    def teardown(self) -> bool:
        """Say whether this is the end of the PID namespace with its init (pid_namespaces(7))."""
        return self.after_end and self.sender.place is Place.INIT and self.signal == SIGKILL


@dataclass(frozen=True, slots=True)
class SignalDelivered(InContainer):
    """
    A signal was taken by a process; `handler` is the address where one ran.

    When a signal ends a process, the kernel's record says SIGKILL here, whatever was sent; `cause`
    is then the signal that was.
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
class ParentTold(InContainer):
    """The kernel has told a parent, by SIGCHLD, what has become of its child."""

    at_ns: int
    child: Task
    parent: Task
    told: Told
    kind: Literal["parent_told"] = "parent_told"


@dataclass(frozen=True, slots=True)
class ProcessReaped(InContainer):
    """Nothing is left of a process: it was waited for some milliseconds ago at most."""

    at_ns: int
    task: Task
    kind: Literal["process_reaped"] = "process_reaped"


@dataclass(frozen=True, slots=True)
class LivesOmitted(InContainer):
    """
    So many facts on births and ends of processes were not kept, from `at_ns` to `until_ns`.
    """

    at_ns: int
    until_ns: int
    facts: int
    kind: Literal["lives_omitted"] = "lives_omitted"


KernelFact = (
    TraceOpened
    | TraceLost
    | SignalGenerated
    | SignalDelivered
    | ProcessForked
    | ProgramExeced
    | ProcessExited
    | ParentTold
    | ProcessReaped
    | LivesOmitted
)
