"""
Facts that a process must show, init or another.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from runner.kernel.signals import SIGKILL, SIGSTOP
from runner.model.expectation import ProcessFacts
from runner.spec.base import Strict, wrong
from runner.spec.fields import Signals

UNCHANGEABLE = (SIGKILL, SIGSTOP)


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
        None, description="Signals that every thread blocks.", examples=["SIGUSR1"]
    )
    pending: Signals | None = Field(
        None, description="Signals that wait to be delivered.", examples=["SIGUSR1"]
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
        """Give the facts, with others beside."""
        return ProcessFacts(
            caught=tuple(self.caught or ()),
            ignored=tuple(self.ignored or ()),
            default=tuple(self.default or ()),
            blocked=tuple(self.blocked or ()),
            pending=tuple(self.pending or ()),
            **others,
        )
