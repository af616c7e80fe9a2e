"""
Conditions on what the kernel did with signals: delivered, outcome, forwarded.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from runner.kernel.prediction import Outcome
from runner.kernel.signals import Signal
from runner.model.expectation import Bounds, DeliveredWas, ForwardedWas, OutcomeWas
from runner.spec.base import Strict, wrong
from runner.spec.counts import Count
from runner.spec.fields import SignalInput, parse_signal, shown
from runner.spec.plain import Plain
from runner.spec.selectors import SelectorModel

PREDICTED = "predicted"

OutcomeWord = Literal[
    "handler_runs",
    "ignored",
    "dropped_init",
    "pending",
    "consumed",
    "terminated",
    "core_dumped",
    "stopped",
    "continued",
    "rejected",
    "predicted",
]


def _delivered(value: Plain) -> tuple[DeliveredWas, ...]:
    if isinstance(value, bool):
        return (DeliveredWas(value),)
    if not isinstance(value, dict) or not value:
        raise wrong(f"{shown(value)} does not say", "true, false, or as in {SIGTERM: true}")
    for signal, delivered in value.items():
        if not isinstance(delivered, bool):
            raise wrong(f"expected true or false for {signal}, not {shown(delivered)}")
    return tuple(DeliveredWas(one is True, parse_signal(name)) for name, one in value.items())


def _delivered_text(checks: tuple[DeliveredWas, ...] | None) -> object:
    if checks is None:
        return None
    if checks[0].signal is None:
        return checks[0].delivered
    return {str(one.signal): one.delivered for one in checks}


def _forwarded(value: Plain) -> object:
    if not isinstance(value, dict):
        return {str(parse_signal(value)): {}}
    if not value:
        raise wrong("this names no signal", "as in {SIGTERM: {to: {comm: worker}}}")
    return {str(parse_signal(name)): one for name, one in value.items()}


class ForwardedModel(Strict):
    """To whom init has sent a signal on, and how often."""

    to: SelectorModel | None = Field(
        None, description="The processes that it was sent to.", examples=[{"comm": "worker"}]
    )
    times: Count | None = Field(
        None, description="How often, in all (default: at least once).", examples=[1]
    )

    @model_validator(mode="after")
    def _to_somebody(self) -> ForwardedModel:
        if self.to is not None and self.to.pid == 1 and self.to.record().comm is None:
            raise wrong("init does not forward to itself", "name another process", key="to")
        return self

    def check(self, signal: Signal) -> ForwardedWas:
        """Give the record of the model."""
        times = self.times.record() if self.times else Bounds(at_least=1)
        return ForwardedWas(signal, self.to.record() if self.to else None, times)


Delivered = Annotated[
    Any,
    BeforeValidator(
        _delivered, json_schema_input_type=bool | Annotated[dict[str, bool], Field(min_length=1)]
    ),
    PlainSerializer(_delivered_text),
]
Forwarded = Annotated[
    dict[str, ForwardedModel],
    BeforeValidator(
        _forwarded,
        json_schema_input_type=SignalInput
        | Annotated[dict[str, ForwardedModel], Field(min_length=1)],
    ),
    Field(min_length=1),
]


def outcome_check(word: OutcomeWord) -> OutcomeWas:
    """Give the record of an `outcome`."""
    return OutcomeWas(None if word == PREDICTED else Outcome(word))
