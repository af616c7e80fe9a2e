"""
Conditions on processes: init, others, and how many there are.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, SIGSTOP
from runner.model.expectation import (
    Bounds,
    Check,
    InitExited,
    InitIs,
    InitKilledBy,
    InitShows,
    InitState,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    Selector,
)
from runner.spec.base import Strict, wrong
from runner.spec.fields import (
    Comm,
    ExitCodes,
    Regex,
    SignalInput,
    SignalName,
    Signals,
    as_list,
    parse_bounds,
)
from runner.spec.plain import Plain

INIT_PID = 1
UNCHANGEABLE = (SIGKILL, SIGSTOP)

InitWord = Literal["running", "stopped", "paused", "never_started"]


def _pid(value: Plain) -> object:
    return INIT_PID if value == "init" else value


def _selector(value: Plain) -> object:
    if value == "init" or (isinstance(value, int) and not isinstance(value, bool)):
        return {"pid": _pid(value)}
    return value


PidInput = Literal["init"] | Annotated[int, Field(ge=1)]
Pid = Annotated[
    int,
    Field(ge=1),
    BeforeValidator(_pid, json_schema_input_type=PidInput),
]


class SelectorModel(Strict):
    """Which processes are meant: all of the given facts must fit."""

    pid: Pid | None = Field(None, description="The PID inside the container.", examples=[1])
    comm: Comm | None = Field(
        None,
        description="The name of the process, as /proc/PID/comm has it (15 bytes at most).",
        examples=["worker"],
    )
    argv: Regex | None = Field(
        None,
        description="A regular expression searched in the arguments, joined by spaces.",
        examples=["worker process"],
    )
    child_of: Pid | None = Field(
        None, description="The PID of the parent, or `init`.", examples=["init"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> SelectorModel:
        if self.record() == Selector():
            raise wrong("this selects nothing in particular", "give pid, comm, argv or child_of")
        return self

    def record(self) -> Selector:
        """Give the record of the model."""
        return Selector(pid=self.pid, comm=self.comm, argv=self.argv, child_of=self.child_of)


class Dispositions(Strict):
    """Facts on signals that a process must show."""

    caught: Signals | None = Field(
        None, description="Signals for which a handler is installed.", examples=["SIGTERM"]
    )
    ignored: Signals | None = Field(
        None, description="Signals that are ignored (SIG_IGN).", examples=[["SIGPIPE", "SIGHUP"]]
    )
    default: Signals | None = Field(
        None, description="Signals that are neither caught nor ignored.", examples=["SIGTERM"]
    )
    blocked: Signals | None = Field(
        None,
        description="Signals that every thread blocks, or waits for in sigwait(3).",
        examples=["SIGUSR1"],
    )
    pending: Signals | None = Field(
        None, description="Signals that wait to be delivered.", examples=["SIGUSR1"]
    )

    @model_validator(mode="after")
    def _no_contradiction(self) -> Dispositions:
        seen: dict[Any, str] = {}
        for name in ("caught", "ignored", "default"):
            for signal in getattr(self, name) or ():
                if seen.get(signal, name) != name:
                    raise wrong(f"{signal} cannot be both {seen[signal]} and {name}", key=name)
                seen[signal] = name
        for name in ("caught", "ignored", "blocked"):
            for signal in getattr(self, name) or ():
                if signal in UNCHANGEABLE:
                    raise wrong(
                        f"{signal} can never be {name}",
                        "SIGKILL and SIGSTOP cannot be caught, ignored or blocked: signal(7)",
                        key=name,
                    )
        return self

    def facts(self, **others: Any) -> ProcessFacts:
        """Give the facts, with others beside."""
        return ProcessFacts(
            caught=tuple(self.caught or ()),
            ignored=tuple(self.ignored or ()),
            default=tuple(self.default or ()),
            blocked=tuple(self.blocked or ()),
            pending=tuple(self.pending or ()),
            **others,
        )


def init_short(value: Plain) -> object:
    """Take a word for the state."""
    return {"state": value} if isinstance(value, str) else value


class InitCondition(Dispositions):
    """What PID 1 must be, how it must have ended, what it must show."""

    state: InitWord | None = Field(
        None, description="What init must be seen to be.", examples=["running"]
    )
    exited: ExitCodes | None = Field(
        None,
        description="The exit code that the engine reports, or a list of those that will do.",
        examples=[0, [0, 143]],
    )
    killed_by: Signals | None = Field(
        None,
        description="The signal that ended it, or a list of those that will do; not an exit code.",
        examples=["SIGKILL"],
    )
    comm: Comm | None = Field(None, description="The name of init.", examples=["nginx"])
    argv: Regex | None = Field(
        None, description="A regular expression searched in init's arguments.", examples=["^nginx"]
    )

    @model_validator(mode="after")
    def _one_fate(self) -> InitCondition:
        facts = self.facts(comm=self.comm, argv=self.argv) != ProcessFacts()
        for key in ("exited", "killed_by"):
            if getattr(self, key) is not None and (self.state or facts):
                raise wrong("an init that has ended cannot also be running or show facts", key=key)
        if self.state == "never_started" and facts:
            raise wrong("an init that never started cannot show facts", key="state")
        if not (facts or self.state or self.exited or self.killed_by):
            raise wrong("this says nothing of init", "as in `init: running` or `{exited: 0}`")
        return self

    def ends(self) -> bool:
        """Say whether init is not there any more, or never was."""
        gone = self.exited is not None or self.killed_by is not None
        return gone or self.state == "never_started"

    def checks(self) -> list[Check]:
        """Give the records of the model."""
        found: list[Check] = []
        if self.state:
            found.append(InitIs(InitState(self.state)))
        if self.exited is not None:
            found.append(InitExited(tuple(self.exited)))
        if self.killed_by is not None:
            found.append(InitKilledBy(tuple(self.killed_by)))
        facts = self.facts(comm=self.comm, argv=self.argv)
        if facts != ProcessFacts():
            found.append(InitShows(facts))
        return found


class ProcessCondition(Dispositions, SelectorModel):
    """One or more processes, and what each of them must show."""

    state: Literal["R", "S", "D", "T", "t", "Z"] | None = Field(
        None, description="The state, as the letter of proc_pid_stat(5).", examples=["T"]
    )
    parent: Annotated[
        SelectorModel | None,
        BeforeValidator(_selector, json_schema_input_type=PidInput | SelectorModel),
    ] = Field(None, description="What the parent must be.", examples=["init", {"comm": "parent"}])
    received: Annotated[
        list[SignalName] | None,
        BeforeValidator(as_list, json_schema_input_type=SignalInput | list[SignalInput] | None),
    ] = Field(
        None,
        description=(
            "Signals that the kernel has delivered to it since the step began; an empty list: none."
        ),
        examples=["SIGTERM", []],
    )
    exists: bool = Field(
        True, description="Whether there must be such a process at all.", examples=[False]
    )

    @model_validator(mode="after")
    def _nothing_of_nobody(self) -> ProcessCondition:
        if not self.exists and self.check().facts != ProcessFacts():
            raise wrong("a process that does not exist cannot show facts", key="exists")
        return self

    def check(self) -> ProcessIs:
        """Give the record of the model."""
        facts = self.facts(
            state=ProcessState(self.state) if self.state else None,
            parent=self.parent.record() if self.parent else None,
            received=tuple(self.received) if self.received is not None else None,
        )
        return ProcessIs(self.record(), facts, self.exists)


class BoundsModel(Strict):
    """A range; both ends are included."""

    at_least: int | None = Field(None, ge=0, description="Not fewer than this.", examples=[1])
    at_most: int | None = Field(None, ge=0, description="Not more than this.", examples=[3])

    @model_validator(mode="after")
    def _in_order(self) -> BoundsModel:
        if self.at_least is None and self.at_most is None:
            raise wrong("a range needs `at_least` or `at_most`")
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise wrong("`at_least` is above `at_most`", key="at_least")
        return self

    def record(self) -> Bounds:
        """Give the record of the model."""
        return Bounds(at_least=self.at_least, at_most=self.at_most)


Count = Annotated[
    BoundsModel,
    BeforeValidator(parse_bounds, json_schema_input_type=Annotated[int, Field(ge=0)] | BoundsModel),
]


class CountCondition(Strict):
    """How many processes there must be; init counts, our probe never does."""

    alive: Count | None = Field(
        None, description="How many processes that are no zombies.", examples=[3]
    )
    zombies: Count | None = Field(
        None, description="How many zombies.", examples=[0, {"at_most": 1}]
    )
    unchanged: bool = Field(
        False,
        description="The same processes as right before the step: none gone, none new.",
        examples=[True],
    )
    comm: Comm | None = Field(
        None, description="Count processes of this name only.", examples=["worker"]
    )
    argv: Regex | None = Field(
        None, description="Count processes with such arguments only.", examples=["worker"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> CountCondition:
        if self.alive is None and self.zombies is None and not self.unchanged:
            raise wrong("this counts nothing", "give alive, zombies or unchanged")
        return self

    def check(self) -> ProcessCount:
        """Give the record of the model."""
        return ProcessCount(
            Selector(comm=self.comm, argv=self.argv),
            alive=self.alive.record() if self.alive else None,
            zombies=self.zombies.record() if self.zombies else None,
            unchanged=self.unchanged,
        )
