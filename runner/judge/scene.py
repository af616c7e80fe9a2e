"""
What is known at one point of a timeline: the facts so far, folded into the present state.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from runner.judge.aftermath import Sent, sent_by_engine
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
    Delivery,
    Generation,
    KernelFact,
    ParentTold,
    Place,
    ProcessExited,
    SignalDelivered,
    SignalGenerated,
    Told,
    TraceLost,
    TraceOpened,
)
from runner.model.observation import (
    ExecEnded,
    ExecStarted,
    LineTooLong,
    LogMatched,
    LogsEnded,
    Observation,
    ProbeClosed,
    ProcessesSeen,
    RestartRequested,
    SignalSent,
    StopRequested,
)

_NEVER: Final = -1
_LOOKS_KEPT: Final = 4
_ENDS: Final = {Told.EXITED, Told.KILLED, Told.DUMPED}


@dataclass(frozen=True, slots=True)
class Scene:
    """
    The present state of one container. None where nothing is known yet.

    `may_restart`: the engine may start init anew by itself. `shares_host`: it has no PID
    namespace but the machine's. `look` is the last look at the processes and `earlier_look` the
    one before the current step acted. `init_still_since_ns` is since when init's name,
    arguments and masks are unchanged. `sent` holds what the last signal step has sent, `looks`
    the last few looks; `ask_to_end` is the last stop, restart, or signal to init, that could
    have ended it. `ended` is the end of the present init, `last_end` that of any before it too;
    `restarted` says when init was started anew, and how often the restart policy has done that.
    `record` is the kernel's since the step began that acted last, `trace` says that it is read
    and `trace_lost` that it has a gap; `init_exited`, `init_told` and `fatal` are what it says
    of the end of init, and the last signal that may have ended it.
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
    sent: tuple[Sent, ...] = ()
    looks: tuple[ProcessesSeen, ...] = ()
    engine_sent: tuple[EngineSent, ...] = ()
    ask_to_end: StopRequested | RestartRequested | SignalSent | None = None
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
    record: tuple[KernelFact, ...] = ()
    init_exited: ProcessExited | None = None
    init_told: ParentTold | None = None
    fatal: SignalGenerated | None = None

    @property
    def recorded(self) -> bool:
        """Say whether the kernel's record is read, without a gap."""
        return self.trace is not None and self.trace_lost is None

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
        When init ended by the runner's clock, as near as can be told; None while it runs.
        """
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
            return change(scene, ended=fact, last_end=fact)
        case InitRestarted():
            return _with_new_init(scene, fact)
        case HealthReported():
            return change(scene, health=fact)
        case ProbeClosed(at_ns=at_ns):
            return change(scene, probe_closed_ns=at_ns)
        case ProcessesSeen():
            return _with_look(scene, fact)
        case SignalSent():
            return _with_signal(scene, fact)
        case StopRequested() | RestartRequested():
            return change(scene, ask_to_end=fact, stop_answered=False, engine_sent=(), sent=())
        case StopAnswered():
            return change(scene, stop_answered=True)
        case EngineSent():
            return _with_engine_signal(scene, fact)
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
            return change(scene, trace=fact)
        case TraceLost():
            return change(scene, trace_lost=fact)
        case _:
            return _with_record(scene, fact)


def _with_new_init(scene: Scene, fact: InitRestarted) -> Scene:
    """What was known of the init before says nothing of the new one."""
    return dataclasses.replace(
        scene,
        restarted=fact,
        ended=None,
        look=None,
        earlier_look=None,
        init_still_since_ns=_NEVER,
        logs_ended=False,
        health=None,
        paused=None,
        trace=None,
        init_exited=None,
        init_told=None,
        fatal=None,
    )


def before_step(scene: Scene, *, sends: bool) -> Scene:
    """Turn to the next step, which sends signals or not: what was seen last is now before it."""
    if not sends:
        return dataclasses.replace(scene, earlier_look=scene.look)
    return dataclasses.replace(scene, earlier_look=scene.look, record=())


def _with_look(scene: Scene, look: ProcessesSeen) -> Scene:
    # A look that shows the same as the last one is that one, extended.
    before = (
        scene.looks[:-1] if scene.looks and scene.looks[-1].at_ns == look.at_ns else scene.looks
    )
    return dataclasses.replace(
        scene,
        look=look,
        looks=(*before, look)[-_LOOKS_KEPT:],
        init_still_since_ns=_init_still_since(scene, look),
    )


def _with_record(scene: Scene, fact: Observation) -> Scene:
    change = dataclasses.replace
    match fact:
        case SignalGenerated(target=target, generation=generation):
            scene = change(scene, record=(*scene.record, fact))
            may_end = fact.signal.default_action.ends and generation is Generation.QUEUED
            return change(scene, fatal=fact) if may_end and target.place is Place.INIT else scene
        case SignalDelivered(task=task, delivery=delivery):
            handled = task.place is Place.INIT and delivery is not Delivery.DEFAULT
            if handled and scene.fatal is not None and scene.fatal.signal == fact.signal:
                scene = change(scene, fatal=None)
            return change(scene, record=(*scene.record, fact))
        case ProcessExited(task=task):
            exited = fact if task.place is Place.INIT else scene.init_exited
            return change(scene, record=(*scene.record, fact), init_exited=exited)
        case ParentTold(child=child, told=told):
            ended = child.place is Place.INIT and told in _ENDS
            return change(
                scene,
                record=(*scene.record, fact),
                init_told=fact if ended else scene.init_told,
            )
        case _:
            return scene


def _with_signal(scene: Scene, fact: SignalSent) -> Scene:
    # kill(-1) reaches everybody but init.
    ask = fact if fact.pid == 1 else scene.ask_to_end
    of_this_step = tuple(one for one in scene.sent if one.fact.step == fact.step)
    before = next((one for one in reversed(scene.looks) if one.at_ns <= fact.at_ns), None)
    return dataclasses.replace(scene, sent=(*of_this_step, Sent(fact, before)), ask_to_end=ask)


def _with_engine_signal(scene: Scene, fact: EngineSent) -> Scene:
    scene = dataclasses.replace(scene, engine_sent=(*scene.engine_sent, fact))
    asked = scene.ask_to_end
    if not isinstance(asked, StopRequested | RestartRequested):
        return scene
    sent = sent_by_engine(fact, asked)
    before = next((one for one in reversed(scene.looks) if one.at_ns <= sent.at_ns), None)
    return dataclasses.replace(scene, sent=(*scene.sent, Sent(sent, before)))


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
