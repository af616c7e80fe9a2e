"""
Checked scenarios, or problems in the user's words at the user's places.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from runner.errors import Problem
from runner.language.base import UNION_TAGS
from runner.language.conditions import Condition
from runner.language.document import ScenarioModel
from runner.language.fields import kind_of, quoting_advice
from runner.language.flow import flow_text
from runner.language.places import Places, Problems
from runner.language.plain import Path, Plain
from runner.language.step_kinds import KINDS
from runner.language.steps import StepModel
from runner.words import most_alike, nearest

_EXPECTED: Final = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "nothing",
}
_BOUNDS: Final = {
    "greater_than_equal": ("ge", "at least {}"),
    "less_than_equal": ("le", "at most {}"),
    "too_long": ("max_length", "at most {} entries"),
    "string_too_long": ("max_length", "at most {} characters"),
}


def check(data: Plain, places: Places, *, row: str = "") -> ScenarioModel | list[Problem]:
    """
    Check one scenario whose placeholders are filled in.

    `places` knows where things stand; `row` names the matrix row for the problems.
    """
    problems = Problems(places, row)
    for path in filter(_is_optional, _nothings(data)):
        what = f"'{path[-1]}' has no value"
        problems.at(path, what, "give it one, or leave the key out", key=True)
    try:
        model = ScenarioModel.model_validate(data)
    except ValidationError as error:
        for one in error.errors():
            _tell(one, problems)
    else:
        if not problems.found:
            return model
    return sorted(problems.found, key=lambda one: (one.where.line, one.where.column))


def _nothings(data: Plain, path: Path = ()) -> Iterator[Path]:
    """Yield the paths at which nothing stands after a key."""
    if data is None and path:
        yield path
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _nothings(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _nothings(value, (*path, number))


def _is_optional(path: Path) -> bool:
    # None is how the models say "not given"; what is given must not look the same, or an
    # expectation without a value would silently be none. Other keys refuse it by their type.
    field = _field_at(path)
    return field is not None and field.default is None


def _tell(error: ErrorDetails, problems: Problems) -> None:
    *outer, last = error["loc"] or ("",)
    path: Path = tuple(part for part in outer if part not in UNION_TAGS)
    if last not in UNION_TAGS or error["type"] == "extra_forbidden":
        path = (*path, last) if error["loc"] else ()
    kind, context = str(error["type"]), error.get("ctx", {})
    what, advice = _words(kind, path, error)
    at_key = kind in {"extra_forbidden", "missing"}
    if kind == "missing":
        path = path[:-1]
    if kind == "scenario" and context["inside"]:
        path = (*path, *context["inside"])
        at_key = True
    problems.at(path, what, advice, key=at_key)


def _words(kind: str, path: Path, error: ErrorDetails) -> tuple[str, str]:
    context = error.get("ctx", {})
    match kind:
        case "scenario":
            return context["what"], context["advice"]
        case "extra_forbidden":
            return _unknown_key(path)
        case "missing":
            return f"'{path[-1]}' is missing in {_place_name(path)}", _description(path)
        case "literal_error":
            return _unknown_word(error["input"], context)
        case _:
            return _wrong_type(kind, path, error)


def _wrong_type(kind: str, path: Path, error: ErrorDetails) -> tuple[str, str]:
    value = error["input"]
    if kind in {"too_short", "string_too_short"}:
        return f"{_place_name((*path, ''))} is empty", ""
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        limit = error.get("ctx", {})[name]
        return f"expected {words.format(limit)}, not {_shown(value)}", ""
    expected = _EXPECTED.get(kind)
    if expected is None:
        return error["msg"], ""
    advice = quoting_advice(value) if expected == "a text" else ""
    if expected == "a mapping":
        advice = _example_of(path)
    return f"expected {expected} in {_place_name((*path, ''))}, not {kind_of(value)}", advice


def _example_of(path: Path) -> str:
    field = _field_at(path)
    mappings = [one for one in (field and field.examples) or () if isinstance(one, dict)]  # pyright: ignore[reportUnknownVariableType]
    return f"as in {flow_text(mappings[0])}" if mappings else ""


def _unknown_key(path: Path) -> tuple[str, str]:
    key = str(path[-1])
    known = keys_at(path[:-1])
    if model_at(path[:-1]) is StepModel:
        if key in Condition.model_fields or key == "for":
            return f"unknown key '{key}' in this step", f"it belongs in an `expect`: {{{key}: ...}}"
        if key in {"sleep", "delay"}:
            advice = "say what must become so `within` a time, or stay so `for` a time"
            return f"there is no '{key}' step", advice
        if not most_alike(key, KINDS):
            return f"unknown key '{key}' in this step", f"known here: {', '.join(known)}"
    return f"unknown key '{key}' in {_place_name(path)}", nearest(key, known)


def _unknown_word(value: object, context: Mapping[str, Any]) -> tuple[str, str]:
    # pydantic has them as: 'a', 'b' or 'c'
    words = str(context["expected"]).split("'")[1::2]
    if not isinstance(value, str):
        return f"expected {' or '.join(words) or context['expected']}, not {kind_of(value)}", ""
    return f"'{value}' is not known here", nearest(value, words)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int | float) else kind_of(value)


def _place_name(path: Path) -> str:
    parent = path[:-1]
    names = [str(part) for part in parent if isinstance(part, str)]
    if not names:
        return "the document"
    if parent and isinstance(parent[-1], int):
        return "this step" if names[-1] in {"steps", "always"} else f"an entry of {names[-1]}"
    return names[-1]


def keys_at(path: Sequence[str | int]) -> list[str]:
    """List the keys that the mapping at this path may have."""
    model = model_at(path)
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _description(path: Path) -> str:
    field = _field_at(path)
    return field.description or "" if field else ""


def _field_at(path: Path) -> FieldInfo | None:
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
