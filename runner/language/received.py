"""
What a process was delivered: `received`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, WrapSerializer

from runner.kernel.signals import Signal
from runner.language.base import Strict, wrong
from runner.language.by_signal import by_signal
from runner.language.counts import Count
from runner.language.fields import SignalInput, parse_signal, shown
from runner.language.plain import Plain
from runner.language.selectors import SenderSelector
from runner.model.expectation import Bounds, Received

_AT_LEAST_ONCE: Final = Bounds(at_least=1)


class ReceivedModel(Strict):
    """How often a signal was delivered, and by whom it was sent."""

    from_: SenderSelector | None = Field(
        None,
        alias="from",
        description="The process that has sent it: `init` or a selector (default: any).",
        examples=["init", {"comm": "tini"}],
    )
    times: Count | None = Field(
        None, description="How often, in all (default: at least once).", examples=[2]
    )

    def to_domain(self, signal: Signal) -> Received:
        """Return the record of the model."""
        times = self.times.to_domain() if self.times else _AT_LEAST_ONCE
        return Received(signal, times, self.from_.to_domain() if self.from_ else None)


def _received(value: Plain) -> Plain:
    if not isinstance(value, dict):
        names = value if isinstance(value, list) else [value]
        value = {str(parse_signal(one)): True for one in names}
        if not value:
            return value
    named = by_signal(value, "{SIGTERM: {times: 2}}, or [] for none at all")
    return {name: _how_often(name, one) for name, one in named.items()}


def _how_often(name: str, value: Plain) -> Plain:
    if isinstance(value, bool):
        return {} if value else {"times": 0}
    if not isinstance(value, dict):
        advice = f"as in {{{name}: true}} or {{{name}: {{times: 2}}}}"
        what = f"{shown(value)} does not say how often {name} was received"
        raise wrong(what, advice, key=name)
    return value


def _as_written(models: dict[str, ReceivedModel] | None, write: Any) -> Any:  # noqa: ANN401
    return [] if models == {} else write(models)


ReceivedBySignal = Annotated[
    dict[str, ReceivedModel],
    BeforeValidator(
        _received,
        json_schema_input_type=SignalInput
        | list[SignalInput]
        | Annotated[dict[str, bool | ReceivedModel], Field(min_length=1)],
    ),
    WrapSerializer(_as_written),
]
