"""
Steps: a mapping with exactly one kind, and keywords beside it.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from runner.errors import Where
from runner.language.base import refuse, wrong
from runner.language.conditions import Condition
from runner.language.contradictions.step import in_step
from runner.language.fields import NonEmptyText, Placeholder, Tags
from runner.language.plain import Plain
from runner.language.step_form import StepForm
from runner.language.step_kinds import KINDS, StepKinds
from runner.language.wait_step import WaitStep
from runner.model.expectation import Expectation
from runner.model.step import Action, Look, Step


def _as_it_is(value: Plain) -> Plain:
    return value


class StepModel(StepKinds):
    """One step: exactly one kind, and keywords beside it; `expect` may go with most."""

    on: NonEmptyText | None = Field(
        None,
        description="The container that the step is about, where there are several.",
        examples=["app"],
    )
    tags: Tags = Field(
        default_factory=list,
        description="Words to select steps by, beside those of the scenario.",
        examples=[["slow"]],
    )
    when: NonEmptyText | None = Field(
        None,
        description="An expression over facts of the engine and variables; if false, skip it.",
        examples=["cgroup == 'v2'"],
    )
    ignore_errors: bool = Field(
        False,
        description="Continue, and let the case pass, whatever the result of this step.",
        examples=[True],
    )
    loop: Annotated[
        list[Any] | None,
        BeforeValidator(_as_it_is, json_schema_input_type=list[Any] | Placeholder),
    ] = Field(
        None,
        description="Carry out the step for each entry, which is {{ item }}.",
        examples=[["SIGTERM", "SIGINT"]],
    )
    expect: Condition | None = Field(
        None,
        description="What must be so after the step; on its own, what must be so now.",
        examples=[{"init": {"exited": 0}, "within": "3s"}],
    )

    @model_validator(mode="before")
    @classmethod
    def _exactly_one_kind(cls, value: Plain) -> Plain:
        if not isinstance(value, dict):
            return value
        kinds = [key for key in value if key in KINDS and key != "expect"]
        if len(kinds) > 1:
            raise wrong(
                f"a step has one kind, this one has {' and '.join(kinds)}",
                "make two steps of it",
                kinds[1],
            )
        return value

    @model_validator(mode="after")
    def _something_to_do(self) -> StepModel:
        if isinstance(self.form, WaitStep) and self.expect is not None:
            raise wrong(
                "a wait already says what it waits for", "make the `expect` a step", "expect"
            )
        if all(getattr(self, kind) is None for kind in KINDS):
            raise wrong("this step does nothing", f"give one of {', '.join(KINDS)}")
        return self

    @model_validator(mode="after")
    def _no_contradiction(self) -> StepModel:
        if self.expect is not None and self.expect.shutdown is not None:
            refuse(in_step(self.action, self.expect, self.expect.shutdown))
        return self

    @cached_property
    def form(self) -> StepForm | None:
        """What it does, in the long form of its kind; None: it only looks."""
        given = (getattr(self, kind) for kind in KINDS)
        return next((one for one in given if isinstance(one, StepForm)), None)

    @cached_property
    def action(self) -> Action:
        """The record of what it does."""
        return self.form.to_domain() if self.form is not None else Look()

    def _title(self) -> str:
        """Say in a few words what is done or, where nothing is, what is expected."""
        if self.form is not None:
            return self.form.title()
        return f"expect {self.expect.title() if self.expect is not None else ''}"

    def _expectation(self, ready: Expectation) -> Expectation | None:
        if isinstance(self.form, WaitStep):
            return self.form.expectation(ready)
        return self.expect.to_domain() if self.expect is not None else None

    def to_domain(self, where: Where, *, on: str, ready: Expectation) -> Step:
        """Return the record of the model, about the container `on`, whose readiness is `ready`."""
        return Step(
            self.name or self._title(),
            where,
            self.action,
            self._expectation(ready),
            on=on,
            tags=tuple(self.tags),
            when=self.when or "",
            ignore_errors=self.ignore_errors,
        )
