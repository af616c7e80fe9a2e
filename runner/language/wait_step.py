"""
The step `wait`: what has to be so before the case can go on.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, Tag, model_validator

from runner.language.base import MAPPING, WORD, refuse, word_or_mapping
from runner.language.conditions import Condition
from runner.language.contradictions.step import in_wait
from runner.language.fields import PositiveDuration
from runner.language.plain import Plain
from runner.language.step_form import StepForm
from runner.model.expectation import Expectation
from runner.model.step import Wait

WAIT_WITHIN_S: Final = 10.0


def wait_short(value: Plain) -> object:
    """Take the short form of `wait`."""
    return {"until": value} if isinstance(value, str) else value


class WaitStep(StepForm):
    """Wait for something that has to be so before the case can go on."""

    until: Annotated[
        Annotated[Literal["ready"], Tag(WORD)] | Annotated[Condition, Tag(MAPPING)],
        word_or_mapping(),
    ] = Field(
        description="`ready`, or a condition; if it does not come, nothing was tested: an error.",
        examples=["ready", {"logs": "listening"}],
    )
    within: PositiveDuration | None = Field(
        None, description="How long to wait (default 10s).", examples=["30s"]
    )

    @model_validator(mode="after")
    def _no_contradiction(self) -> WaitStep:
        refuse(in_wait(self))
        return self

    def to_domain(self) -> Wait:
        """Return the record of the model."""
        return Wait()

    def expectation(self, ready: Expectation) -> Expectation:
        """Return what is waited for, in a container whose readiness is `ready`."""
        if isinstance(self.until, str):
            return Expectation(ready.checks, self.within or ready.within_s)
        return self.until.to_domain(within_s=self.within or WAIT_WITHIN_S)

    def title(self) -> str:
        """Return what is waited for."""
        return f"wait for {self.until if isinstance(self.until, str) else self.until.title()}"
