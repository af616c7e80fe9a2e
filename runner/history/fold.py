"""
Facts, folded one by one into what is known of a container.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

from runner.history import by_others, processes, step_span
from runner.history.container_history import NEVER, ContainerHistory
from runner.history.step_span import StepSpan
from runner.kernel.processes import ProcessState
from runner.model.engine_facts import (
    ContainerStarted,
    EngineSent,
    FinalState,
    HealthReported,
    InitEnded,
    InitRestarted,
    NeverStarted,
    OutOfMemory,
    Paused,
    StopAnswered,
    Unpaused,
)
from runner.model.kernel_facts import (
    ChildStatus,
    KernelFact,
    ParentNotified,
    ProcessEventsOmitted,
    ProcessExited,
    Role,
    Task,
    TraceLost,
    TraceOpened,
)
from runner.model.observation import (
    EngineAnswered,
    EvidenceLate,
    ExecEnded,
    ExecStarted,
    LineTooLong,
    LogMatched,
    LogsEnded,
    Observation,
    ProbeClosed,
    ProcessSnapshot,
    RestartRequested,
    SignalSent,
    StepActed,
    StepBegan,
    StopRequested,
    TraceReached,
)
from runner.model.step import Sender

_SNAPSHOTS_KEPT: Final = 4


def with_fact(history: ContainerHistory, fact: Observation) -> ContainerHistory:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one line a fact
    """Fold one more fact into the history."""
    change = dataclasses.replace
    match fact:
        case ContainerStarted():
            return change(history, started=fact)
        case NeverStarted():
            return change(history, never_started=fact)
        case InitEnded():
            return _with_span(change(history, ended=fact, last_end=fact), fact)
        case InitRestarted():
            return _with_new_init(history, fact)
        case HealthReported():
            return change(history, health=fact)
        case ProbeClosed(at_ns=at_ns):
            return change(history, probe_closed_ns=at_ns)
        case ProcessSnapshot():
            return _with_snapshot(history, fact)
        case StepBegan() | StepActed():
            return _with_span(history, fact)
        case SignalSent(signal=signal, sender=sender):
            own = (signal,) if sender is Sender.HOST else ()
            return _with_span(change(history, unreported=(*history.unreported, *own)), fact)
        case StopRequested() | RestartRequested():
            return _with_span(change(history, stop_answered=False), fact)
        case StopAnswered():
            return _with_span(change(history, stop_answered=True), fact)
        case EngineSent():
            return _with_engine_signal(history, fact)
        case TraceReached(at_ns=at_ns):
            return change(history, trace_ns=max(history.trace_ns, at_ns))
        case EvidenceLate(way=way):
            return change(history, late=history.late | {way})
        case EngineAnswered(at_ns=at_ns):
            return change(history, engine_ns=max(history.engine_ns, at_ns))
        case LogMatched():
            return change(history, matches=(*history.matches, fact))
        case LineTooLong():
            return change(history, too_long=(*history.too_long, fact))
        case LogsEnded():
            return change(history, logs_ended=True)
        case ExecStarted():
            return change(history, exec_started=fact, exec_ended=None)
        case ExecEnded():
            return change(history, exec_ended=fact)
        case Paused():
            return by_others.with_pause(change(history, paused=fact), fact)
        case Unpaused():
            return change(history, paused=None)
        case FinalState():
            return change(history, final_state=fact)
        case OutOfMemory():
            return change(history, out_of_memory=fact)
        case TraceOpened():
            return _with_trace(history, fact)
        case TraceLost():
            return _with_gap(history, fact)
        case _:
            return _with_kernel_fact(history, fact) if isinstance(fact, KernelFact) else history


def _with_new_init(history: ContainerHistory, fact: InitRestarted) -> ContainerHistory:
    """What was known of the init before says nothing of the new one."""
    return dataclasses.replace(
        history,
        restarted=fact,
        processes=processes.without_init(
            history.processes,
            history.last_end.at_ns if history.last_end is not None else fact.at_ns,
        ),
        ended=None,
        snapshot=None,
        earlier_snapshot=None,
        init_still_since_ns=NEVER,
        logs_ended=False,
        health=None,
        paused=None,
        trace=None,
        init_exited=None,
        init_notified=None,
    )


def before_step(
    history: ContainerHistory,
    began: StepBegan,
    *,
    acts: bool,
    sends: bool,
    pauses: bool = False,
) -> ContainerHistory:
    """
    Turn to the next step: what was seen last is now before it.

    `acts` says that it does something, `sends` that signals are its business, `pauses` that it
    pauses a container.
    """
    history = dataclasses.replace(history, earlier_snapshot=history.snapshot, late=frozenset())
    if not acts:
        return history
    trace = history.trace
    span = StepSpan(
        began.step,
        began.at_ns,
        sends,
        pauses,
        traced=trace is not None and history.trace_lost is None,
        init_host_pid=trace.host_pid if trace is not None else None,
        snapshot=history.snapshot,
    )
    closed = [dataclasses.replace(one, closed_ns=began.at_ns) for one in history.spans[-1:]]
    return dataclasses.replace(history, spans=(*history.spans[:-1], *closed, span))


def _with_span(history: ContainerHistory, fact: Observation) -> ContainerHistory:
    """Let the step that is under way take a fact."""
    span = history.span
    if span is None:
        return history
    # A look carries the time at which it began: only one that has arrived before a signal was
    # asked for shows its target as it was before it.
    snapshot = next((one for one in reversed(history.snapshots) if one.at_ns <= fact.at_ns), None)
    return dataclasses.replace(
        history, spans=(*history.spans[:-1], step_span.with_fact(span, fact, snapshot))
    )


def _with_snapshot(history: ContainerHistory, snapshot: ProcessSnapshot) -> ContainerHistory:
    # A look that shows the same as the last one is that one, extended.
    before = (
        history.snapshots[:-1]
        if history.snapshots and history.snapshots[-1].at_ns == snapshot.at_ns
        else history.snapshots
    )
    history = dataclasses.replace(
        history,
        snapshot=snapshot,
        snapshots=(*before, snapshot)[-_SNAPSHOTS_KEPT:],
        processes=processes.with_snapshot(history.processes, snapshot),
        zombies=_zombies(history, snapshot),
        init_still_since_ns=_init_still_since(history, snapshot),
    )
    return _with_span(history, snapshot)


def _zombies(history: ContainerHistory, snapshot: ProcessSnapshot) -> Mapping[tuple[int, int], int]:
    zombies = (one for one in snapshot.processes if one.state is ProcessState.ZOMBIE)
    keys = ((one.pid, one.started) for one in zombies)
    return {key: history.zombies.get(key, snapshot.at_ns) for key in keys}


def _with_trace(history: ContainerHistory, fact: TraceOpened) -> ContainerHistory:
    """A record that begins after a step has begun is not the whole record of that step."""
    spans = tuple(
        dataclasses.replace(one, traced=True, init_host_pid=fact.host_pid)
        if one.init_host_pid is None and fact.at_ns <= one.began_ns
        else one
        for one in history.spans
    )
    return dataclasses.replace(history, trace=fact, spans=spans, system_calls=fact.syscalls)


def _with_gap(history: ContainerHistory, fact: TraceLost) -> ContainerHistory:
    spans = tuple(
        one
        if one.closed_ns is not None and one.closed_ns <= fact.since_ns
        else dataclasses.replace(one, traced=False)
        for one in history.spans
    )
    return dataclasses.replace(history, trace_lost=fact, spans=spans)


def _with_kernel_fact(history: ContainerHistory, fact: KernelFact) -> ContainerHistory:
    """Facts carry the time at which they happened: late ones belong to the step before."""
    history = by_others.with_kernel_fact(history, fact)
    known = processes.with_kernel_fact(history.processes, fact)
    exited = isinstance(fact, ProcessExited) and _is_present_init(history, fact.task)
    history = dataclasses.replace(
        history,
        processes=known,
        init_exited=fact if exited else history.init_exited,
        init_notified=_last_notice(history, fact),
        kernel_fact_ns=max(history.kernel_fact_ns, fact.at_ns),
        omitted_ns=fact.at_ns if isinstance(fact, ProcessEventsOmitted) else history.omitted_ns,
    )
    spans = list(history.spans)
    for index in reversed(range(len(spans))):
        if fact.at_ns >= spans[index].began_ns:
            spans[index] = step_span.with_kernel_fact(spans[index], fact)
            return dataclasses.replace(history, spans=tuple(spans))
    early = (*history.early_kernel_facts, fact)
    return dataclasses.replace(history, early_kernel_facts=early)


def _is_present_init(history: ContainerHistory, task: Task) -> bool:
    """
    Return whether a task is the present init, and not one of before a restart.

    On a busy machine the trace tells of the end of the old one after the engine has told of the
    start of the new one.
    """
    present = history.trace.host_pid if history.trace is not None else None
    return task.role is Role.INIT and task.host_pid == present


def _last_notice(history: ContainerHistory, fact: KernelFact) -> ParentNotified | None:
    """Return the last notice that the present init was stopped or continued."""
    if not isinstance(fact, ParentNotified) or not _is_present_init(history, fact.child):
        return history.init_notified
    states = {ChildStatus.STOPPED, ChildStatus.CONTINUED}
    return fact if fact.status in states else history.init_notified


def _with_engine_signal(history: ContainerHistory, fact: EngineSent) -> ContainerHistory:
    """A report of what a step before has sent says nothing of a stop."""
    if fact.signal in history.unreported:
        rest = list(history.unreported)
        rest.remove(fact.signal)
        return dataclasses.replace(history, unreported=tuple(rest))
    return _with_span(by_others.with_engine_signal(history, fact), fact)


def _init_still_since(history: ContainerHistory, snapshot: ProcessSnapshot) -> int:
    before = history.snapshot.init if history.snapshot else None
    now = snapshot.init
    if before is None or now is None or history.init_still_since_ns == NEVER:
        return snapshot.at_ns
    same = (before.comm, before.argv, before.masks.ignored, before.masks.caught) == (
        now.comm,
        now.argv,
        now.masks.ignored,
        now.masks.caught,
    ) and before.blocked_by_all == now.blocked_by_all
    return history.init_still_since_ns if same else snapshot.at_ns
