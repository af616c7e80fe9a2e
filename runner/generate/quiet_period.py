"""
Which conditions wait for the quiet period: found by asking each example of the language.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from runner.judge.conditions import condition_of
from runner.language.conditions import Condition
from runner.language.flow import flow_text
from runner.language.models_by_path import model_in


def examples_that_wait(name: str, field: FieldInfo) -> tuple[str, ...]:
    """Return the examples of a condition that wait for the quiet period, as YAML."""
    examples = (one for one in _examples(field) if _waits(name, one))
    return tuple(dict.fromkeys(f"{name}: {flow_text(one)}" for one in examples))


def _examples(field: FieldInfo) -> Iterator[Any]:
    yield from field.examples or ()
    model = model_in(field.annotation)
    for key, own in model.model_fields.items() if model is not None else ():
        yield from ({own.alias or key: one} for one in own.examples or ())


def _waits(name: str, example: object) -> bool:
    try:
        expectation = Condition.model_validate({name: example}).to_domain()
    except ValidationError:
        return False  # a key that only goes with another one
    return any(condition_of(one).needs_quiet(one) for one in expectation.checks)
