"""
The JSON Schema of result.json.
"""

from __future__ import annotations

from typing import Any

from runner.archive.result_json import SCHEMA_FILE
from runner.archive.stored import RUN, SCHEMA_NAME


def build() -> dict[str, Any]:
    """Build the schema from the records."""
    schema = RUN.json_schema(mode="serialization")
    for record in schema["$defs"].values():
        if "properties" in record:
            record["additionalProperties"] = False
    count = {"type": "integer", "minimum": 0}
    kinds = ("cases", "passed", "failed", "errored", "skipped", "flaky")
    head = {
        "schema": {"const": SCHEMA_NAME, "description": "The version of this format."},
        "totals": {
            "type": "object",
            "description": "How many cases ended how.",
            "properties": dict.fromkeys(kinds, count),
            "required": list(kinds),
            "additionalProperties": False,
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_FILE,
        **schema,
        "title": "A run of scenario-run",
        "properties": {**head, **schema["properties"]},
        "required": [*head, *schema.get("required", ())],
        "additionalProperties": False,
    }
