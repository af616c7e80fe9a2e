"""
JSON as text: how it is written, and what is no JSON although Python reads it.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from runner.errors import UsageError

_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def compact(value: Any) -> str:  # noqa: ANN401 - JSON is untyped
    """
    Write a value as one line.

    What is no Unicode (lone surrogates) becomes U+FFFD: most readers of JSON refuse it.
    """
    return _unicode(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def indented(value: Any) -> str:  # noqa: ANN401 - JSON is untyped
    """Write a value over many lines, for people."""
    return _unicode(json.dumps(value, indent=1, ensure_ascii=False)) + "\n"


def parsed(text: str | bytes, advice: str) -> Any:  # noqa: ANN401 - JSON is untyped
    """
    Read a value.

    Raises:
        UsageError: the text is not JSON.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is not JSON: {error}", advice=advice) from error


def _unicode(text: str) -> str:
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number in JSON")
