"""
The step `signal`: which signals, to whom, and from where.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag, model_validator

from runner.language.base import MAPPING, WORD, word_or_mapping, wrong
from runner.language.fields import Duration, Signals
from runner.language.plain import Plain
from runner.language.selectors import TargetModel
from runner.language.step_form import StepForm
from runner.model.step import Addressee, Sender, SendSignals


def signal_short(value: Plain) -> object:
    """Take the short form of `signal`."""
    return value if isinstance(value, dict) else {"send": value}


class SignalStep(StepForm):
    """Send signals."""

    send: Signals = Field(
        description="One signal by name or number, or a list that is sent in order.",
        examples=["SIGTERM", ["SIGTERM", "SIGINT"], "RTMIN+3"],
    )
    to: Annotated[
        Annotated[Literal["init", "group", "all"], Tag(WORD)]
        | Annotated[TargetModel, Tag(MAPPING)],
        word_or_mapping(),
    ] = Field(
        "init",
        description=(
            "The target: init, init's process group, all processes, a selector, or the process "
            "groups of selected processes."
        ),
        examples=["init", {"comm": "worker"}, {"group_of": {"comm": "worker"}}],
    )
    from_: Literal["inside", "host"] | None = Field(
        None,
        alias="from",
        description=(
            "From a process of the same PID namespace, or from the host, an ancestor namespace. "
            "The default is `host` for init and `inside` for other targets."
        ),
        examples=["inside"],
    )
    times: int = Field(1, ge=1, le=10_000, description="Send the whole list N times.", examples=[3])
    every: Duration = Field(0.0, description="The pause between two signals.", examples=["100ms"])

    @model_validator(mode="after")
    def _host_reaches_init_only(self) -> SignalStep:
        if self.from_ == "host" and self.to != "init":
            raise wrong(
                "from the host, the engine's API reaches init only", "use `from: inside`", "from"
            )
        return self

    def _sender(self) -> Sender:
        if self.from_ is not None:
            return Sender(self.from_)
        return Sender.HOST if self.to == "init" else Sender.INSIDE

    def to_domain(self) -> SendSignals:
        """Return the record of the model."""
        return SendSignals(
            signals=tuple(self.send),
            to=Addressee(self.to) if isinstance(self.to, str) else self.to.target(),
            sender=self._sender(),
            times=self.times,
            every_s=self.every,
        )

    def title(self) -> str:
        """Return which signals, how often, to whom and from where."""
        what = " ".join(map(str, self.send))
        times = f" {self.times} times" if self.times > 1 else ""
        to = self.to if isinstance(self.to, str) else self.to.words()
        return f"signal {what}{times} to {to} from {self._sender().value}"
