"""
result.json: everything about a run, facts included, so that it can be judged and shown again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from runner import shipped
from runner.archive.stored import RUN, SCHEMA_NAME
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.result import RunResult

SCHEMA_FILE = "result.v1.json"


def dump(result: RunResult) -> str:
    """Write a result as JSON. Text that is not Unicode (lone surrogates) is replaced."""
    body: dict[str, Any] = RUN.dump_python(result, mode="json")
    text = json.dumps({"schema": SCHEMA_NAME, "totals": _totals(result), **body}, indent=1)
    return text + "\n"


def load(text: str) -> RunResult:
    """
    Read a result back.

    Raises:
        UsageError: the text is no result, or one of another version, or damaged.
    """
    try:
        stored = json.loads(text)
    except ValueError as error:
        raise UsageError(f"this is not JSON: {error}", advice="give a result.json") from error
    _check(stored)
    body = {name: value for name, value in stored.items() if name not in {"schema", "totals"}}
    try:
        return RUN.validate_json(json.dumps(body))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"this result is damaged: {first['msg']} at {place}") from error


def _check(stored: Any) -> None:  # noqa: ANN401 - whatever the file holds
    import jsonschema  # noqa: PLC0415 - only needed here, and slow to import

    name = stored.get("schema") if isinstance(stored, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if name != SCHEMA_NAME:
        raise UsageError(
            f"this is not a result of version {SCHEMA_NAME}: its schema is {name!r}",
            advice="give the result.json of a run of this version",
        )
    schema = json.loads((shipped.folder("schemas") / SCHEMA_FILE).read_text(encoding="utf-8"))
    validator: Any = jsonschema.Draft202012Validator(schema)
    error = next(validator.iter_errors(stored), None)
    if error is not None:
        raise UsageError(f"this result is damaged: {error.message} at {error.json_path}")


def _totals(result: RunResult) -> Mapping[str, int]:
    totals = result.totals
    return {
        "cases": totals.cases,
        "passed": totals.passed,
        "failed": totals.failed,
        "errored": totals.errored,
        "skipped": totals.skipped,
    }
