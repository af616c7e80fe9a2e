"""
Conditions on what the kernel did with signals: delivered, outcome, forwarded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, Tag, model_validator

from runner.kernel.prediction import Outcome
from runner.kernel.signals import Signal
from runner.language.base import MAPPING, WORD, Strict, word_or_mapping, wrong
from runner.language.by_signal import by_signal
from runner.language.counts import Count
from runner.language.fields import SignalInput, parse_signal, shown, truth_advice
from runner.language.plain import Plain
from runner.language.selectors import SelectorModel, SenderSelector
from runner.model.expectation import Bounds, Check, DeliveredWas, ForwardedWas, OutcomeWas
from runner.model.process import INIT_PID

PREDICTED = "predicted"
_DELIVERED = "{SIGTERM: true}"

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
    if not isinstance(value, dict):
        advice = truth_advice(value, f"true, false, or as in {_DELIVERED}")
        raise wrong(f"expected true or false in delivered, not {shown(value)}", advice)
    named = by_signal(value, _DELIVERED)
    for signal, delivered in named.items():
        if not isinstance(delivered, bool):
            raise wrong(f"expected true or false for {signal}, not {shown(delivered)}", key=signal)
    return tuple(DeliveredWas(one is True, Signal.parse(name)) for name, one in named.items())


def _delivered_text(checks: tuple[DeliveredWas, ...] | None) -> object:
    if checks is None:
        return None
    if checks[0].signal is None:
        return checks[0].delivered
    return {str(one.signal): one.delivered for one in checks}


def _forwarded(value: Plain) -> object:
    if not isinstance(value, dict):
        return {str(parse_signal(value)): {}}
    return by_signal(value, "{SIGTERM: {to: {comm: worker}}}")


def _outcome(value: Plain) -> Plain:
    if isinstance(value, dict):
        return by_signal(value, "{SIGTERM: dropped_init}")
    if not isinstance(value, str):
        advice = "a word for all signals, or as in {SIGTERM: dropped_init}"
        raise wrong(f"{shown(value)} is not a valid outcome", advice)
    return value


class ForwardedModel(Strict):
    """By whom a signal was sent on, to whom, and how often."""

    from_: SenderSelector | None = Field(
        None,
        alias="from",
        description="The process that has sent it on: a selector (default: init).",
        examples=[{"comm": "runsv"}, "init"],
    )
    to: SelectorModel | None = Field(
        None, description="The processes that it was sent to.", examples=[{"comm": "worker"}]
    )
    times: Count | None = Field(
        None, description="How often, in all (default: at least once).", examples=[1]
    )

    @model_validator(mode="after")
    def _to_somebody(self) -> ForwardedModel:
        by_init = self.from_ is None or self.from_.pid == INIT_PID
        if by_init and self.to is not None and self.to.pid == INIT_PID and self.to.comm is None:
            raise wrong("init does not forward to itself", "name another process", key="to")
        return self

    def check(self, signal: Signal) -> ForwardedWas:
        """Return the record of the model."""
        times = self.times.to_domain() if self.times else Bounds(at_least=1)
        to, sender = self.to, self.from_
        return ForwardedWas(
            signal, to.to_domain() if to else None, times, sender.to_domain() if sender else None
        )


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


_OutcomesInput = Annotated[dict[str, OutcomeWord], Field(min_length=1)]
OutcomeBySignal = Annotated[
    Annotated[OutcomeWord, Tag(WORD)] | Annotated[dict[str, OutcomeWord], Tag(MAPPING)],
    word_or_mapping(),
    BeforeValidator(_outcome, json_schema_input_type=OutcomeWord | _OutcomesInput),
]


def forwarded_said(models: Mapping[str, ForwardedModel]) -> Iterator[tuple[Check, str]]:
    """Yield the records of a `forwarded`, and what titles call each."""
    for name, model in models.items():
        yield model.check(Signal.parse(name)), f"{name} forwarded"


def outcome_checks(value: OutcomeWord | Mapping[str, OutcomeWord]) -> list[OutcomeWas]:
    """Return the records of an `outcome`."""
    if isinstance(value, str):
        return [_outcome_check(value)]
    return [_outcome_check(word, Signal.parse(name)) for name, word in value.items()]


def _outcome_check(word: OutcomeWord, signal: Signal | None = None) -> OutcomeWas:
    return OutcomeWas(None if word == PREDICTED else Outcome(word), signal)
