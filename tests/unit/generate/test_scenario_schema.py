"""
The published schema and the models say the same.

What the models accept, the schema accepts. What the schema accepts, the models accept, but for
rules across fields, which stand at a mapping and not at a value, and the few in `UNSAID`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
from hypothesis import assume, event, given
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from runner.generate.scenario_schema import build
from runner.language.base import UNION_TAGS
from runner.language.check import check, model_at
from runner.language.document import ScenarioModel
from runner.language.yaml_text import read
from runner.plan.template import has_placeholder
from tests.support.near_scenarios import near_scenarios
from tests.support.schema_documents import documents

SCHEMA = build()
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
