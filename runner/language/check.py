"""
Checked scenarios, or problems in the user's words at the user's places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from runner.errors import Problem
from runner.language.base import UNION_TAGS
from runner.language.document import ScenarioModel
from runner.language.fields import kind_of, quoting_advice, truth_advice
from runner.language.flow import flow_text
from runner.language.models_by_path import field_at
from runner.language.places import Places, Problems
from runner.language.plain import Path, Plain
from runner.language.unknown_words import place_name, unknown_key, unknown_word

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
    nothings: list[Path] = []
    _find_nothings(data, (), nothings)
    for path in filter(_is_optional, nothings):
        what = f"'{path[-1]}' has no value"
        problems.at(path, what, "give it one, or leave the key out", key=True)
    try:
        model = ScenarioModel.model_validate(data)
    except ValidationError as error:
        for one in error.errors():
            _tell(one, problems, data)
    else:
        if not problems.found:
            return model
    return sorted(problems.found, key=lambda one: (one.where.line, one.where.column))


def _find_nothings(data: Plain, path: Path, found: list[Path]) -> None:
    """Note the paths at which nothing stands after a key, or in a list."""
    if isinstance(data, dict):
        entries: Iterable[tuple[str | int, Plain]] = data.items()
    else:
        entries = enumerate(data if isinstance(data, list) else ())
    for key, value in entries:
        if value is None:
            found.append((*path, key))
        elif isinstance(value, dict | list):
            _find_nothings(value, (*path, key), found)


def _is_optional(path: Path) -> bool:
    # None is how the models say "not given"; what is given must not look the same, or an
    # expectation without a value would silently be none. Other keys refuse it by their type.
    field = field_at(path)
    return field is not None and field.default is None


def unknown_keys(data: Plain, places: Places, *, row: str = "") -> list[Problem]:
    """Tell of the unknown keys of a scenario with placeholders that cannot be filled in."""
    problems = Problems(places, row)
    try:
        ScenarioModel.model_validate(data)
    except ValidationError as error:
        for one in error.errors():
            if one["type"] == "extra_forbidden":
                _tell(one, problems, data)
    return problems.found


def _tell(error: ErrorDetails, problems: Problems, data: Plain) -> None:
    *outer, last = error["loc"] or ("",)
    path: Path = tuple(part for part in outer if part not in UNION_TAGS)
    if last not in UNION_TAGS or error["type"] == "extra_forbidden":
        path = (*path, last) if error["loc"] else ()
    kind, context = str(error["type"]), error.get("ctx", {})
    what, advice = _words(kind, path, error, data)
    at_key = kind in {"extra_forbidden", "missing"}
    if kind == "missing":
        path = path[:-1]
    if kind == "scenario" and context["inside"]:
        path = (*path, *context["inside"])
        at_key = True
    problems.at(path, what, advice, key=at_key)


def _words(kind: str, path: Path, error: ErrorDetails, data: Plain) -> tuple[str, str]:
    context = error.get("ctx", {})
    match kind:
        case "scenario":
            return context["what"], context["advice"]
        case "extra_forbidden":
            return unknown_key(path, data)
        case "missing":
            return f"'{path[-1]}' is missing in {place_name(path)}", _description(path)
        case "literal_error":
            return _not_one_of(error["input"], path, context)
        case _:
            return _wrong_type(kind, path, error)


def _wrong_type(kind: str, path: Path, error: ErrorDetails) -> tuple[str, str]:
    value = error["input"]
    if kind in {"too_short", "string_too_short"}:
        field = field_at(path)
        example = field.examples[0] if field is not None and field.examples else None
        return (
            f"{place_name((*path, ''))} is empty",
            f"as in {flow_text(example)}" if example else "",
        )
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        limit = error.get("ctx", {})[name]
        return f"expected {words.format(limit)}, not {_shown(value)}", ""
    expected = _EXPECTED.get(kind)
    if expected is None:
        return error["msg"], ""
    advice = quoting_advice(value) if expected == "a text" else ""
    if expected == "true or false":
        advice = truth_advice(value)
    if expected == "a mapping":
        advice = _example_of(path)
    return f"expected {expected} in {place_name((*path, ''))}, not {_kind_of(value)}", advice


def _kind_of(value: object) -> str:
    return f"'{value}'" if truth_advice(value) else kind_of(value)


def _example_of(path: Path) -> str:
    field = field_at(path)
    mappings = [one for one in (field and field.examples) or () if isinstance(one, dict)]  # pyright: ignore[reportUnknownVariableType]
    return f"as in {flow_text(mappings[0])}" if mappings else ""


def _not_one_of(value: object, path: Path, context: Mapping[str, Any]) -> tuple[str, str]:
    # pydantic has them as: 'a', 'b' or 'c'
    words = str(context["expected"]).split("'")[1::2]
    if not isinstance(value, str):
        return f"expected {' or '.join(words) or context['expected']}, not {kind_of(value)}", ""
    return unknown_word(value, path, words)


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int | float) else kind_of(value)


def _description(path: Path) -> str:
    field = field_at(path)
    return field.description or "" if field else ""
