"""
How our instances in tracefs are set up: which events of which tasks the kernel writes down.

There are two. The one holds what happens in the engine's processes and in all that descend from
them, so that a busy machine costs nothing. The other holds what happens in any task's context: a
signal may be sent by anybody, also by an interrupt, and the last of a process is freed by whoever
comes by.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "scenario-run-"
"""How the names of our instances begin; the PID and start time of who made it follow."""

SECOND_PREFIX: Final = f"{PREFIX}signals-"
"""How the name of the second one begins."""

ENGINE_COMMS: Final = (
    "dockerd",
    "containerd",
    "containerd-shim",
    "docker-containe",
    "podman",
    "conmon",
    "conmonrs",
    "crio",
    "crun",
    "runc",
    "youki",
)
"""The names of the processes below which containers are born; comm is cut at 15 bytes."""

_GO: Final = (
    "dockerd",
    "containerd",
    "containerd-shim",
    "runc",
    "exe",
    "docker",
    "podman",
    "conmon",
)

_BUFFER_KB: Final = 4096
"""
For each processor and instance: some 60,000 events of signals. Twice as much would be 1 GB of a
machine with 64 processors; what makes more is left out instead (runner.observe.kernel_rates).
"""

_SIGNALFD_READ: Final = "count >= 128 && count <= 4096 && !(count & 127)"
_SIGNALFD_DONE: Final = "ret < 0 || (ret >= 128 && ret <= 4096 && !(ret & 127))"

_SYSCALLS: Final = (
    ("sys_exit_rt_sigtimedwait", "ret > 0 && ret <= 64"),
    ("sys_enter_prctl", "option == 36"),
    ("sys_enter_exit", ""),
    ("sys_enter_exit_group", ""),
    ("sys_enter_signalfd4", ""),
)


def instance_settings() -> list[tuple[str, str]]:
    """
    Return what to write to which files of the first instance, in order.

    A file after a `?` may be missing; where one after a `!` is, the kernel has no tracepoints for
    system calls, and the record does without them.
    """
    return [
        *_general(),
        # The kernel's SIGCHLD for the end of a child, in its turn with the end itself.
        *_event("signal/signal_generate", "sig == 17 && code > 0"),
        *_event("signal/signal_deliver", _but_for_go("COMM")),
        *_event("task/task_newtask"),
        # The name of a file may hold newlines, and so could look like a line of the kernel's.
        *_event("sched/sched_process_exec", '!(filename ~ "*\n*")'),
        *_event("sched/sched_process_exit"),
        # Which container a process is put into; runtimes that clone(2) into a cgroup do without.
        *_optional("cgroup/cgroup_attach_task"),
        *(
            (f"!{file}", text)
            for name, rule in _SYSCALLS
            for file, text in _event(f"syscalls/{name}", rule)
        ),
        # Only on kernels of 32 bits.
        *_optional("syscalls/sys_exit_rt_sigtimedwait_time64", "ret > 0 && ret <= 64"),
        *_reads(),
    ]


def second_settings() -> list[tuple[str, str]]:
    """Return the same of the second instance."""
    others = f"({_but_for_go('comm')}) && (sig != 17 || code <= 0)"
    return [
        *_general(),
        *_event("signal/signal_generate", others),
        *_event("sched/sched_process_free"),
    ]


def _general() -> list[tuple[str, str]]:
    return [
        ("trace_clock", "mono"),
        ("buffer_size_kb", str(_BUFFER_KB)),
        # Wake the reader for a single event, not when half of the buffer is full.
        ("?buffer_percent", "0"),
        # Children of tasks that are recorded are too, and of those that are left out are not.
        ("options/event-fork", "1"),
    ]


def _event(name: str, rule: str = "") -> list[tuple[str, str]]:
    rules = [(f"events/{name}/filter", rule)] if rule else []
    return [*rules, (f"events/{name}/enable", "1")]


def _optional(name: str, rule: str = "") -> list[tuple[str, str]]:
    return [(f"?{file}", text) for file, text in _event(name, rule)]


def _reads() -> list[tuple[str, str]]:
    """
    Record reads as those of a signalfd are, from the first call of signalfd(2) on.

    A program that copies in blocks of 512 bytes makes a million such reads a second. Every outcome
    of a read of a signalfd passes the second filter, so that the begin of one is never taken for
    that of a later one.
    """
    begin, end = "sys_enter_read", "sys_exit_read"
    triggers = [
        (f"events/syscalls/{call}/trigger", f"enable_event:syscalls:{event}")
        for call in ("sys_enter_signalfd4", "sys_enter_signalfd")
        for event in (begin, end)
    ]
    return [
        (f"!events/syscalls/{begin}/filter", _SIGNALFD_READ),
        (f"!events/syscalls/{end}/filter", _SIGNALFD_DONE),
        *_optional("syscalls/sys_enter_signalfd"),
        *((f"{'!' if 'signalfd4' in file else '?'}{file}", text) for file, text in triggers),
    ]


def _but_for_go(field: str) -> str:
    """Programs in Go send themselves SIGURG to preempt threads, hundreds of times a second."""
    return "sig != 23 || (" + " && ".join(f'{field} != "{name}"' for name in _GO) + ")"
