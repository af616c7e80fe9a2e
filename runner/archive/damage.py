"""
What is wrong with a stored record that is not as this version writes it.
"""

from __future__ import annotations

import json
import re
from itertools import groupby
from typing import Any, Final, cast

from runner import shipped
from runner.errors import UsageError

ANOTHER: Final = "give a file as a run of this version has written it"
_MOST_WORDS: Final = 200


def check_version(stored: object, wanted: str) -> None:
    """
    Look at the `schema` of what was read.

    Raises:
        UsageError: it is another one.
    """
    name = member(stored, "schema")
    if name == wanted:
        return
    family, _, number = wanted.partition("/v")
    newer = re.fullmatch(rf"{family}/v(\d{{1,4}})", str(name))
    raise UsageError(
        f"this is not a result of version {wanted}: its schema is {_said(repr(name))}",
        advice="a newer scenario-run has written it: use that one"
        if newer and int(newer[1]) > int(number)
        else ANOTHER,
    )


def damage(stored: object, schema_file: str, place: str) -> UsageError:
    """Say what is wrong with a record by its schema; `place` is where it stands."""
    import jsonschema  # noqa: PLC0415 - only needed here, and slow to import

    schema = json.loads((shipped.folder("schemas") / schema_file).read_text(encoding="utf-8"))
    validator: Any = jsonschema.Draft202012Validator(schema)
    error = next(validator.iter_errors(stored), None)
    if error is None:
        return UsageError(f"{place} is damaged: its parts do not agree", advice=ANOTHER)
    cause = _cause(error)
    what = f"{place} is damaged: {_said(_complaint(cause))} at {cause.json_path}"
    return UsageError(what, advice=ANOTHER)


def member(stored: object, name: str) -> object:
    """Return a member of an object; None where there is none."""
    return cast("dict[str, object]", stored).get(name) if isinstance(stored, dict) else None


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
    kind = member(error.instance, "kind")
    if error.context and kind is not None:
        return f"a record of the kind {kind!r} may not stand"
    return str(error.message)


def _is_meant(complaints: list[Any]) -> bool:
    return not any(
        list(one.path) == ["kind"] or (not one.path and one.validator == "type")
        for one in complaints
    )


def _said(message: str) -> str:
    # What is quoted may be a whole case.
    return message if len(message) <= _MOST_WORDS else message[: _MOST_WORDS - 1] + "…"
