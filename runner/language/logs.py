"""
The condition `logs`: what the container's output must have.
"""

from __future__ import annotations

from itertools import chain, product
from typing import Literal

from pydantic import Field, model_validator

from runner.language.base import Strict, wrong
from runner.language.fields import Patterns, PlainTexts, Regexes
from runner.language.plain import Plain
from runner.model.expectation import LogsHave, Pattern, Stream


def logs_short(value: Plain) -> object:
    """Take patterns for those that lines must have."""
    return value if isinstance(value, dict) else {"lines": value}


class LogsCondition(Strict):
    """What the container's output must have, line by line."""

    lines: Patterns | None = Field(
        None, description="Texts or /regular expressions/ that lines must have.", examples=["bye"]
    )
    contains: PlainTexts | None = Field(
        None, description="Texts that lines must have, taken literally.", examples=["bye"]
    )
    matches: Regexes | None = Field(
        None, description="Regular expressions that lines must match.", examples=["^bye"]
    )
    absent: Patterns | None = Field(
        None, description="Texts or /expressions/ that no line may have.", examples=["/panic/"]
    )
    in_order: Patterns | None = Field(
        None,
        description="Texts or /expressions/ that lines must have, one after the other.",
        examples=[["stopping", "bye"]],
    )
    stream: Literal["stdout", "stderr"] | None = Field(
        None, description="Look at one stream only.", examples=["stderr"]
    )

    @model_validator(mode="after")
    def _says_something(self) -> LogsCondition:
        given = (self.lines, self.contains, self.matches, self.absent, self.in_order)
        if not any(given):
            raise wrong(
                "this asks nothing of the logs", "give contains, matches, absent or in_order"
            )
        return self

    @model_validator(mode="after")
    def _has_what_is_not_absent(self) -> LogsCondition:
        given = (self.lines, self.contains, self.matches, self.in_order)
        for wanted, absent in product(chain(*(some or () for some in given)), self.absent or ()):
            if _is_found_in(absent, wanted):
                what = f"no line may have {absent}, and a line must have {wanted}"
                raise wrong(what, key="absent")
        return self

    def check(self) -> LogsHave:
        """Return the record of the model."""
        here = self._here
        return LogsHave(
            contains=(*here(self.lines), *here(self.contains), *here(self.matches)),
            absent=here(self.absent),
            in_order=here(self.in_order),
        )

    def _here(self, patterns: list[Pattern] | None) -> tuple[Pattern, ...]:
        stream = Stream(self.stream) if self.stream else None
        return tuple(Pattern(one.text, one.regex, stream) for one in patterns or ())


def _is_found_in(absent: Pattern, wanted: Pattern) -> bool:
    if absent.regex or wanted.regex:
        return absent == wanted
    return absent.text in wanted.text
