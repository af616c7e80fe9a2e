"""
Facts that a process must show, init or another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator
from pydantic_core import PydanticCustomError

from runner.kernel.signals import SIGKILL, SIGSTOP, Signal
from runner.language.base import Strict, wrong
from runner.language.fields import Signals, shown
from runner.language.plain import Plain
from runner.model.expectation import Own, ProcessFacts

UNCHANGEABLE = (SIGKILL, SIGSTOP)


def not_ending(killers: Iterable[Signal]) -> Iterator[PydanticCustomError]:
    """Nothing is killed by a signal that stops a process, or does nothing, by default."""
    for signal in killers:
        if not signal.default_action.ends:
            yield wrong(
                f"{signal} ends no process",
                f"its default action is {signal.default_action.value}: signal(7)",
                key="killed_by",
            )


def _group_number(value: Plain) -> int | Own:
    if value == Own.OWN.value:
        return Own.OWN
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise wrong(f"{shown(value)} is not a valid process group or session", "a number, or `own`")
    return value


def _group_number_text(value: int | Own | None) -> int | str | None:
    return value.value if isinstance(value, Own) else value


GroupNumber = Annotated[
    Any,
    BeforeValidator(
        _group_number, json_schema_input_type=Literal["own"] | Annotated[int, Field(ge=0)]
    ),
    PlainSerializer(_group_number_text),
]


class FactsModel(Strict):
    """Facts that a process must show."""

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

    pgid: GroupNumber | None = Field(
        None,
        description="The process group; `own`: it leads it. 0: one of another PID namespace.",
        examples=["own", 7],
    )
    sid: GroupNumber | None = Field(
        None,
        description="The session; `own`: it leads it. 0: one of another PID namespace.",
        examples=["own", 1],
    )
    subreaper: bool | None = Field(
        None,
        description=(
            "Whether orphans below it become its children and not init's (PR_SET_CHILD_SUBREAPER)."
        ),
        examples=[True],
    )

    @model_validator(mode="after")
    def _no_contradiction(self) -> FactsModel:
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
        """Return the facts, with others beside."""
        return ProcessFacts(
            caught=tuple(self.caught or ()),
            ignored=tuple(self.ignored or ()),
            default=tuple(self.default or ()),
            blocked=tuple(self.blocked or ()),
            pending=tuple(self.pending or ()),
            pgid=self.pgid,
            sid=self.sid,
            subreaper=self.subreaper,
            **others,
        )
