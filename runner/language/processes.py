"""
Conditions on processes: init and others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, Signal
from runner.language.base import refuse, wrong
from runner.language.facts import FactsModel, not_ending
from runner.language.fields import Comm, ExitCodes, Regex, Signals
from runner.language.plain import Plain
from runner.language.received import ReceivedBySignal
from runner.language.selectors import SelectorModel, SelectorOrPid
from runner.model.expectation import (
    Check,
    InitExited,
    InitIs,
    InitKilledBy,
    InitShows,
    InitState,
    ProcessFacts,
    ProcessIs,
    Received,
)
from runner.model.selection import selector_words

ENDS = ("exited", "killed_by", "killed_with_init")
PRESENT = "state parent caught ignored default blocked pending pgid sid subreaper".split()
"""What only a process that is there can show."""

InitWord = Literal["running", "stopped", "paused", "never_started"]


def init_short(value: Plain) -> object:
    """Take a word for the state."""
    return {"state": value} if isinstance(value, str) else value


class InitCondition(FactsModel):
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
        refuse(not_ending(self.killed_by or ()))
        return self

    def ends(self) -> bool:
        """Return whether init is not there any more, or never was."""
        gone = self.exited is not None or self.killed_by is not None
        return gone or self.state == "never_started"

    def said(self) -> Iterator[tuple[Check, str]]:
        """Yield the records of the model, and what titles call each."""
        if self.state:
            yield InitIs(InitState(self.state)), f"init {self.state}"
        if self.exited is not None:
            codes = tuple(self.exited)
            yield InitExited(codes), "init exited " + " or ".join(map(str, codes))
        if self.killed_by is not None:
            yield InitKilledBy(tuple(self.killed_by)), "what killed init"
        facts = self.facts(comm=self.comm, argv=self.argv)
        if facts != ProcessFacts():
            yield InitShows(facts), "facts of init"


class ProcessCondition(FactsModel, SelectorModel):
    """One or more processes, and what each of them must show."""

    state: Literal["R", "S", "D", "T", "t", "Z"] | None = Field(
        None, description="The state, as the letter of proc_pid_stat(5).", examples=["T"]
    )
    parent: SelectorOrPid | None = Field(
        None, description="What the parent must be.", examples=["init", {"comm": "parent"}]
    )
    received: ReceivedBySignal | None = Field(
        None,
        description=(
            "Signals that the kernel has delivered to it since the step began, how often, and "
            "from whom; an empty list: none at all."
        ),
        examples=["SIGTERM", [], {"SIGTERM": {"times": 2, "from": {"comm": "tini"}}}],
    )
    exited: ExitCodes | None = Field(
        None,
        description="The status that it has exited with, or a list of those that will do.",
        examples=[7, [0, 143]],
    )
    killed_by: Signals | None = Field(
        None,
        description="The signal that ended it, or a list of those that will do.",
        examples=["SIGTERM"],
    )
    killed_with_init: bool | None = Field(
        None,
        description="Whether the kernel has killed it because init ended (pid_namespaces(7)).",
        examples=[False],
    )
    exists: bool = Field(
        True, description="Whether there must be such a process at all.", examples=[False]
    )

    @model_validator(mode="after")
    def _nothing_of_nobody(self) -> ProcessCondition:
        if not self.exists and self.check().facts != ProcessFacts():
            raise wrong("a process that does not exist cannot show facts", key="exists")
        refuse(self._ends_in_two_ways())
        refuse(self._shows_after_its_end())
        refuse(not_ending(self.killed_by or ()))
        return self

    def _ends_in_two_ways(self) -> Iterator[PydanticCustomError]:
        if self.exited is not None and self.killed_by is not None:
            yield wrong("a process exits or is killed by a signal, not both", key="killed_by")
        if self.killed_with_init and self.exited is not None:
            what = "a process that has exited was not killed with init"
            yield wrong(what, key="killed_with_init")
        if self.killed_with_init and self.killed_by is not None and SIGKILL not in self.killed_by:
            yield wrong(
                "what is killed with init is killed by SIGKILL",
                "say killed_by: SIGKILL, or leave it out",
                key="killed_by",
            )

    def _shows_after_its_end(self) -> Iterator[PydanticCustomError]:
        ends = [name for name in ENDS if getattr(self, name) not in (None, False)]
        shown = next((name for name in PRESENT if getattr(self, name) is not None), None)
        if ends and shown is not None:
            advice = f"ask for {ends[0]} in a separate condition"
            yield wrong(f"a process that has ended cannot show `{shown}`", advice, key=shown)

    def _received(self) -> tuple[Received, ...] | None:
        if self.received is None:
            return None
        return tuple(one.to_domain(Signal.parse(name)) for name, one in self.received.items())

    def check(self) -> ProcessIs:
        """Return the record of the model."""
        facts = self.facts(
            state=ProcessState(self.state) if self.state else None,
            parent=self.parent.to_domain() if self.parent else None,
            received=self._received(),
            exited=tuple(self.exited) if self.exited is not None else None,
            killed_by=tuple(self.killed_by or ()),
            killed_with_init=self.killed_with_init,
        )
        return ProcessIs(self.to_domain(), facts, self.exists)

    def said(self) -> list[tuple[Check, str]]:
        """Return the record of the model, and what titles call it."""
        return [(self.check(), selector_words(self.to_domain()))]
