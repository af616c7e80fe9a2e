"""
What all models of the language share: strictness, and errors in the user's words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Discriminator
from pydantic_core import PydanticCustomError

WORD: Final = "<word>"
MAPPING: Final = "<mapping>"
UNION_TAGS: Final = frozenset({WORD, MAPPING})


class Strict(BaseModel):
    """A mapping of the language: unknown keys are errors, nothing is coerced, nothing changes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)


def wrong(what: str, advice: str = "", *place: str | int, key: str = "") -> PydanticCustomError:
    """
    Make an error in the user's words.

    `key` names a key of the mapping that is being checked, when the error is about that one;
    `place` is a longer way into it.
    """
    # The words go through the context, since the template may not hold braces of its own.
    inside = place or ((key,) if key else ())
    context: dict[str, Any] = {"what": what, "advice": advice, "inside": inside}
    return PydanticCustomError("scenario", "{what}", context)


def refuse(errors: Iterable[PydanticCustomError]) -> None:
    """Raise the first of the errors, if there is one."""
    for error in errors:
        raise error


def word_or_mapping() -> Discriminator:
    """
    Tell `word` from `{a: mapping}` where the language takes both.

    The members of the union are tagged `WORD` and `MAPPING`; the tags turn up in the places of
    errors, where no key of the language looks like them.
    """
    return Discriminator(lambda value: WORD if isinstance(value, str) else MAPPING)
