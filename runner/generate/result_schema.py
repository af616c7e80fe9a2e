"""
The JSON Schemas of what a run writes for programs: result.json, the lines of cases.jsonl.gz, and
those of `--output json-lines`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter

from runner.archive.stored import (
    CASES_SCHEMA_FILE,
    LINE,
    OUTPUT,
    OUTPUT_SCHEMA_FILE,
    RESULT_SCHEMA_FILE,
    RESULT_SCHEMA_NAME,
    SUMMARY,
)

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TOTALS: Final = "TotalsSummary"


def build_all() -> Mapping[str, Mapping[str, Any]]:
    """Build each schema from the records, by the name of its file."""
    return {
        RESULT_SCHEMA_FILE: _result(),
        CASES_SCHEMA_FILE: _lines(CASES_SCHEMA_FILE, "A line of cases.jsonl.gz", LINE),
        OUTPUT_SCHEMA_FILE: _lines(OUTPUT_SCHEMA_FILE, "A line of --output json-lines", OUTPUT),
    }


def _result() -> Mapping[str, Any]:
    schema = _closed(SUMMARY)
    version = {"const": RESULT_SCHEMA_NAME, "description": "The version of this format."}
    return {
        "$schema": _DIALECT,
        "$id": RESULT_SCHEMA_FILE,
        **schema,
        "title": "A run of scenario-run",
        "properties": {"schema": version, **schema["properties"]},
        "required": ["schema", *schema["required"]],
        "additionalProperties": False,
    }


def _lines(file: str, title: str, records: TypeAdapter[Any]) -> Mapping[str, Any]:
    return {"$schema": _DIALECT, "$id": file, **_closed(records), "title": title}


def _closed(records: TypeAdapter[Any]) -> dict[str, Any]:
    """Return the schema of records that have all their members, and no others."""
    schema = records.json_schema(mode="serialization")
    for record in schema["$defs"].values():
        if "properties" in record:
            record["required"] = list(record["properties"])
            record["additionalProperties"] = False
    for number in schema["$defs"].get(_TOTALS, {}).get("properties", {}).values():
        number["minimum"] = 0
    return schema
