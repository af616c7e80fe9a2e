"""
A scenario: one YAML document.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.spec.base import Strict, wrong
from runner.spec.container import ContainerModel
from runner.spec.fields import (
    NonEmptyText,
    PositiveDuration,
    Text,
    Texts,
    Title,
    kind_of,
)
from runner.spec.plain import Plain
from runner.spec.steps import StepModel


def _skip(value: Plain) -> str:
    if isinstance(value, bool):
        return "skip is set" if value else ""
    if not isinstance(value, str) or not value:
        raise wrong(f"expected a reason or true, not {kind_of(value)}", "as in skip: too slow")
    return value


class ScenarioModel(Strict):
    """A scenario with all its placeholders filled in."""

    schema_: Literal["scenario/v1"] = Field(
        "scenario/v1",
        alias="schema",
        description="The version of the language.",
        examples=["scenario/v1"],
    )
    name: Annotated[Title, Field(max_length=300)] = Field(
        description="What the scenario shows; unique in a run.",
        examples=["nginx stops gracefully"],
    )
    why: Text = Field(
        "", description="Why this must be so, in a sentence.", examples=["A stop takes no 10 s."]
    )
    source: Texts = Field(
        default_factory=list,
        description="Where that is written down.",
        examples=[["signal(7)", "pid_namespaces(7)"]],
    )
    tags: Texts = Field(
        default_factory=list, description="Words to select scenarios by.", examples=[["seed"]]
    )
    vars: dict[str, Any] = Field(
        default_factory=dict,
        description="Variables for placeholders; each may use those before it.",
        examples=[{"grace": "10s"}],
    )
    matrix: dict[str, list[Any]] | None = Field(
        None,
        description=(
            "Axes and their values; the scenario is run for every combination, but for those that "
            "`exclude` lists."
        ),
        examples=[{"signal": ["SIGTERM", "SIGINT"], "exclude": [{"signal": "SIGINT"}]}],
    )
    skip: Annotated[
        str,
        BeforeValidator(_skip, json_schema_input_type=bool | Annotated[str, Field(min_length=1)]),
    ] = Field("", description="Do not run it; say why.", examples=["needs an engine of API 1.42"])
    when: NonEmptyText | None = Field(
        None,
        description="An expression over facts of the engine and variables; if false, skip it.",
        examples=["cgroup == 'v2'", "arch in ['x86_64', 'aarch64']"],
    )
    timeout: PositiveDuration = Field(
        60.0, description="The most that one case may take.", examples=["60s"]
    )
    container: ContainerModel = Field(
        description="The container, with keys as the Compose file has them.",
        examples=[{"image": "nginx:1.27"}],
    )
    steps: list[StepModel] = Field(
        min_length=1,
        description="What is done and expected, in order; the first failure ends the case.",
        examples=[[{"stop": "10s", "expect": {"init": {"exited": 0}}}]],
    )
    always: list[StepModel] = Field(
        default_factory=list[StepModel],
        description="Steps that are carried out in any case, after the others.",
        examples=[[{"signal": "SIGKILL"}]],
    )

    @model_validator(mode="after")
    def _expects_something(self) -> ScenarioModel:
        if not any(step.expect for step in self.steps):
            raise wrong(
                "no step expects anything, so passing would mean nothing",
                "add an `expect` to a step",
                "steps",
            )
        return self

    @model_validator(mode="after")
    def _reaches_every_step(self) -> ScenarioModel:
        end: int | None = None
        for number, step in enumerate(self.steps):
            if end is not None and step.acts():
                raise wrong(
                    "this step needs a running init, which it cannot have any more",
                    f"step {end + 1} expects init to have ended, or never to have started",
                    "steps",
                    number,
                )
            if end is None and step.expects_the_end():
                end = number
        return self
