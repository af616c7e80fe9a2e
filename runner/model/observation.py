"""
Observations: single facts with the time at which they were seen.

All times are nanoseconds of the runner's monotonic clock. `kind` names the record in stored
results. Nothing here says whether a fact was hoped for: that is a verdict.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from runner.kernel.signals import Signal
from runner.model.engine_facts import (
    ContainerCreated,
    ContainerStarted,
    EngineLost,
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
from runner.model.expectation import Pattern, Stream
from runner.model.fact import InContainer
from runner.model.kernel_facts import KernelFact
from runner.model.process import Process
from runner.model.step import Sender


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
    the call was accepted. `prechecked` says that the signal ended init, and with it the probe,
    before it could answer: `errno` is then what signal 0 was answered right before.
    """

    at_ns: int
    answered_ns: int
    step: int
    signal: Signal
    pid: int
    sender: Sender
    errno: str
    prechecked: bool = False
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
class RestartRequested(InContainer):
    """The engine was asked to stop the container and to start it again."""

    at_ns: int
    step: int
    grace_s: float
    kind: Literal["restart_requested"] = "restart_requested"


@dataclass(frozen=True, slots=True)
class InputWritten(InContainer):
    """Text was written to init's standard input; `closed`: and then its end."""

    at_ns: int
    step: int
    text: str
    closed: bool
    kind: Literal["input_written"] = "input_written"


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
    The exec'd process has ended. Output is cut at the head: `cut` says how many bytes are gone, of
    which `cut_stderr` are of standard error.
    """

    at_ns: int
    step: int
    exit_code: int | None
    stdout: str
    stderr: str
    cut: int = 0
    cut_stderr: int = 0
    kind: Literal["exec_ended"] = "exec_ended"


@dataclass(frozen=True, slots=True)
class ProcessSnapshot(InContainer):
    """
    The processes of the container's PID namespace, the probe left out.

    The same was seen in `snapshots` looks, from `at_ns` to `until_ns`.
    """

    at_ns: int
    until_ns: int
    snapshots: int
    processes: tuple[Process, ...]
    kind: Literal["process_snapshot"] = "process_snapshot"

    @property
    def init(self) -> Process | None:
        """
        The container's init, if it was there.

        In a PID namespace of its own that is PID 1; in another's, the container's oldest process.
        """
        own = [process for process in self.processes if not process.foreign]
        first = next((process for process in own if process.pid == 1), None)
        return first or min(own, key=lambda one: (one.started, one.pid), default=None)

    def process(self, pid: int) -> Process | None:
        """Find a process by its PID."""
        return next((one for one in self.processes if one.pid == pid), None)


@dataclass(frozen=True, slots=True)
class ProcessReparented(InContainer):
    """A process whose parent has ended has another one now: init, or the nearest subreaper."""

    at_ns: int
    pid: int
    comm: str
    old_parent: int
    new_parent: int
    kind: Literal["process_reparented"] = "process_reparented"


@dataclass(frozen=True, slots=True)
class LogText(InContainer):
    """A piece of the container's output. Kept for reading; checks rest on `LogMatched`."""

    at_ns: int
    stream: Stream
    text: str
    kind: Literal["log_text"] = "log_text"


@dataclass(frozen=True, slots=True)
class LogMatched(InContainer):
    """
    A line of the container's output has matched a pattern that the case asks for.

    `line` is a part of the line. `line_number` is the same for all matches in one line, and that of
    no other line of the container; 0: not known.
    """

    at_ns: int
    pattern: Pattern
    line: str
    line_number: int = 0
    kind: Literal["log_matched"] = "log_matched"


@dataclass(frozen=True, slots=True)
class LineTooLong(InContainer):
    """
    A line of the container's output is so long that it is not kept whole.

    A regular expression was not found in its first `characters`, and may match across what is kept.
    """

    at_ns: int
    pattern: Pattern
    characters: int
    kind: Literal["line_too_long"] = "line_too_long"


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


@dataclass(frozen=True, slots=True)
class CaseBroken:
    """The runner itself has made a mistake in this case: `what` says which, and where."""

    at_ns: int
    what: str
    advice: str
    kind: Literal["case_broken"] = "case_broken"


@dataclass(frozen=True, slots=True)
class ContainerKept(InContainer):
    """
    The container was left on the engine (`--keep`), under this name.

    `command` is the one by which people reach it: `docker`, `podman`.
    """

    at_ns: int
    name: str
    command: str
    kind: Literal["container_kept"] = "container_kept"


@dataclass(frozen=True, slots=True)
class TraceReached(InContainer):
    """All that the kernel trace has of what happened before this time has arrived."""

    at_ns: int
    kind: Literal["trace_reached"] = "trace_reached"


@dataclass(frozen=True, slots=True)
class EngineAnswered(InContainer):
    """The engine has answered what it was asked at this time: what it had to tell is told."""

    at_ns: int
    kind: Literal["engine_answered"] = "engine_answered"


class Way(enum.Enum):
    """By which way facts arrive that a decision may wait for."""

    SNAPSHOT = "a snapshot of the processes"
    TRACE = "the kernel trace"
    ENGINE = "the engine's answer"


@dataclass(frozen=True, slots=True)
class EvidenceLate(InContainer):
    """What was asked for on this way did not come in time; it is not waited for any more."""

    at_ns: int
    way: Way
    kind: Literal["evidence_late"] = "evidence_late"


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
    | RestartRequested
    | InputWritten
    | ExecStarted
    | ExecEnded
    | ProcessSnapshot
    | ProcessReparented
    | LogText
    | LogMatched
    | LineTooLong
    | LogsCut
    | LogsEnded
    | EngineSent
    | InitEnded
    | InitRestarted
    | HealthReported
    | Paused
    | Unpaused
    | OutOfMemory
    | FinalState
    | EngineLost
    | TimedOut
    | Interrupted
    | CaseBroken
    | ContainerKept
    | TraceReached
    | EngineAnswered
    | EvidenceLate
    | KernelFact
)

Timeline = Sequence[Observation]
"""The facts of one case in the order in which the runner learnt them."""
