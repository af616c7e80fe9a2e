"""
Observations: single facts with the time at which they were seen.

All times are nanoseconds of the runner's monotonic clock; `engine_ns` is the engine's own wall
clock and is only ever compared with another `engine_ns`. `kind` names the record in stored
results. Nothing here says whether a fact was hoped for: that is a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runner.kernel.masks import SignalMasks
from runner.kernel.processes import ProcessState
from runner.kernel.signals import Signal
from runner.model.expectation import Pattern, Stream
from runner.model.step import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class InContainer:
    """A fact about one container, by its name in the scenario; "" where there is only one."""

    container: str = ""


@dataclass(frozen=True, slots=True)
class ContainerCreated(InContainer):
    """The engine has made the container; nothing runs yet."""

    at_ns: int
    container_id: str
    kind: Literal["container_created"] = "container_created"


@dataclass(frozen=True, slots=True)
class ContainerStarted(InContainer):
    """The engine says that the init process was started."""

    at_ns: int
    kind: Literal["container_started"] = "container_started"


@dataclass(frozen=True, slots=True)
class NeverStarted(InContainer):
    """
    The init process could not be started; `reason` is the engine's own words.

    `exit_code` is what the engine then reports: 127 not found, 126 not executable.
    """

    at_ns: int
    reason: str
    exit_code: int | None
    kind: Literal["never_started"] = "never_started"


@dataclass(frozen=True, slots=True)
class ProbeOpened(InContainer):
    """The probe inside the container's PID namespace answers."""

    at_ns: int
    pid: int
    kind: Literal["probe_opened"] = "probe_opened"


@dataclass(frozen=True, slots=True)
class ProbeClosed(InContainer):
    """The probe's stream has ended: init is gone, or the probe was killed."""

    at_ns: int
    kind: Literal["probe_closed"] = "probe_closed"


@dataclass(frozen=True, slots=True)
class StepBegan:
    """The runner has turned to a step (below 0: to waiting until a container is ready)."""

    at_ns: int
    step: int
    kind: Literal["step_began"] = "step_began"


@dataclass(frozen=True, slots=True)
class StepActed:
    """The step has done what it does; what is expected of it counts from here."""

    at_ns: int
    step: int
    kind: Literal["step_acted"] = "step_acted"


@dataclass(frozen=True, slots=True)
class StepEnded:
    """Nothing more was waited for: the step's expectation was decided at this moment."""

    at_ns: int
    step: int
    kind: Literal["step_ended"] = "step_ended"


@dataclass(frozen=True, slots=True)
class StepBroken:
    """
    The step could not be carried out, so that there is nothing to judge.

    `engine` says that the engine was the cause.
    """

    at_ns: int
    step: int
    what: str
    advice: str
    engine: bool = False
    kind: Literal["step_broken"] = "step_broken"


@dataclass(frozen=True, slots=True)
class SignalSent(InContainer):
    """
    One kill(2) or the engine's kill, and what it answered.

    `at_ns` is right before the call, `answered_ns` right after. `pid` is the number given to
    kill(2) in the container's PID namespace (negative: a group, -1: all). `errno` is "" when
    the call was accepted. `foreseen` says that the signal ended init, and with it the probe,
    before it could answer: `errno` is then what signal 0 was answered right before.
    """

    at_ns: int
    answered_ns: int
    step: int
    signal: Signal
    pid: int
    sender: Sender
    errno: str
    foreseen: bool = False
    kind: Literal["signal_sent"] = "signal_sent"


@dataclass(frozen=True, slots=True)
class StopRequested(InContainer):
    """The engine was asked to stop the container. `signal` None: the container's own."""

    at_ns: int
    step: int
    grace_s: float
    signal: Signal | None
    kind: Literal["stop_requested"] = "stop_requested"


@dataclass(frozen=True, slots=True)
class StopAnswered(InContainer):
    """The engine's stop has returned."""

    at_ns: int
    kind: Literal["stop_answered"] = "stop_answered"


@dataclass(frozen=True, slots=True)
class ExecStarted(InContainer):
    """One more process was started in the container."""

    at_ns: int
    step: int
    argv: tuple[str, ...]
    kind: Literal["exec_started"] = "exec_started"


@dataclass(frozen=True, slots=True)
class ExecEnded(InContainer):
    """
    The exec'd process has ended. Output is cut at the head, `cut` says how many bytes are gone.
    """

    at_ns: int
    step: int
    exit_code: int | None
    stdout: str
    stderr: str
    cut: int = 0
    kind: Literal["exec_ended"] = "exec_ended"


@dataclass(frozen=True, slots=True)
class Process:
    """
    One process as a look has seen it.

    `started` is its start time in clock ticks since boot: with the PID it tells two processes
    apart. `masks.blocked` is that of the main thread; `blocked_by_all` lists what every thread
    blocks, `pending_anywhere` what is pending for the process or any thread.
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


@dataclass(frozen=True, slots=True)
class ProcessesSeen(InContainer):
    """
    The processes of the container's PID namespace, the probe left out.

    The same was seen in `looks` looks, from `at_ns` to `until_ns`.
    """

    at_ns: int
    until_ns: int
    looks: int
    processes: tuple[Process, ...]
    kind: Literal["processes_seen"] = "processes_seen"

    @property
    def init(self) -> Process | None:
        """PID 1, if it was there."""
        return next((process for process in self.processes if process.pid == 1), None)


@dataclass(frozen=True, slots=True)
class LogText(InContainer):
    """A piece of the container's output. Kept for reading; checks rest on `LogMatched`."""

    at_ns: int
    stream: Stream
    text: str
    kind: Literal["log_text"] = "log_text"


@dataclass(frozen=True, slots=True)
class LogMatched(InContainer):
    """A line of the container's output has matched a pattern that the case asks for."""

    at_ns: int
    pattern: Pattern
    line: str
    kind: Literal["log_matched"] = "log_matched"


@dataclass(frozen=True, slots=True)
class LogsCut(InContainer):
    """So many bytes of output between head and tail were matched but not kept."""

    at_ns: int
    omitted_bytes: int
    kind: Literal["logs_cut"] = "logs_cut"


@dataclass(frozen=True, slots=True)
class LogsEnded(InContainer):
    """The container's output has come to its end."""

    at_ns: int
    kind: Literal["logs_ended"] = "logs_ended"


@dataclass(frozen=True, slots=True)
class EngineSent(InContainer):
    """The engine reports that it has sent this signal to init."""

    at_ns: int
    signal: Signal
    engine_ns: int
    kind: Literal["engine_sent"] = "engine_sent"


@dataclass(frozen=True, slots=True)
class InitEnded(InContainer):
    """
    The engine reports the end of init. `exit_code` 0..255: 128 + n can be a signal or an exit.
    """

    at_ns: int
    exit_code: int
    engine_ns: int
    kind: Literal["init_ended"] = "init_ended"


@dataclass(frozen=True, slots=True)
class Paused(InContainer):
    """The engine reports that all processes of the container are frozen."""

    at_ns: int
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class Unpaused(InContainer):
    """The engine reports that they go on."""

    at_ns: int
    kind: Literal["unpaused"] = "unpaused"


@dataclass(frozen=True, slots=True)
class OutOfMemory(InContainer):
    """The engine reports that the kernel's OOM killer was at work in the container."""

    at_ns: int
    kind: Literal["out_of_memory"] = "out_of_memory"


@dataclass(frozen=True, slots=True)
class FinalState(InContainer):
    """What the engine says of the container at the end of the case."""

    at_ns: int
    running: bool
    exit_code: int | None
    oom_killed: bool
    restart_count: int
    kind: Literal["final_state"] = "final_state"


@dataclass(frozen=True, slots=True)
class EngineLost:
    """
    The engine did not do what was asked; nothing more can be learnt of this case.

    `for_good` says that it does not answer at all any more, so that no other case can be run.
    """

    at_ns: int
    what: str
    advice: str
    for_good: bool = False
    kind: Literal["engine_lost"] = "engine_lost"


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The case's own timeout has passed."""

    at_ns: int
    timeout_s: float
    kind: Literal["timed_out"] = "timed_out"


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The run was interrupted (Ctrl-C)."""

    at_ns: int
    kind: Literal["interrupted"] = "interrupted"


Observation = (
    ContainerCreated
    | ContainerStarted
    | NeverStarted
    | ProbeOpened
    | ProbeClosed
    | StepBegan
    | StepActed
    | StepEnded
    | StepBroken
    | SignalSent
    | StopRequested
    | StopAnswered
    | ExecStarted
    | ExecEnded
    | ProcessesSeen
    | LogText
    | LogMatched
    | LogsCut
    | LogsEnded
    | EngineSent
    | InitEnded
    | Paused
    | Unpaused
    | OutOfMemory
    | FinalState
    | EngineLost
    | TimedOut
    | Interrupted
)

Timeline = tuple[Observation, ...]
"""The facts of one case in the order in which the runner learnt them."""
