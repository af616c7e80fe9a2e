"""
The JSON Schema of mutation.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from runner.model.mutation import Outcome, WrongInit
from runner.report.mutation_json import SCHEMA_NAME

SCHEMA_FILE: Final = "mutation.v1.json"

_TEXT: Final = {"type": "string"}
_SECONDS: Final = {"type": "number", "minimum": 0}
_COUNT: Final = {"type": "integer", "minimum": 0}
_VERDICT: Final = {"enum": ["passed", "failed", "errored", "skipped"]}
_COUNTS: Final[Mapping[str, Any]] = dict.fromkeys(
    ("mutants", "killed", "survived", "not_judged", "left_out"), _COUNT
)


def build() -> Mapping[str, Any]:
    """Build the schema; docs/mutation.md says what the members mean."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_FILE,
        "title": "A run of scenario-run --mutate",
        **_record(
            {
                "schema": {"const": SCHEMA_NAME, "description": "The version of this format."},
                "run_id": _TEXT,
                "version": _TEXT,
                "started_at": {"type": "string", "description": "UTC, ISO 8601."},
                "took_s": _SECONDS,
                "interrupted": {"type": "boolean"},
                "totals": _record(_COUNTS),
                "scenarios": _list("Scenario"),
            }
        ),
        "$defs": {
            "Scenario": _record(
                {"path": _TEXT, "name": _TEXT, **_COUNTS, "cases": _list("Case")},
            ),
            "Case": _record(
                {
                    "name": _TEXT,
                    "row": {"type": "object", "additionalProperties": _TEXT},
                    "as_it_is": _VERDICT,
                    "left_out": _TEXT,
                    "mutants": _list("Mutant"),
                }
            ),
            "Mutant": _record(
                {
                    "wrong_init": {"enum": [one.value for one in WrongInit]},
                    "container": _TEXT,
                    "outcome": {"enum": [one.value for one in Outcome]},
                    "verdict": _VERDICT,
                    "why": _TEXT,
                    "took_s": _SECONDS,
                }
            ),
        },
    }


def _record(members: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
    }


def _list(definition: str) -> Mapping[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{definition}"}}
