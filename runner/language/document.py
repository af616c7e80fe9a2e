"""
A scenario: one YAML document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from runner.language.base import Strict, refuse, wrong
from runner.language.container import ContainerModel
from runner.language.contradictions.scenario import in_scenario
from runner.language.fields import (
    NonEmptyText,
    PositiveDuration,
    Tags,
    Text,
    Texts,
    Title,
    kind_of,
    truth_advice,
)
from runner.language.plain import Plain
from runner.language.steps import StepModel
from runner.model.case import THE_ONLY


def _skip(value: Plain) -> str:
    if isinstance(value, bool):
        return "skip is set" if value else ""
    if truth_advice(value):
        raise wrong(f"expected a reason or true, not '{value}'", truth_advice(value))
    if not isinstance(value, str) or not value:
        raise wrong(f"expected a reason or true, not {kind_of(value)}", "as in skip: too slow")
    return value


_ROWS: dict[str, Any] = {
    "description": "Rows: values of some of the axes.",
    "examples": [[{"signal": "SIGINT"}]],
    "type": "array",
}
_CONTAINER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class ScenarioModel(Strict):
    """A scenario with all its placeholders filled in."""

    schema_: Literal["scenario/v1"] = Field(
        "scenario/v1",
        alias="schema",
        description="The version of the language.",
        examples=["scenario/v1"],
    )
    name: Annotated[Title, Field(max_length=300)] = Field(
        description="What the scenario shows; unique in its file.",
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
    tags: Tags = Field(
        default_factory=list,
        description="Words to select scenarios by; each of its steps has them too.",
        examples=[["seed"]],
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
            "`exclude` lists. `include` adds to them, as in GitHub Actions."
        ),
        examples=[
            {"signal": ["SIGTERM", "SIGINT"], "exclude": [{"signal": "SIGINT"}]},
            {"include": [{"signal": "SIGTERM", "code": 0}]},
        ],
        json_schema_extra={"properties": dict.fromkeys(("exclude", "include"), _ROWS)},
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
    container: ContainerModel | None = Field(
        None,
        description="The container, with keys as the Compose file has them.",
        examples=[{"image": "nginx:1.27"}],
    )
    containers: dict[str, ContainerModel] | None = Field(
        None,
        json_schema_extra={"propertyNames": {"pattern": f"^{_CONTAINER_NAME.pattern}$"}},
        description="Several containers by name; they are started in order, each when ready.",
        examples=[
            {"app": {"image": "nginx:1.27"}, "side": {"image": "debian", "pid": "container:app"}}
        ],
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
    def _one_way_to_name_containers(self) -> ScenarioModel:
        if self.container is not None and self.containers is not None:
            raise wrong(
                "there is either one container or several",
                "put it into `containers`, under a name",
                key="containers",
            )
        if self.container is None and self.containers is None:
            raise wrong(
                "'container' is missing in the document",
                "The container, with keys as the Compose file has them.",
            )
        if self.containers == {}:
            raise wrong("containers is empty", "as in {app: {image: nginx}}", key="containers")
        for name in self.containers or ():
            if not _CONTAINER_NAME.fullmatch(name):
                what = f"'{name}' cannot be the name of a container"
                raise wrong(what, "letters, digits, _ and -, as in side-car", "containers", name)
        return self

    @model_validator(mode="after")
    def _no_contradiction(self) -> ScenarioModel:
        refuse(in_scenario(self))
        return self

    @model_validator(mode="after")
    def _expects_something(self) -> ScenarioModel:
        if not any(step.expect for step in self.steps):
            raise wrong(
                "no step expects anything, so passing would mean nothing",
                "add an `expect` to a step",
                "steps",
            )
        return self

    def named_containers(self) -> Mapping[str, ContainerModel]:
        """Return the containers by name; where there is only one, it needs none."""
        if self.container is not None:
            return {THE_ONLY: self.container}
        return self.containers or {}

    def container_of(self, step: StepModel) -> str:
        """Name the container that a step is about."""
        return step.on if step.on is not None else next(iter(self.named_containers()))

    def placed_steps(self) -> Iterator[tuple[tuple[str, int], StepModel]]:
        """Yield all steps, each with its place in the document."""
        for key, steps in (("steps", self.steps), ("always", self.always)):
            yield from (((key, number), step) for number, step in enumerate(steps))
