"""
The JSON Schema of scenario files, for editors.

It is generated from the models, accepts every short form, and for every value that is not a text
also a text with a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from jsonschema import Draft202012Validator
from pydantic.json_schema import GenerateJsonSchema

from runner.generate.signal_schema import signal_schema
from runner.language.document import ScenarioModel
from runner.language.flow import flow_text
from runner.language.step_kinds import KINDS
from runner.language.steps import StepModel
from runner.language.value_texts import value_descriptions

SCHEMA_FILE: Final = "scenario.v1.json"
SIGNAL: Final = "Signal"
STEPS: Final = "Steps"
"""The definition for files that are included: `scenario.v1.json#/$defs/Steps`."""

PLACEHOLDER: Final = {"type": "string", "pattern": r"\{\{.*\}\}"}
_NAMES: Final = {"properties", "$defs"}
_VALUES: Final = {"examples", "default", "enum", "const", "propertyNames", "defaultSnippets"}
_NOISE: Final = {"title", "discriminator"}
_OUTSIDE: Final = ("description", "examples", "default", "markdownDescription", "defaultSnippets")
"""What is said of a value, whichever of the choices it is."""

_SNIPPET: Final = re.compile(r"[$}\\\\]")
"""What has a meaning in the text of a snippet."""
_ANY_MAPPING: Final = {"type": "object"}
_SCALARS: Final = {"integer", "number", "boolean"}
_NEVER_FILLED: Final = {"schema", "vars", "matrix", "steps", "always"}
"""The keys of a document of whose value nothing is filled in as a whole."""


def build() -> dict[str, Any]:
    """Build the schema from the models."""
    schema = ScenarioModel.model_json_schema(
        by_alias=True, mode="validation", schema_generator=GenerateJsonSchema
    )
    step = schema["$defs"][StepModel.__name__]
    step["anyOf"] = [{"required": [kind]} for kind in KINDS]
    schema["anyOf"] = [{"required": ["container"]}, {"required": ["containers"]}]
    schema["$defs"][SIGNAL] = signal_schema()
    schema["$defs"][STEPS] = {
        "description": "The steps of a file that scenarios include.",
        "type": "array",
        "items": {"$ref": f"#/$defs/{StepModel.__name__}"},
    }
    kept = _trimmed(schema)
    for node in (kept, *kept["$defs"].values()):
        _open_values(node, kept["$defs"])
    trimmed: dict[str, Any] = _mappings_apart(kept, kept["$defs"])
    for name, definition in trimmed["$defs"].items():
        definition["title"] = _title(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_FILE,
        **trimmed,
        "title": "A scenario of scenario-run",
    }


def _title(definition: str) -> str:
    """Make `Init condition` of `InitCondition`, and `Container` of `ContainerModel`."""
    words = re.findall("[A-Z][a-z]*", definition.removesuffix("Model"))
    return " ".join(words).capitalize()


def _trimmed(node: Any) -> Any:  # noqa: ANN401 - JSON is untyped
    """Drop what pydantic adds for nobody, and let placeholders in."""
    if isinstance(node, list):
        return [_trimmed(one) for one in node]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(node, dict):
        return node
    whole = _without_null(node)  # pyright: ignore[reportUnknownArgumentType]
    if whole.get("format") == "signal":
        whole = {key: value for key, value in whole.items() if key not in {"format", "type"}}
        return {"$ref": f"#/$defs/{SIGNAL}", **whole}
    kept: dict[str, Any] = {}
    for key, value in whole.items():
        if key in _NAMES:
            kept[key] = {name: _trimmed(one) for name, one in value.items()}
        elif key in _VALUES:
            kept[key] = value
        elif key not in _NOISE:
            kept[key] = _trimmed(value)
    return _open_to_placeholders(_for_editors(kept))


def _for_editors(node: dict[str, Any]) -> dict[str, Any]:
    """
    Say it in the words of yaml-language-server: texts of values, and examples that are mappings.

    It offers such an example as `[object Object]`; as a snippet it offers it as it is written.
    """
    texts = value_descriptions(node["enum"]) if "enum" in node else []
    if texts:
        node = {**node, "enumDescriptions": texts, "markdownEnumDescriptions": texts}
    examples = cast("list[Any]", node.get("examples", []))
    written = [one for one in examples if not _is_scalar(one)]
    if not written:
        return node
    plain = [one for one in examples if one not in written]
    node = {key: value for key, value in node.items() if key != "examples"}
    lines = [flow_text(one) for one in written]
    snippets = [{"label": one, "bodyText": _SNIPPET.sub(r"\\\g<0>", one)} for one in lines]
    shown = "\n".join(f"```yaml\n{line}\n```" for line in lines)
    return {
        **node,
        **({"examples": plain} if plain else {}),
        "markdownDescription": f"{node.get('description', '')}\n\n{shown}",
        "defaultSnippets": snippets,
    }


def _is_scalar(value: object) -> bool:
    return not isinstance(value, dict | list)


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    """A key that is not given needs no null: leave it out of the choices."""
    if node.get("default", ...) is None:
        node = {key: value for key, value in node.items() if key != "default"}
    choices = [one for one in node.get("anyOf", ()) if one != {"type": "null"}]
    if "anyOf" not in node or len(choices) == len(node["anyOf"]):
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {**rest, "anyOf": choices}


def _open_to_placeholders(node: dict[str, Any]) -> dict[str, Any]:
    closed = (
        node.get("type") in _SCALARS
        or "enum" in node
        or ("const" in node and node["const"] != "scenario/v1")
        or not re.search(node.get("pattern", ""), "{{ placeholder }}")
    )
    if not closed:
        return node
    return _with_placeholder(node)


def _open_values(node: dict[str, Any], definitions: Mapping[str, Any]) -> None:
    """Let a placeholder stand for the lists and mappings in a mapping, where it can be filled."""
    properties = node.get("properties", {})
    for key, one in properties.items():
        if "steps" in properties and key in _NEVER_FILLED:
            continue
        _open_entries(one, definitions)
        if not _takes_placeholder(one, definitions):
            properties[key] = _with_placeholder(one)


def _open_entries(node: dict[str, Any], definitions: Mapping[str, Any]) -> None:
    """As `_open_values`, of the mappings whose keys are the user's."""
    entry = cast("dict[str, Any] | bool | None", node.get("additionalProperties"))
    if isinstance(entry, dict) and not _takes_placeholder(entry, definitions):
        node["additionalProperties"] = _with_placeholder(entry)
    for one in node.get("anyOf", ()):
        _open_entries(one, definitions)


def _takes_placeholder(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    schema = {**node, "$defs": definitions}
    return Draft202012Validator(schema).is_valid("{{ placeholder }}")  # pyright: ignore[reportUnknownMemberType]


def _with_placeholder(node: dict[str, Any]) -> dict[str, Any]:
    outside = {key: node[key] for key in _OUTSIDE if key in node}
    inside = {key: value for key, value in node.items() if key not in outside}
    if inside.keys() == {"anyOf"}:
        return {**outside, "anyOf": [*inside["anyOf"], PLACEHOLDER]}
    return {**outside, "anyOf": [inside, PLACEHOLDER]}


def _mappings_apart(node: Any, definitions: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """
    Judge a mapping by the one choice that is a mapping.

    As one choice among words, a misspelt key in it makes no choice fit, and editors then underline
    the whole mapping and say that it should have been a word.
    """
    if isinstance(node, list):
        return [_mappings_apart(one, definitions) for one in node]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(node, dict):
        return node
    kept: dict[str, Any] = {
        key: value if key in _VALUES else _mappings_apart(value, definitions)
        for key, value in node.items()  # pyright: ignore[reportUnknownVariableType]
    }
    for word in ("anyOf", "oneOf"):
        choices = kept.get(word, [])
        mappings = [one for one in choices if _is_mapping(one, definitions)]
        if len(mappings) == 1:
            del kept[word]
            words = [one for one in choices if one not in mappings]
            kept |= {"anyOf": [*words, _ANY_MAPPING], "if": _ANY_MAPPING, "then": mappings[0]}
    return kept


def _is_mapping(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    name = str(node.get("$ref", "")).rpartition("/")[2]
    return definitions.get(name, node).get("type") == "object"
