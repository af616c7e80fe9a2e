"""
Which processes are meant: the selector, and PIDs.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.language.base import Strict, wrong
from runner.language.fields import Comm, Regex
from runner.language.plain import Plain
from runner.model.expectation import Selector
from runner.model.process import INIT_PID
from runner.model.selection import selector_words
from runner.model.step import GroupOf, Target


def _pid(value: Plain) -> object:
    return INIT_PID if value == "init" else value


def selector_short(value: Plain) -> object:
    """Take `init` or a PID for a selector."""
    if value == "init" or (isinstance(value, int) and not isinstance(value, bool)):
        return {"pid": _pid(value)}
    return value


def _sender_short(value: Plain) -> object:
    return {"pid": INIT_PID} if value == "init" else value


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
        if self.to_domain() == Selector():
            raise wrong("this selects nothing in particular", "give pid, comm, argv or child_of")
        return self

    def to_domain(self) -> Selector:
        """Return the record of the model."""
        return Selector(pid=self.pid, comm=self.comm, argv=self.argv, child_of=self.child_of)


class TargetModel(SelectorModel):
    """To which processes a signal goes: those selected, or all of their process groups."""

    group_of: SelectorModel | None = Field(
        None,
        description="The process group of each process that this selects, each group once.",
        examples=[{"comm": "worker"}],
    )

    @model_validator(mode="after")
    def _says_something(self) -> TargetModel:
        selected = self.to_domain() != Selector()
        if self.group_of is None and not selected:
            what = "this selects nothing in particular"
            raise wrong(what, "give pid, comm, argv, child_of or group_of")
        if self.group_of is not None and selected:
            advice = "put the rest into it, as in group_of: {comm: worker}"
            raise wrong("a signal goes to processes or to process groups", advice, key="group_of")
        return self

    def target(self) -> Target:
        """Return the record of the model."""
        return GroupOf(self.group_of.to_domain()) if self.group_of is not None else self.to_domain()

    def words(self) -> str:
        """Return who is meant."""
        if self.group_of is not None:
            return f"the process group of {selector_words(self.group_of.to_domain())}"
        return selector_words(self.to_domain())


SelectorOrPid = Annotated[
    SelectorModel,
    BeforeValidator(selector_short, json_schema_input_type=PidInput | SelectorModel),
]
SenderSelector = Annotated[
    SelectorModel,
    BeforeValidator(_sender_short, json_schema_input_type=Literal["init"] | SelectorModel),
]
