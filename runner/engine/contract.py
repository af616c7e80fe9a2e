"""
What an engine must be able to do, in words that fit every container engine.

Calls that take milliseconds block; whatever may take longer, or comes by itself (output, the
end of init, the answer to a stop), is put into a queue of the case's `Inbox`, with the time of its
arrival: as a fact of `runner.model`, but for what is none yet. No call may raise anything but
`runner.errors.EngineError`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from runner.engine.trace.contract import KernelTrace
from runner.kernel.signals import Signal
from runner.model.container import ContainerPlan, ImageSource
from runner.model.engine_facts import (
    EngineLost,
    EngineSent,
    HealthReported,
    InitEnded,
    OutOfMemory,
    Paused,
    StopAnswered,
    Unpaused,
)
from runner.model.expectation import Stream
from runner.model.fact import InContainer
from runner.model.kernel_facts import KernelFact
from runner.model.observation import Interrupted, TraceReached
from runner.model.result import EngineFacts

PROBE_PATH = "/scenario-run/probe"
"""Where the probe is found inside every container of ours."""

WRONG_INIT_PATH = "/scenario-run/wrong-init"
"""Where the program is found that a plan with `wrong_init` has as PID 1."""


@dataclass(frozen=True, slots=True)
class Output(InContainer):
    """Bytes from one of the two output streams of `source` (`"init"` or the id of an exec)."""

    at_ns: int
    source: str
    stream: Stream
    data: bytes


@dataclass(frozen=True, slots=True)
class OutputEnded(InContainer):
    """The output of `source` has come to its end."""

    at_ns: int
    source: str


@dataclass(frozen=True, slots=True)
class StartReported(InContainer):
    """
    The engine reports that init was started, for the first time or again.

    The first time is no news to who has asked for it; a later one is the fact `InitRestarted`, for
    which the engine has to be asked how often its policy has done so.
    """

    at_ns: int


ContainerEvent = (
    Output
    | OutputEnded
    | StartReported
    | EngineSent
    | InitEnded
    | HealthReported
    | Paused
    | Unpaused
    | OutOfMemory
    | StopAnswered
    | TraceReached
    | KernelFact
)
"""What arrives of one container: all but the first three are facts as they stand."""

EngineEvent = ContainerEvent | EngineLost | Interrupted


class EventQueue(Protocol):
    """Where everything arrives that happens to one container; it adds the container's name."""

    def now_ns(self) -> int:
        """Tell the time: nanoseconds of a monotonic clock."""
        ...

    def put(self, event: EngineEvent) -> None:
        """Add an arrival; may be called from any thread."""
        ...


class Inbox(Protocol):
    """Everything that happens while a case runs, in one order, and the clock of the case."""

    def now_ns(self) -> int:
        """Tell the time: nanoseconds of a monotonic clock."""
        ...

    def queue(self, name: str) -> EventQueue:
        """Return the queue of one container."""
        ...

    def take(self, until_ns: int) -> Sequence[EngineEvent]:
        """Wait for arrivals until that time at most; give all there are, in order."""
        ...


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

    def has_started(self) -> bool:
        """
        Return whether its program has been executed, or will never be.

        The engine answers that it will start a program before it does: long before, where the
        machine is busy.
        """
        ...

    def exit_code(self) -> int | None:
        """Return its exit code once its output has ended; None while it cannot be known."""
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
        Let the output of an init that was restarted arrive, from its first line.

        Gives the `source` under which it arrives: that of the first life is `"init"`.
        """
        ...

    def write_input(self, data: bytes, *, end: bool = False) -> None:
        """Write to init's standard input, with `end` to its end; needs `stdin_open`."""
        ...

    def start(self) -> NotStarted | None:
        """
        Start init, also again once it has ended; one that runs goes on, and no more.

        Gives why it could not be started; None: it runs, as far as the engine knows.
        """
        ...

    def host_pid(self) -> int | None:
        """Return init's PID on the engine's machine; None when it has ended."""
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
        """
        Ask for a stop and return at once.

        When it is done `StopAnswered` arrives, or `EngineLost` where the engine has refused.
        """
        ...

    def request_restart(self, grace_s: float) -> None:
        """Ask for a stop and a start and return at once; what arrives is as of a stop."""
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

    @property
    def command(self) -> str:
        """The command by which people reach its containers: `docker`, `podman`."""
        ...

    def describe(self) -> EngineFacts:
        """Return what it is."""
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
        Create a container; nothing runs yet. What happens to it arrives in the queue.

        `share_pid_of` is the id of the container whose PID namespace it is to share. A plan with
        `wrong_init` needs the probe to be prepared; what the container would run without it, the
        image's own entrypoint and command included, becomes the child of that PID 1.
        """
        ...

    def list_owned(self) -> Sequence[OwnedContainer]:
        """List the containers that carry our labels, running or not."""
        ...

    def remove_owned(self, container_id: str) -> None:
        """Remove one of them; one that is gone already is no error."""
        ...

    def interrupt(self) -> None:
        """Let `Interrupted` arrive in the queue of every container."""
        ...

    def close(self) -> None:
        """Return up connections; containers stay as they are."""
        ...
