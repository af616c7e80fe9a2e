"""
Counts: a number or a range, and how many processes there are.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from runner.language.base import Strict, wrong
from runner.language.fields import Comm, PositiveDuration, Regex, parse_bounds
from runner.model.expectation import Bounds, ProcessCount, Selector


class BoundsModel(Strict):
    """A range; both ends are included."""

    at_least: int | None = Field(None, ge=0, description="Not fewer than this.", examples=[1])
    at_most: int | None = Field(None, ge=0, description="Not more than this.", examples=[3])

    @model_validator(mode="after")
    def _in_order(self) -> BoundsModel:
        if self.at_least is None and self.at_most is None:
            raise wrong("a range needs `at_least` or `at_most`")
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise wrong("`at_least` is above `at_most`", key="at_least")
        return self

    def to_domain(self) -> Bounds:
        """Return the record of the model."""
        return Bounds(at_least=self.at_least, at_most=self.at_most)


Count = Annotated[
    BoundsModel,
    BeforeValidator(parse_bounds, json_schema_input_type=Annotated[int, Field(ge=0)] | BoundsModel),
]


class ZombieBounds(BoundsModel):
    """A range of zombies, and from when on a process counts as one."""

    longer_than: PositiveDuration | None = Field(
        None,
        description="Count those only that have been zombies for longer (default: quiet period).",
        examples=["2s"],
    )


ZombieCount = Annotated[
    ZombieBounds,
    BeforeValidator(
        parse_bounds, json_schema_input_type=Annotated[int, Field(ge=0)] | ZombieBounds
    ),
]


class CountCondition(Strict):
    """How many processes there must be; init counts, our probe never does."""

    alive: Count | None = Field(
        None, description="Number of processes that are not zombies.", examples=[3]
    )
    zombies: ZombieCount | None = Field(
        None,
        description="How many zombies, and for how long they must have been some to count.",
        examples=[0, {"at_most": 0, "longer_than": "2s"}],
    )
    unchanged: bool = Field(
        False,
        description="The same processes as right before the step: none gone, none new.",
        examples=[True],
    )
    comm: Comm | None = Field(
        None, description="Count processes of this name only.", examples=["worker"]
    )
    argv: Regex | None = Field(
        None, description="Count processes with such arguments only.", examples=["worker"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> CountCondition:
        if self.alive is None and self.zombies is None and not self.unchanged:
            raise wrong("this counts nothing", "give alive, zombies or unchanged")
        return self

    def check(self) -> ProcessCount:
        """Return the record of the model."""
        return ProcessCount(
            Selector(comm=self.comm, argv=self.argv),
            alive=self.alive.to_domain() if self.alive else None,
            zombies=self.zombies.to_domain() if self.zombies else None,
            unchanged=self.unchanged,
            zombies_longer_than_s=self.zombies.longer_than if self.zombies else None,
        )
