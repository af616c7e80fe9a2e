"""
result.json: everything about a run, facts included, so that it can be judged and shown again.
"""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from pydantic import ValidationError

from runner import shipped
from runner.archive.stored import RUN, SCHEMA_NAME
from runner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from runner.model.result import RunResult

SCHEMA_FILE: Final = "result.v2.json"

_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_ANOTHER: Final = "give a result.json as a run of this version has written it"
_MOST_WORDS: Final = 200


def dump(result: RunResult) -> str:
    """
    Write a result as JSON.

    What is no Unicode (lone surrogates) becomes U+FFFD: most readers of JSON refuse it.
    """
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
    return _as_written(text, stored) or _examined(stored)


def _as_written(text: str, stored: Any) -> RunResult | None:  # noqa: ANN401 - whatever the file holds
    """
    Read a result that is exactly what `dump` writes; None if it is anything else.

    Validation alone lets keys be missing or too many; writing it again shows that. It takes a small
    part of the time that the schema needs, which then only explains what is wrong.
    """
    if _member(stored, "schema") != SCHEMA_NAME:
        return None
    try:
        result = RUN.validate_json(text, strict=True)
    except ValidationError:
        return None
    totals = stored.get("totals")
    if totals != _totals(result) or not all(type(one) is int for one in totals.values()):
        return None
    head = {"schema": SCHEMA_NAME, "totals": totals}
    return result if {**head, **RUN.dump_python(result, mode="json")} == stored else None


def _examined(stored: Any) -> RunResult:  # noqa: ANN401 - whatever the file holds
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

    name = _member(stored, "schema")
    if name != SCHEMA_NAME:
        newer = re.fullmatch(r"result/v[2-9]\d{0,3}", str(name))
        raise UsageError(
            f"this is not a result of version {SCHEMA_NAME}: its schema is {_said(repr(name))}",
            advice="a newer scenario-run has written it: use that one" if newer else _ANOTHER,
        )
    schema = json.loads((shipped.folder("schemas") / SCHEMA_FILE).read_text(encoding="utf-8"))
    validator: Any = jsonschema.Draft202012Validator(schema)
    error = next(validator.iter_errors(stored), None)
    if error is not None:
        cause = _cause(error)
        raise UsageError(
            f"this result is damaged: {_said(_complaint(cause))} at {cause.json_path}",
            advice=_ANOTHER,
        )


def _cause(error: Any) -> Any:  # noqa: ANN401 - jsonschema's error
    """
    Find the innermost complaint.

    A value that fits no record of a union is complained about once for each of them; what is
    wrong is told by the record that has its `kind`.
    """
    while error.context:
        complaints = groupby(error.context, lambda one: one.schema_path[0])
        fitting = [same for same in (list(of_one) for _, of_one in complaints) if _is_meant(same)]
        if len(fitting) != 1:
            break
        error = fitting[0][0]
    return error


def _complaint(error: Any) -> str:  # noqa: ANN401 - jsonschema's error
    kind = _member(error.instance, "kind")
    if error.context and kind is not None:
        return f"a record of the kind {kind!r} may not stand"
    return str(error.message)


def _is_meant(complaints: list[Any]) -> bool:
    return not any(
        list(one.path) == ["kind"] or (not one.path and one.validator == "type")
        for one in complaints
    )


def _member(value: object, name: str) -> object:
    return cast("dict[str, object]", value).get(name) if isinstance(value, dict) else None


def _said(message: str) -> str:
    # What is quoted may be a whole case.
    return message if len(message) <= _MOST_WORDS else message[: _MOST_WORDS - 1] + "…"


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
        "flaky": totals.flaky,
    }
