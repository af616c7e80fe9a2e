"""
The published schema and the models say the same.

What the models accept, the schema accepts. What the schema accepts, the models accept, but for
rules across fields, which stand at a mapping and not at a value, and the few in `UNSAID`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, event, given
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from runner.errors import InvalidScenarios
from runner.generate.scenario_schema import build
from runner.language.base import UNION_TAGS
from runner.language.check import check
from runner.language.document import ScenarioModel
from runner.language.models_by_path import model_at
from runner.language.yaml_text import read
from runner.plan.load import load_cases
from runner.plan.template import has_placeholder
from tests.support.near_scenarios import near_scenarios
from tests.support.schema_documents import documents

SCHEMA = build()
EXAMPLES = Path(__file__).parents[2] / "examples" / "valid"
WHOLE = {"schema", "name", "vars", "matrix", "steps", "always"}  # of these, nothing as a whole
(NOWHERE,), _ = read("x.yml", b"{}")
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

# Rules on a single value that a schema has no words for.
UNSAID = re.compile(
    r"is not a regular expression|so this cannot ask for a line break|cannot hold NUL"
    r"|the kernel cuts names at|a name is one line of text|a name cannot be empty"
    r"|is not in whole seconds|a list begins with CMD|unknown signal|is not a signal that can"
    r"|is named twice"
)


def _errors(document: Any) -> list[ErrorDetails]:  # noqa: ANN401 - any document
    try:
        ScenarioModel.model_validate(document)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _is_across_fields(error: ErrorDetails) -> bool:
    """Tell the rules of a model, which stand at the mapping, from those of a field."""
    path = [part for part in error["loc"] if part not in UNION_TAGS]
    whole = isinstance(error["input"], dict) and model_at(path) is not None
    return error["type"] == "scenario" and whole


def _in_words(error: ErrorDetails) -> str:
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']} ({error['input']!r})"


def _agree(document: Any) -> None:  # noqa: ANN401 - any document
    refused = [error.json_path + ": " + error.message for error in VALIDATOR.iter_errors(document)]
    errors = _errors(document)
    event(f"schema: {not refused}, models: {not errors}")
    if refused:
        assert isinstance(check(document, NOWHERE), list), refused
        return
    unknown = [
        _in_words(error)
        for error in errors
        if not _is_across_fields(error) and not UNSAID.search(error["msg"])
    ]
    assert not unknown, json.dumps(document)


@given(documents(SCHEMA))
def test_what_the_schema_accepts_the_models_accept(document: Any) -> None:  # noqa: ANN401
    """Documents made from the schema."""
    assume(not has_placeholder(document))

    assert VALIDATOR.is_valid(document)
    _agree(document)


@given(near_scenarios())
def test_schema_and_models_agree_on_what_is_nearly_right(document: Any) -> None:  # noqa: ANN401
    """Examples with something dropped, renamed, retyped, duplicated or moved."""
    assume(not has_placeholder(document))

    _agree(document)


def _values(document: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401
    """Yield the place of every value of the keys of mappings."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in entries:
        at = (*place, key)
        if not (len(at) == 1 and key in WHOLE):
            yield at
        if isinstance(value, dict | list) and key not in {"matrix", "vars"}:
            yield from _values(value, at)


def _with_placeholder(document: Any, place: tuple[str | int, ...]) -> Any:  # noqa: ANN401
    """Give the document with a variable for one of its values."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    value, inner[place[-1]] = inner[place[-1]], "{{ value }}"
    copy["vars"] = {**copy.get("vars", {}), "value": value}
    return copy


@pytest.mark.parametrize("name", ["container-keys", "every-condition", "every-step", "containers"])
def test_schema_and_runner_agree_on_placeholders(name: str, tmp_path: Path) -> None:
    """One may stand for any value of a key: a scalar, a whole list, a whole mapping."""
    path = EXAMPLES / f"{name}.yml"
    documents, _ = read(path.name, path.read_bytes())
    (tmp_path / "parts").symlink_to(EXAMPLES.parent / "parts")
    (tmp_path / "images").symlink_to(EXAMPLES.parent / "images")
    (tmp_path / "valid").mkdir()
    file = tmp_path / "valid" / "x.yml"
    wrong: list[str] = []
    for document in (one.data for one in documents):
        for place in _values(document):
            if isinstance(place[-1], int):
                continue
            filled = _with_placeholder(document, place)
            file.write_text(json.dumps(filled), encoding="utf-8")
            try:
                load_cases([str(file)])
            except InvalidScenarios as error:
                wrong.append(f"runner: {place}: {error.problems[0].what}")
            wrong += [
                f"schema: {place}: {one.message[:60]}" for one in VALIDATOR.iter_errors(filled)
            ]

    assert not wrong
