"""
What an engine must be able to do, in words that fit every container engine.

Calls that take milliseconds block; whatever may take longer, or comes by itself (output, the
end of init, the answer to a stop), arrives in a slot of the case's `Inbox`,
stamped with the time of its arrival. No call may raise anything but `runner.errors.EngineError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from runner.engine.trace.contract import KernelTrace
from runner.errors import EngineError
from runner.kernel.signals import Signal
from runner.model.container import ContainerPlan, ImageSource
from runner.model.expectation import Stream
from runner.model.kernel_facts import KernelFact
from runner.model.result import EngineFacts

PROBE_PATH = "/scenario-run/probe"
"""Where the probe is found inside every container of ours."""


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes from one of the two output streams of `source` (`"init"` or the id of an exec)."""

    at_ns: int
    source: str
    stream: Stream
    data: bytes


@dataclass(frozen=True, slots=True)
class OutputEnded:
    """The output of `source` has come to its end."""

    at_ns: int
    source: str


@dataclass(frozen=True, slots=True)
class SignalReported:
    """The engine reports that it has sent a signal to init. `engine_ns`: its own wall clock."""

    at_ns: int
    signal: Signal
    engine_ns: int


@dataclass(frozen=True, slots=True)
class EndReported:
    """The engine reports the end of init, with the status it will give for good (0..255)."""

    at_ns: int
    exit_code: int
    engine_ns: int


@dataclass(frozen=True, slots=True)
class StartReported:
    """The engine reports that init was started, for the first time or anew."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """The engine reports what its health check has come to."""

    at_ns: int
    status: str


@dataclass(frozen=True, slots=True)
class PauseReported:
    """The engine reports that all processes of the container are frozen, or go on."""

    at_ns: int
    paused: bool


@dataclass(frozen=True, slots=True)
class OomReported:
    """The engine reports that the kernel's OOM killer was at work in the container."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class KernelSaid:
    """The kernel trace has this fact; its own time is the kernel's clock."""

    at_ns: int
    fact: KernelFact


@dataclass(frozen=True, slots=True)
class KernelCaughtUp:
    """Everything has arrived that the kernel trace had at this time."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class StopReturned:
    """A stop or restart asked for earlier has been carried out, or was refused."""

    at_ns: int
    error: EngineError | None


@dataclass(frozen=True, slots=True)
class EngineGone:
    """The engine does not answer any more."""

    at_ns: int
    error: EngineError


@dataclass(frozen=True, slots=True)
class RunInterrupted:
    """The person or the system that started the run wants it to end."""

    at_ns: int


EngineEvent = (
    Output
    | OutputEnded
    | SignalReported
    | EndReported
    | StartReported
    | HealthChanged
    | PauseReported
    | OomReported
    | KernelSaid
    | KernelCaughtUp
    | StopReturned
    | EngineGone
    | RunInterrupted
)


class EventQueue(Protocol):
    """Where everything arrives that happens to one container."""

    def now_ns(self) -> int:
        """Tell the time: nanoseconds of a monotonic clock."""
        ...

    def put(self, event: EngineEvent) -> None:
        """Add an arrival; may be called from any thread."""
        ...


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """An arrival, and the name of the slot into which it was put."""

    queue: str
    event: EngineEvent


class Inbox(Protocol):
    """Everything that happens while a case runs, in one order, and the clock of the case."""

    def now_ns(self) -> int:
        """Tell the time: nanoseconds of a monotonic clock."""
        ...

    def queue(self, name: str) -> EventQueue:
        """Give the slot of one container."""
        ...

    def take(self, until_ns: int) -> Sequence[QueuedEvent]:
        """Wait for arrivals until that time at most; give all there are, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Started:
    """Init runs, as far as the engine knows."""


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Init could not be started; the engine's words, and the exit code it then reports."""

    reason: str
    exit_code: int | None


@dataclass(frozen=True, slots=True)
class ContainerState:
    """What the engine says of a container now. `exit_code` is None while init runs."""

    running: bool
    exit_code: int | None
    oom_killed: bool
    restart_count: int


class ExecStream(Protocol):
    """An exec'd process whose output arrives in the inbox."""

    @property
    def source(self) -> str:
        """The `source` of its arrivals."""
        ...

    def write(self, data: bytes) -> None:
        """Write to its standard input; a reader that is gone is no error."""
        ...

    def end_input(self) -> None:
        """Let it find the end of its standard input."""
        ...

    def exit_code(self) -> int | None:
        """Give its exit code once its output has ended; None while it cannot be known."""
        ...


class Container(Protocol):
    """One container, from its creation to its removal."""

    @property
    def container_id(self) -> str:
        """The engine's id for it."""
        ...

    def follow_output(self) -> None:
        """Let init's output arrive from now on; before `start`, so that no line is lost."""
        ...

    def follow_output_again(self) -> str:
        """
        Let the output of an init that was started anew arrive, from its first line.

        Gives the `source` under which it arrives: that of the first life is `"init"`.
        """
        ...

    def write_input(self, data: bytes, *, end: bool = False) -> None:
        """Write to init's standard input, with `end` to its end; needs `stdin_open`."""
        ...

    def start(self) -> Started | NotStarted:
        """Start init, also again once it has ended; one that runs goes on, and no more."""
        ...

    def host_pid(self) -> int | None:
        """Give init's PID on the engine's machine; None when it has ended."""
        ...

    def kill(self, signal: Signal) -> None:
        """Send a signal to init, from an ancestor PID namespace."""
        ...

    def pause(self) -> None:
        """Freeze all processes of the container."""
        ...

    def unpause(self) -> None:
        """Let them go on."""
        ...

    def request_stop(self, grace_s: float, signal: Signal | None) -> None:
        """Ask for a stop and return at once; `StopReturned` arrives when it is done."""
        ...

    def request_restart(self, grace_s: float) -> None:
        """Ask for a stop and a start and return at once; `StopReturned` arrives when done."""
        ...

    def exec(
        self,
        argv: Sequence[str],
        *,
        user: str = "",
        env: Mapping[str, str] | None = None,
        stdin: bool = False,
    ) -> ExecStream:
        """Start one more process in the container; without `stdin` it reads the end of file."""
        ...

    def inspect(self) -> ContainerState:
        """Ask the engine how the container is."""
        ...

    def keep(self) -> str:
        """Leave the container as it is, for people to look at; give the name it now goes by."""
        ...

    def remove(self) -> None:
        """Kill what still runs and remove the container with its anonymous volumes."""
        ...


@dataclass(frozen=True, slots=True)
class OwnedContainer:
    """A container that carries our labels, of this run or of an earlier one; `kept` on purpose."""

    container_id: str
    labels: Mapping[str, str]
    kept: bool = False


Progress = Callable[[str], None]
"""Told one line at a time while an image is fetched or built."""


class Engine(Protocol):
    """A container engine."""

    def describe(self) -> EngineFacts:
        """Say what it is."""
        ...

    def ensure_image(self, source: ImageSource, progress: Progress) -> str:
        """Make sure that the image is there, fetched or built, and give the name to run it by."""
        ...

    def prepare_probe(self, source: ImageSource, progress: Progress) -> None:
        """Make the probe available to all containers created from now on."""
        ...

    def open_trace(self, *, local: bool) -> KernelTrace:
        """
        Open the kernel trace: this machine's, with `local`, else by a helper near the engine,
        for which the probe has to be prepared.

        Raises:
            TraceUnavailable: it cannot be had that way, and why.
        """
        ...

    def open_inbox(self) -> Inbox:
        """Open an inbox for one case."""
        ...

    def create(
        self,
        plan: ContainerPlan,
        *,
        image: str,
        labels: Mapping[str, str],
        queue: EventQueue,
        share_pid_of: str = "",
    ) -> Container:
        """
        Create a container; nothing runs yet. What happens to it arrives in the slot.

        `share_pid_of` is the id of the container whose PID namespace it is to share.
        """
        ...

    def list_owned(self) -> Sequence[OwnedContainer]:
        """List the containers that carry our labels, running or not."""
        ...

    def remove_owned(self, container_id: str) -> None:
        """Remove one of them; one that is gone already is no error."""
        ...

    def interrupt(self) -> None:
        """Let `RunInterrupted` arrive in the slot of every container."""
        ...

    def close(self) -> None:
        """Give up connections; containers stay as they are."""
        ...
