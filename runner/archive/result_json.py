"""
result.json: everything about a run, facts included, so that it can be judged and shown again.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pydantic import ValidationError

from runner import shipped
from runner.archive.stored import RUN, SCHEMA_NAME
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.result import RunResult

SCHEMA_FILE = "result.v1.json"

_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_ANOTHER: Final = "give a result.json as a run of this version has written it"
_MOST_WORDS: Final = 200


def dump(result: RunResult) -> str:
    """Write a result as JSON. Text that is not Unicode (lone surrogates) is replaced."""
    body: dict[str, Any] = RUN.dump_python(result, mode="json")
    stored = {"schema": SCHEMA_NAME, "totals": _totals(result), **body}
    text = json.dumps(stored, indent=1, ensure_ascii=False)
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text) + "\n"


def load(text: str) -> RunResult:
    """
    Read a result back.

    Raises:
        UsageError: the text is no result, or one of another version, or damaged.
    """
    try:
        stored = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is not JSON: {error}", advice="give a result.json") from error
    _check(stored)
    body = {name: value for name, value in stored.items() if name not in {"schema", "totals"}}
    try:
        return RUN.validate_json(json.dumps(body))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(
            f"this result is damaged: {first['msg']} at {place}", advice=_ANOTHER
        ) from error


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
        # The message quotes what is wrong, which may be a whole case.
        quoted = error.message
        what = quoted if len(quoted) <= _MOST_WORDS else "something is wrong"
        raise UsageError(f"this result is damaged: {what} at {error.json_path}", advice=_ANOTHER)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")


def _totals(result: RunResult) -> Mapping[str, int]:
    totals = result.totals
    return {
        "cases": totals.cases,
        "passed": totals.passed,
        "failed": totals.failed,
        "errored": totals.errored,
        "skipped": totals.skipped,
    }
