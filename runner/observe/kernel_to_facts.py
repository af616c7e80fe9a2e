"""
What an event of the kernel's trace means for one container.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from runner.kernel.signals import SIGKILL, Signal
from runner.model.kernel_facts import (
    Delivery,
    ExitCalled,
    Generation,
    KernelFact,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    ProgramExeced,
    SignalAccepted,
    SignalDelivered,
    SignalfdRead,
    SignalGenerated,
    SubreaperSet,
)
from runner.observe.kernel_events import (
    Accepted,
    Delivered,
    Execed,
    ExitCall,
    Exited,
    Forked,
    Freed,
    Generated,
    ReadEnded,
    SubreaperCall,
    TraceEvent,
)
from runner.observe.kernel_space import Watched
from runner.observe.kernel_tasks import SIGCHLD, Noted, TaskTable

_SIGURG: Final = Signal.parse("SIGURG")
_SI_TKILL: Final = -6
_GENERATIONS: Final = (
    Generation.QUEUED,
    Generation.IGNORED,
    Generation.ALREADY_PENDING,
    Generation.OVERFLOW,
    Generation.INFO_LOST,
)
_IGNORED_HANDLER: Final = 1
_SIGINFO_BYTES: Final = 128
"""The size of a signalfd_siginfo, signalfd(2)."""


def facts_of(
    event: TraceEvent, noted: Noted, watched: Watched, tasks: TaskTable
) -> Iterator[KernelFact]:
    """Yield the facts of an event."""
    match event:
        case Generated():
            yield from _sent(event, noted, watched, tasks)
        case Delivered():
            yield from _delivered(event, noted, watched, tasks)
        case Forked(thread=False) | Execed() | Exited() | Freed() | ExitCall():
            yield from _life(event, noted, watched, tasks)
        case Accepted(at_ns=at_ns, actor=actor, signal=signal):
            yield SignalAccepted(at_ns, signal, watched.task(tasks, actor, event.actor_comm))
        case SubreaperCall(at_ns=at_ns, actor=actor, on=on):
            yield SubreaperSet(at_ns, watched.task(tasks, actor, event.actor_comm), on)
        case ReadEnded(at_ns=at_ns, actor=actor, result=result):
            count, rest = divmod(result, _SIGINFO_BYTES)
            if watched.signalfd and count > 0 and not rest:
                task = watched.task(tasks, actor, event.actor_comm)
                yield SignalfdRead(at_ns, task, noted.fd, count)
        case _:
            pass


def _life(
    event: Forked | Execed | Exited | Freed | ExitCall,
    noted: Noted,
    watched: Watched,
    tasks: TaskTable,
) -> Iterator[KernelFact]:
    match event:
        case Forked(at_ns=at_ns, parent=parent, parent_comm=comm, child=child):
            born = watched.task(tasks, child, event.comm)
            yield ProcessForked(at_ns, watched.task(tasks, parent, comm), born)
        case Execed(at_ns=at_ns, task=task):
            yield ProgramExeced(at_ns, watched.task(tasks, task))
        case Exited(at_ns=at_ns, task=task, comm=comm, last=True):
            if (call := noted.exit_call) is not None:
                yield _exit_called(call, watched, tasks)
            yield ProcessExited(at_ns, watched.task(tasks, task, comm))
        case Freed(at_ns=at_ns, task=task) if tasks.process(task) == task:
            yield ProcessReaped(at_ns, watched.task(tasks, task))
        case ExitCall(group=True):
            yield _exit_called(event, watched, tasks)
        case _:
            pass


def _exit_called(call: ExitCall, watched: Watched, tasks: TaskTable) -> ExitCalled:
    task = watched.task(tasks, call.actor, call.actor_comm)
    return ExitCalled(call.at_ns, task, call.status & 0xFF)


def _sent(
    event: Generated, noted: Noted, watched: Watched, tasks: TaskTable
) -> Iterator[SignalGenerated | SignalDelivered | ParentNotified]:
    sender = watched.task(tasks, event.actor, event.actor_comm)
    target = watched.task(tasks, event.target, event.target_comm)
    generation = _GENERATIONS[min(event.result, len(_GENERATIONS) - 1)]
    if event.signal == SIGCHLD and event.code > 0:
        if noted.killed is not None and _of(watched, event.actor, tasks):
            # The thread that took it may be gone; the one that ends last speaks for the process.
            killed = replace(noted.killed, actor=event.actor, actor_comm=event.actor_comm)
            yield _delivery(killed, noted, watched, tasks)
        if noted.status is not None:
            yield ParentNotified(event.at_ns, sender, target, noted.status, generation)
        return
    to_itself = sender.host_pid == target.host_pid
    if to_itself and (noted.after_end or _is_preemption(event)):
        return
    yield SignalGenerated(
        event.at_ns,
        event.signal,
        generation,
        sender,
        target,
        event.code,
        event.to_process,
        after_end=noted.after_end,
    )


def _delivered(
    event: Delivered, noted: Noted, watched: Watched, tasks: TaskTable
) -> Iterator[SignalDelivered]:
    if (event.signal == SIGCHLD and event.code > 0) or _is_preemption(event):
        return
    if event.signal != SIGKILL or noted.cause is not None:
        yield _delivery(event, noted, watched, tasks)
    # else one of several threads, ended by another one of them, or it is told with its end


def _delivery(
    event: Delivered, noted: Noted, watched: Watched, tasks: TaskTable
) -> SignalDelivered:
    delivery, handler = Delivery.HANDLER, event.handler
    if event.handler <= _IGNORED_HANDLER:
        delivery = Delivery.IGNORED if event.handler else Delivery.DEFAULT
        handler = 0
    task = watched.task(tasks, event.actor, event.actor_comm)
    return SignalDelivered(event.at_ns, event.signal, task, delivery, handler, noted.cause)


def _of(watched: Watched, tid: int, tasks: TaskTable) -> bool:
    known = tasks.get(tid)
    return known is not None and watched.owns(known)


def _is_preemption(event: Generated | Delivered) -> bool:
    """Return whether this is what a program in Go sends its own threads to take turns."""
    return event.signal == _SIGURG and event.code == _SI_TKILL
