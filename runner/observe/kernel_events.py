"""
What the lines of the kernel's trace say, one record for each tracepoint.

All tasks are TIDs of the machine, and all times the trace's clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.kernel.signals import Signal


@dataclass(frozen=True, slots=True)
class Generated:
    """
    signal_generate: `actor` sent `signal` to `target`. TIDs of the machine.

    The `actor_comm` of all events is what the kernel remembers of that task, perhaps from before
    its last exec; a name that is part of the event itself is what it was then.
    """

    at_ns: int
    actor: int
    actor_comm: str
    signal: Signal
    code: int
    target: int
    target_comm: str
    to_process: bool
    result: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """signal_deliver: `actor` takes a signal; `handler` 0 is default, 1 ignored."""

    at_ns: int
    actor: int
    actor_comm: str
    signal: Signal
    code: int
    handler: int


@dataclass(frozen=True, slots=True)
class Forked:
    """
    task_newtask: a task is born; `thread`: of its parent's process, `new_namespace`: as the first
    one of a PID namespace.
    """

    at_ns: int
    parent: int
    parent_comm: str
    child: int
    comm: str
    thread: bool = False
    new_namespace: bool = False


@dataclass(frozen=True, slots=True)
class Execed:
    """sched_process_exec: a process has another program, and so another name."""

    at_ns: int
    task: int
    comm: str


@dataclass(frozen=True, slots=True)
class Exited:
    """sched_process_exit: a task ends; `last`: it was the last of its process."""

    at_ns: int
    task: int
    comm: str
    last: bool


@dataclass(frozen=True, slots=True)
class Freed:
    """sched_process_free: nothing is left of a task."""

    at_ns: int
    task: int


@dataclass(frozen=True, slots=True)
class ExitCall:
    """sys_enter_exit_group, or sys_enter_exit without `group`; `status` as it is passed."""

    at_ns: int
    actor: int
    actor_comm: str
    status: int
    group: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """sys_exit_rt_sigtimedwait: `actor` has taken a signal for which it has asked."""

    at_ns: int
    actor: int
    actor_comm: str
    signal: Signal


@dataclass(frozen=True, slots=True)
class SubreaperCall:
    """sys_enter_prctl with PR_SET_CHILD_SUBREAPER."""

    at_ns: int
    actor: int
    actor_comm: str
    on: bool


@dataclass(frozen=True, slots=True)
class SignalfdCall:
    """sys_enter_signalfd4: `actor` makes or changes a signalfd."""

    at_ns: int
    actor: int
    actor_comm: str


@dataclass(frozen=True, slots=True)
class ReadBegun:
    """sys_enter_read with room for `count` bytes."""

    at_ns: int
    actor: int
    actor_comm: str
    fd: int
    count: int


@dataclass(frozen=True, slots=True)
class ReadEnded:
    """sys_exit_read: so many bytes, or a negative errno."""

    at_ns: int
    actor: int
    actor_comm: str
    result: int


@dataclass(frozen=True, slots=True)
class Attached:
    """cgroup_attach_task: a process is put into the cgroup of that number in a hierarchy."""

    at_ns: int
    task: int
    hierarchy: int
    cgroup: int


@dataclass(frozen=True, slots=True)
class Mark:
    """What the runner itself has written into the trace."""

    at_ns: int
    number: int


@dataclass(frozen=True, slots=True)
class Lost:
    """
    The kernel had to overwrite so many events that were not yet read; 0: nobody knows how many.

    They were those of one processor, after `since_ns` and before `at_ns`.
    """

    at_ns: int
    events: int
    since_ns: int


TaskEvent = Delivered | ExitCall | Accepted | SubreaperCall | SignalfdCall | ReadBegun | ReadEnded
"""What a task does, or what is done to it, in its own context."""

TraceEvent = Generated | Forked | Execed | Exited | Freed | Attached | TaskEvent
"""What happens at a time."""


def tasks_of(event: TraceEvent) -> tuple[int, ...]:
    """Return the tasks that an event is about."""
    match event:
        case Generated(actor=actor, target=target):
            return (target, actor)
        case Forked(parent=parent, child=child):
            return (parent, child)
        case Execed(task=task) | Exited(task=task) | Freed(task=task) | Attached(task=task):
            return (task,)
        case _:
            return (event.actor,)
