"""
Which processes the kernel has killed because init ended.

zap_pid_ns_processes() in kernel/pid_namespace.c sends SIGKILL to each process that is left in the
PID namespace, in the name of init, whose last thread has ended by then; the parent of init is told
after that. So the kernel trace has these signals after the end of init, and all of them before
the engine can report that end. One that was ending by itself is passed over, or is sent a SIGKILL
that is discarded; so is a zombie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeGuard

from runner.history.container_history import ContainerHistory
from runner.history.step_span import StepSpan
from runner.kernel.processes import is_runtime
from runner.kernel.signals import SIGKILL, Signal
from runner.model.engine_facts import InitEnded
from runner.model.kernel_facts import (
    Generation,
    KernelFact,
    ProcessExited,
    ProcessForked,
    Role,
    SignalGenerated,
)
from runner.model.killed import KilledProcess, KilledWithInit
from runner.model.observation import ProcessSnapshot
from runner.model.process import INIT_PID
from runner.model.step import Sender
from runner.model.verdict import Evidence

_BY_SIGKILL = 128 + SIGKILL


def killed_in(history: ContainerHistory, span: StepSpan) -> KilledWithInit | None:
    """
    Return what was killed when init ended during a step.

    None: it did not end, or what is known does not tell.
    """
    ended = span.ended
    if ended is None:
        return None
    if span.traced:
        whole = history.trace_ns >= ended.at_ns
        return killed_by_trace(span, span.kernel_facts) if whole else None
    # One with a gap was read: more evidence cannot be asked for.
    return _by_snapshots(history, span, ended) if history.trace_lost is None else None


def killed_by_trace(span: StepSpan, record: Sequence[KernelFact]) -> KilledWithInit | None:
    """
    Return what the kernel has killed at the first end of init in a part of the record.

    `span` is the step that has asked init to end. None: that end is not in it.
    """
    end = next((fact for fact in record if _ends_init(fact)), None)
    if end is None:
        return None
    signals = _signals(span)
    killed = tuple(_killed(record, span, signals, end.task.host_pid))
    return KilledWithInit(killed, signals, span.escalated)


def _ends_init(fact: KernelFact) -> TypeGuard[ProcessExited]:
    return isinstance(fact, ProcessExited) and fact.task.role is Role.INIT


def _signals(span: StepSpan) -> tuple[Signal, ...]:
    sent = (one.fact.signal for one in span.sent if one.to_init and one.asked_for)
    return tuple(dict.fromkeys(sent))


def _killed(
    record: Sequence[KernelFact], span: StepSpan, signals: Sequence[Signal], init: int
) -> Iterator[KilledProcess]:
    """Yield each process to which that init, by its PID on the machine, has left a SIGKILL."""
    over, received = set[int](), set[int]()
    for fact in record:
        match fact:
            case ProcessForked(child=task):
                over.discard(task.host_pid)
                received.discard(task.host_pid)
            case ProcessExited(task=task):
                over.add(task.host_pid)
            case SignalGenerated(target=task) if not fact.teardown:
                if fact.signal in signals and fact.generation is not Generation.IGNORED:
                    received.add(task.host_pid)
            case SignalGenerated(target=task) if fact.sender.host_pid == init:
                left = fact.generation is Generation.QUEUED and task.host_pid not in over
                if left and task.role is Role.INSIDE and not is_runtime(task.comm):
                    argv = _argv(span, task.pid, task.comm, fact.at_ns)
                    known = task.host_pid in received if signals else None
                    yield KilledProcess(task.pid, task.comm, argv, known)
                over.add(task.host_pid)
            case _:
                pass


def _argv(span: StepSpan, pid: int | None, comm: str, at_ns: int) -> str:
    """Return the arguments that the last snapshot before a time shows of a process."""
    before = _last_before(span, at_ns)
    seen = () if before is None else before.processes
    # One of another name has executed another program since.
    return next((" ".join(one.argv) for one in seen if (one.pid, one.comm) == (pid, comm)), "")


def _last_before(span: StepSpan, at_ns: int) -> ProcessSnapshot | None:
    """Return the last snapshot before a time; after a restart, the last of all is too late."""
    seen = (span.snapshot, span.looked, *(one.before for one in span.sent))
    return max(
        (one for one in seen if one is not None and one.until_ns <= at_ns),
        key=lambda one: one.until_ns,
        default=None,
    )


def _by_snapshots(
    history: ContainerHistory, span: StepSpan, ended: InitEnded
) -> KilledWithInit | None:
    """
    Return what was left when SIGKILL ended init, by the last snapshot before.

    After any other end of init it is not known: a process that was seen after the stop signal may
    have ended right after that, and init because of it.
    """
    kill = next(
        (one for one in span.sent if one.fact.signal == SIGKILL and one.fact.sender is Sender.HOST),
        None,
    )
    if kill is None or ended.exit_code != _BY_SIGKILL or history.shares_host:
        return None
    since_ns = span.began_ns if kill.asked_for else span.effective_ns
    last = _last_before(span, ended.at_ns)
    if last is None or since_ns is None or last.until_ns < since_ns:
        return None
    if last.init is None or last.init.pid != INIT_PID:
        return None
    left = (one for one in last.processes if one.pid != INIT_PID and one.state.alive)
    killed = tuple(
        KilledProcess(one.pid, one.comm, " ".join(one.argv))
        for one in left
        if not is_runtime(one.comm)
    )
    if not killed:
        return None  # a process may have been born since
    return KilledWithInit(killed, _signals(span), span.escalated, Evidence.PROC)
