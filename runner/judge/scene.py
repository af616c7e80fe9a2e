"""
What is known at one point of a timeline: the facts so far, folded into the present state.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from runner.history import processes, step_span
from runner.history.process_life import ProcessLife, life_of
from runner.history.processes import KnownProcesses
from runner.history.sent_signals import INIT_PID, SentSignal
from runner.history.step_span import AskToEnd, StepSpan
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.engine_facts import (
    ContainerStarted,
    EngineSent,
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
    KernelFact,
    Place,
    ProcessExited,
    TraceLost,
    TraceOpened,
)
from runner.model.observation import (
    EngineAnswered,
    ExecEnded,
    ExecStarted,
    LineTooLong,
    LogMatched,
    LogsEnded,
    Observation,
    ProbeClosed,
    ProcessesSeen,
    RecordReached,
    RestartRequested,
    SignalSent,
    StepActed,
    StepBegan,
    StopRequested,
)
from runner.model.process import Process
from runner.model.step import Sender

_NEVER: Final = -1
_LOOKS_KEPT: Final = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """
    The present state of one container. None where nothing is known yet.

    `may_restart`: the engine may start init anew by itself. `shares_host`: it has no PID
    namespace but the machine's. `look` is the last look at the processes and `earlier_look` the
    one before the current step acted. `init_still_since_ns` is since when init's name,
    arguments and masks are unchanged; `looks` are the last few looks; `zombies` says since
    when those of the last one are zombies, by PID and start time. `spans` are the steps that
    have acted, the last one is under way. `processes` are all that were ever seen. `ended` is the
    end of the present init, `last_end` that of any before it too;
    `restarted` says when init was started anew, and how often the restart policy has done that.
    `trace` says that the kernel's record of the present init is read, `trace_lost` that it has a
    gap, `system_calls` that it has system calls, too; of all that happened before `record_ns` it
    is whole. `init_exited` is what it says of the
    end of init. `engine_ns` is when the engine was last asked something that it answered.
    `unreported` are signals of ours which the engine has not reported yet.
    """

    may_restart: bool = False
    shares_host: bool = False
    started: ContainerStarted | None = None
    never_started: NeverStarted | None = None
    ended: InitEnded | None = None
    last_end: InitEnded | None = None
    restarted: InitRestarted | None = None
    probe_closed_ns: int | None = None
    look: ProcessesSeen | None = None
    earlier_look: ProcessesSeen | None = None
    init_still_since_ns: int = _NEVER
    looks: tuple[ProcessesSeen, ...] = ()
    zombies: Mapping[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])
    spans: tuple[StepSpan, ...] = ()
    processes: KnownProcesses = field(default_factory=KnownProcesses)
    unreported: tuple[Signal, ...] = ()
    stop_answered: bool = True
    matches: tuple[LogMatched, ...] = ()
    too_long: tuple[LineTooLong, ...] = ()
    logs_ended: bool = False
    exec_started: ExecStarted | None = None
    exec_ended: ExecEnded | None = None
    paused: Paused | None = None
    out_of_memory: OutOfMemory | None = None
    health: HealthReported | None = None
    trace: TraceOpened | None = None
    trace_lost: TraceLost | None = None
    system_calls: bool = True
    record_ns: int = _NEVER
    engine_ns: int = _NEVER
    init_exited: ProcessExited | None = None

    @property
    def span(self) -> StepSpan | None:
        """The step that acted last."""
        return self.spans[-1] if self.spans else None

    @property
    def signal_span(self) -> StepSpan | None:
        """The last step whose business are signals."""
        return next((one for one in reversed(self.spans) if one.sends), None)

    @property
    def sent(self) -> tuple[SentSignal, ...]:
        """The signals of that step."""
        span = self.signal_span
        return span.sent if span is not None else ()

    @property
    def recorded(self) -> bool:
        """Whether the kernel's record since that step began is read, without a gap."""
        span = self.signal_span or self.span
        if span is None:
            return self.trace is not None and self.trace_lost is None
        return span.recorded

    @property
    def record(self) -> tuple[KernelFact, ...]:
        """The kernel's record since that step began, or since the first one that acted."""
        since = self.signal_span or next(iter(self.spans), None)
        return self.record_since(since) if since is not None else ()

    def record_since(self, span: StepSpan) -> tuple[KernelFact, ...]:
        """Give the kernel's record since a step began."""
        if span is self.span:
            return span.record
        later = self.spans[self.spans.index(span) :]
        return tuple(fact for one in later for fact in one.record)

    def life_of(self, host_pid: int, record: Sequence[KernelFact]) -> ProcessLife:
        """Follow a process, by its PID on the machine, through a part of the record."""
        known = next((one for one in self.processes if one.host_pid == host_pid), None)
        return life_of(
            host_pid,
            record,
            known.signalfds if known is not None else None,
            system_calls=self.system_calls,
            known_until_ns=self.record_ns,
        )

    def span_of(self, ask: AskToEnd) -> StepSpan | None:
        """Find the step that has asked init to end."""
        return next((one for one in reversed(self.spans) if one.step == ask.step), None)

    @property
    def ask_to_end(self) -> AskToEnd | None:
        """The last stop, restart, or signal to init, which may have ended it."""
        for span in reversed(self.spans):
            if span.asked is not None:
                return span.asked
            to_init = [one.fact for one in span.sent if _is_to_init(one)]
            if to_init:
                return to_init[-1]
        return None

    def zombie_since_ns(self, process: Process) -> int:
        """Since when a process of the last look has been a zombie, as far as was seen."""
        look_ns = self.look.until_ns if self.look is not None else 0
        return self.zombies.get((process.pid, process.started), look_ns)

    @property
    def record_is_whole(self) -> bool:
        """
        Whether nothing more can come of the record of an init that is gone.

        The engine's report of an end comes by another way than the record, and often sooner.
        """
        gone = self.ended or self.never_started
        return gone is not None and self.gone_for_good and self.record_ns >= gone.at_ns

    @property
    def init_running(self) -> bool:
        """Say whether init was started and has not ended."""
        return self.started is not None and self.ended is None

    @property
    def gone_for_good(self) -> bool:
        """Say whether init never started, or has ended and will not be started anew."""
        ended_for_good = self.ended is not None and not self.may_restart
        return self.never_started is not None or ended_for_good

    @property
    def end_ns(self) -> int | None:
        """
        When init ended, as near as can be told; None while it runs.
        """
        if self.ended is not None and self.init_exited is not None:
            return self.init_exited.at_ns
        return self._end_ns(self.ended)

    @property
    def asked_end_ns(self) -> int | None:
        """When the end came that was asked for last, whether init was started anew or not."""
        asked_ns = self.ask_to_end.at_ns if self.ask_to_end else 0
        end_ns = self._end_ns(self.last_end)
        return end_ns if end_ns is not None and end_ns >= asked_ns else None

    def _end_ns(self, ended: InitEnded | None) -> int | None:
        # The probe's stream ends with init's namespace, some milliseconds before the engine's
        # report arrives.
        if ended is None:
            return None
        closed_ns = self.probe_closed_ns
        asked_ns = self.ask_to_end.at_ns if self.ask_to_end else 0
        if closed_ns is not None and asked_ns <= closed_ns <= ended.at_ns:
            return closed_ns
        return ended.at_ns


def with_fact(scene: Scene, fact: Observation) -> Scene:  # noqa: C901, PLR0911, PLR0912 - one line a fact
    """Fold one more fact into the scene."""
    change = dataclasses.replace
    match fact:
        case ContainerStarted():
            return change(scene, started=fact)
        case NeverStarted():
            return change(scene, never_started=fact)
        case InitEnded():
            return _with_span(change(scene, ended=fact, last_end=fact), fact)
        case InitRestarted():
            return _with_new_init(scene, fact)
        case HealthReported():
            return change(scene, health=fact)
        case ProbeClosed(at_ns=at_ns):
            return change(scene, probe_closed_ns=at_ns)
        case ProcessesSeen():
            return _with_look(scene, fact)
        case StepBegan() | StepActed():
            return _with_span(scene, fact)
        case SignalSent(signal=signal, sender=sender):
            own = (signal,) if sender is Sender.HOST else ()
            return _with_span(change(scene, unreported=(*scene.unreported, *own)), fact)
        case StopRequested() | RestartRequested():
            return _with_span(change(scene, stop_answered=False), fact)
        case StopAnswered():
            return _with_span(change(scene, stop_answered=True), fact)
        case EngineSent():
            return _with_engine_signal(scene, fact)
        case RecordReached(at_ns=at_ns):
            return change(scene, record_ns=max(scene.record_ns, at_ns))
        case EngineAnswered(at_ns=at_ns):
            return change(scene, engine_ns=max(scene.engine_ns, at_ns))
        case LogMatched():
            return change(scene, matches=(*scene.matches, fact))
        case LineTooLong():
            return change(scene, too_long=(*scene.too_long, fact))
        case LogsEnded():
            return change(scene, logs_ended=True)
        case ExecStarted():
            return change(scene, exec_started=fact, exec_ended=None)
        case ExecEnded():
            return change(scene, exec_ended=fact)
        case Paused():
            return change(scene, paused=fact)
        case Unpaused():
            return change(scene, paused=None)
        case OutOfMemory():
            return change(scene, out_of_memory=fact)
        case TraceOpened():
            return _with_trace(scene, fact)
        case TraceLost():
            return _with_gap(scene, fact)
        case _:
            return _with_record(scene, fact) if isinstance(fact, KernelFact) else scene


def _with_new_init(scene: Scene, fact: InitRestarted) -> Scene:
    """What was known of the init before says nothing of the new one."""
    return dataclasses.replace(
        scene,
        restarted=fact,
        processes=processes.without_init(
            scene.processes, scene.last_end.at_ns if scene.last_end is not None else fact.at_ns
        ),
        ended=None,
        look=None,
        earlier_look=None,
        init_still_since_ns=_NEVER,
        logs_ended=False,
        health=None,
        paused=None,
        trace=None,
        init_exited=None,
    )


def before_step(scene: Scene, began: StepBegan, *, acts: bool, sends: bool) -> Scene:
    """
    Turn to the next step: what was seen last is now before it.

    `acts` says that it does something, `sends` that signals are its business.
    """
    scene = dataclasses.replace(scene, earlier_look=scene.look)
    if not acts:
        return scene
    trace = scene.trace
    span = StepSpan(
        began.step,
        began.at_ns,
        sends,
        recorded=trace is not None and scene.trace_lost is None,
        init_host_pid=trace.host_pid if trace is not None else None,
        look=scene.look,
    )
    closed = [dataclasses.replace(one, closed_ns=began.at_ns) for one in scene.spans[-1:]]
    return dataclasses.replace(scene, spans=(*scene.spans[:-1], *closed, span))


def _with_span(scene: Scene, fact: Observation) -> Scene:
    """Let the step that is under way take a fact."""
    span = scene.span
    if span is None:
        return scene
    # A look carries the time at which it began: only one that has arrived before a signal was
    # asked for shows its target as it was before it.
    look = next((one for one in reversed(scene.looks) if one.at_ns <= fact.at_ns), None)
    return dataclasses.replace(
        scene, spans=(*scene.spans[:-1], step_span.with_fact(span, fact, look))
    )


def _with_look(scene: Scene, look: ProcessesSeen) -> Scene:
    # A look that shows the same as the last one is that one, extended.
    before = (
        scene.looks[:-1] if scene.looks and scene.looks[-1].at_ns == look.at_ns else scene.looks
    )
    scene = dataclasses.replace(
        scene,
        look=look,
        looks=(*before, look)[-_LOOKS_KEPT:],
        processes=processes.with_look(scene.processes, look),
        zombies=_zombies(scene, look),
        init_still_since_ns=_init_still_since(scene, look),
    )
    return _with_span(scene, look)


def _zombies(scene: Scene, look: ProcessesSeen) -> Mapping[tuple[int, int], int]:
    zombies = (one for one in look.processes if one.state is ProcessState.ZOMBIE)
    keys = ((one.pid, one.started) for one in zombies)
    return {key: scene.zombies.get(key, look.at_ns) for key in keys}


def _with_trace(scene: Scene, fact: TraceOpened) -> Scene:
    """A record that begins after a step has begun is not the whole record of that step."""
    spans = tuple(
        dataclasses.replace(one, recorded=True, init_host_pid=fact.host_pid)
        if one.init_host_pid is None and fact.at_ns <= one.began_ns
        else one
        for one in scene.spans
    )
    return dataclasses.replace(scene, trace=fact, spans=spans, system_calls=fact.syscalls)


def _with_gap(scene: Scene, fact: TraceLost) -> Scene:
    spans = tuple(
        one
        if one.closed_ns is not None and one.closed_ns <= fact.at_ns
        else dataclasses.replace(one, recorded=False)
        for one in scene.spans
    )
    return dataclasses.replace(scene, trace_lost=fact, spans=spans)


def _with_record(scene: Scene, fact: KernelFact) -> Scene:
    """Facts carry the time at which they happened: late ones belong to the step before."""
    known = processes.with_record(scene.processes, fact)
    exited = isinstance(fact, ProcessExited) and fact.task.place is Place.INIT
    scene = dataclasses.replace(
        scene, processes=known, init_exited=fact if exited else scene.init_exited
    )
    spans = list(scene.spans)
    for index in reversed(range(len(spans))):
        if fact.at_ns >= spans[index].began_ns:
            spans[index] = step_span.with_record(spans[index], fact)
            break
    return dataclasses.replace(scene, spans=tuple(spans))


def _with_engine_signal(scene: Scene, fact: EngineSent) -> Scene:
    """A report of what a step before has sent says nothing of a stop."""
    if fact.signal in scene.unreported:
        rest = list(scene.unreported)
        rest.remove(fact.signal)
        return dataclasses.replace(scene, unreported=tuple(rest))
    return _with_span(scene, fact)


def _is_to_init(sent: SentSignal) -> bool:
    """kill(-1) reaches everybody but init."""
    init = sent.before.init if sent.before is not None else None
    return sent.fact.pid == (init.pid if init is not None else INIT_PID) or (
        sent.fact.sender is Sender.HOST
    )


def _init_still_since(scene: Scene, look: ProcessesSeen) -> int:
    before = scene.look.init if scene.look else None
    now = look.init
    if before is None or now is None or scene.init_still_since_ns == _NEVER:
        return look.at_ns
    same = (before.comm, before.argv, before.masks.ignored, before.masks.caught) == (
        now.comm,
        now.argv,
        now.masks.ignored,
        now.masks.caught,
    ) and before.blocked_by_all == now.blocked_by_all
    return scene.init_still_since_ns if same else look.at_ns
