"""
Facts that the engine tells of a container.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runner.errors import EngineError, EngineUnreachable
from runner.kernel.signals import Signal
from runner.model.fact import InContainer


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
class StopAnswered(InContainer):
    """The engine's stop has returned."""

    at_ns: int
    kind: Literal["stop_answered"] = "stop_answered"


@dataclass(frozen=True, slots=True)
class EngineSent(InContainer):
    """The engine reports that it has sent this signal to init."""

    at_ns: int
    signal: Signal
    kind: Literal["engine_sent"] = "engine_sent"


@dataclass(frozen=True, slots=True)
class InitEnded(InContainer):
    """
    The engine reports the end of init. `exit_code` 0..255: 128 + n can be a signal or an exit.
    """

    at_ns: int
    exit_code: int
    kind: Literal["init_ended"] = "init_ended"


@dataclass(frozen=True, slots=True)
class InitRestarted(InContainer):
    """
    The engine reports that init was restarted, by a `restart` step or its restart policy.

    `count` is how often the policy has done so.
    """

    at_ns: int
    count: int
    kind: Literal["init_restarted"] = "init_restarted"


@dataclass(frozen=True, slots=True)
class HealthReported(InContainer):
    """The engine reports the health of the container: `starting`, `healthy`, `unhealthy`."""

    at_ns: int
    status: str
    kind: Literal["health_reported"] = "health_reported"


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
    """The engine reports that the kernel's OOM killer was invoked in the container."""

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

    @classmethod
    def by(cls, error: EngineError, at_ns: int) -> EngineLost:
        """Make a fact of the engine's failure."""
        for_good = isinstance(error, EngineUnreachable)
        return cls(at_ns, error.what, error.advice, for_good=for_good)
