"""
Which model, and which field of it, checks what stands at a path of a scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from runner.language.document import ScenarioModel
from runner.language.plain import Path


def keys_at(path: Sequence[str | int]) -> list[str]:
    """List the keys that the mapping at this path may have."""
    model = model_at(path)
    return keys_of(model) if model is not None else []


def keys_of(model: type[BaseModel]) -> list[str]:
    """List the keys of a model."""
    return [field.alias or name for name, field in model.model_fields.items()]


def field_at(path: Path) -> FieldInfo | None:
    """Return the field of the key at this path, if a model has it."""
    model = model_at(path[:-1]) if path else None
    if model is None or isinstance(path[-1], int):
        return None
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    return fields.get(path[-1])


def model_at(path: Sequence[str | int]) -> type[BaseModel] | None:
    """Return the model of the mapping at this path, if it has one."""
    model: type[BaseModel] | None = ScenarioModel
    named: type[BaseModel] | None = None
    for part in path:
        if isinstance(part, int):
            continue
        if named is not None:  # the part is a name that the user gives, as of a container
            model, named = named, None
            continue
        if model is None:
            return None
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        annotation = fields[part].annotation if part in fields else None
        model = model_in(annotation)
        if _is_by_name(annotation):
            model, named = None, model
    return model


def _is_by_name(annotation: object) -> bool:
    """Return whether a field holds a mapping of names to models."""
    return get_origin(annotation) is dict or any(map(_is_by_name, get_args(annotation)))


def model_in(annotation: object) -> type[BaseModel] | None:
    """Return the model that a field's annotation holds, if it holds one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(part) for part in get_args(annotation))
    return next((model for model in found if model is not None), None)
