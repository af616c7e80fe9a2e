"""
What a scenario does: the kinds of step.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from runner.errors import Where
from runner.kernel.signals import Signal
from runner.model.expectation import Expectation, Selector


class Sender(enum.Enum):
    """
    From which PID namespace a signal is sent.

    `INSIDE`: from a process of the same PID namespace as the target, with the container's user.
    `HOST`: from an ancestor namespace, through the engine.
    """

    INSIDE = "inside"
    HOST = "host"


class Addressee(enum.Enum):
    """Targets that kill(2) knows by a number of its own, and init."""

    INIT = "init"
    GROUP = "group"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class GroupOf:
    """The process group of each selected process, each group once: kill(2) with its negation."""

    selector: Selector


Target = Addressee | Selector | GroupOf
"""`GROUP` is init's process group; a selector means every process that it selects."""


class _Acting:
    """
    What a step does to a container.

    `acts`: it does something, rather than look. `sends`: signals are sent, by the runner or by the
    engine's stop. `pauses`: all processes are frozen. `needs_init`: init has to run for it.
    """

    __slots__ = ()
    acts: ClassVar[bool] = True
    sends: ClassVar[bool] = False
    pauses: ClassVar[bool] = False
    needs_init: ClassVar[bool] = True


class _Starting(_Acting):
    """What starts init, also one that has ended."""

    __slots__ = ()
    needs_init: ClassVar[bool] = False


class _Looking(_Acting):
    """What only looks."""

    __slots__ = ()
    acts: ClassVar[bool] = False
    needs_init: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class SendSignals(_Acting):
    """
    `signal`: each of `signals` in order, the whole list `times` times, all `every_s` apart.
    """

    signals: tuple[Signal, ...]
    to: Target = Addressee.INIT
    sender: Sender = Sender.HOST
    times: int = 1
    every_s: float = 0.0
    sends: ClassVar[bool] = True
    kind: Literal["send_signals"] = "send_signals"


@dataclass(frozen=True, slots=True)
class Stop(_Acting):
    """`stop`: the engine's own stop, escalation included. None means the container's own."""

    grace_s: float | None = None
    signal: Signal | None = None
    sends: ClassVar[bool] = True
    kind: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class Exec(_Acting):
    """
    `exec`: one more process in the container; `detach` does not wait for its end. It finds `stdin`
    on its standard input, and then the end.
    """

    argv: tuple[str, ...]
    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    detach: bool = False
    stdin: str = ""
    kind: Literal["exec"] = "exec"


@dataclass(frozen=True, slots=True)
class Restart(_Starting):
    """`restart`: the engine stops the container and starts it again. None: the grace of its own."""

    grace_s: float | None = None
    sends: ClassVar[bool] = True
    kind: Literal["restart"] = "restart"


@dataclass(frozen=True, slots=True)
class Start(_Starting):
    """`start`: the engine starts init of a container that has ended."""

    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Write(_Acting):
    """`write`: text for init's standard input, and with `close` the end of it."""

    text: str
    close: bool = False
    kind: Literal["write"] = "write"


@dataclass(frozen=True, slots=True)
class Pause(_Acting):
    """`pause`: the engine freezes all processes of the container."""

    pauses: ClassVar[bool] = True
    kind: Literal["pause"] = "pause"


@dataclass(frozen=True, slots=True)
class Unpause(_Acting):
    """`unpause`: they go on."""

    kind: Literal["unpause"] = "unpause"


@dataclass(frozen=True, slots=True)
class Wait(_Looking):
    """`wait`: the expectation must come true before the case goes on; if not, it is an error."""

    kind: Literal["wait"] = "wait"


@dataclass(frozen=True, slots=True)
class Look(_Looking):
    """`expect` as a step of its own: nothing is done, only looked at."""

    kind: Literal["look"] = "look"


Action = SendSignals | Stop | Restart | Start | Exec | Write | Pause | Unpause | Wait | Look


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step: what is done and, if anything, what is expected of it.

    `title` is the user's name for it, or one made from what it does. `on` names the container that
    it is about. `when` and `skip` are as for a
    case. With `ignore_errors`, the case goes on and may pass whatever becomes of this step.
    """

    title: str
    where: Where
    action: Action
    expect: Expectation | None = None
    on: str = ""
    tags: tuple[str, ...] = ()
    when: str = ""
    skip: str = ""
    ignore_errors: bool = False

    @property
    def acts(self) -> bool:
        """Whether the step does something to the container, rather than look at it."""
        return self.action.acts

    @property
    def sends(self) -> bool:
        """Whether signals are sent: by the runner, or by the engine's stop."""
        return self.action.sends

    @property
    def pauses(self) -> bool:
        """Whether all processes of the container are frozen."""
        return self.action.pauses

    @property
    def needs_init(self) -> bool:
        """Whether init has to run for it."""
        return self.action.needs_init
