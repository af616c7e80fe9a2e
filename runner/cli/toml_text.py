"""
Values as TOML writes them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, cast


def toml_key(name: str) -> str:
    """Write a key, in quotes only where it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def toml_value(value: Any) -> str:  # noqa: ANN401 - of any type that TOML has
    """
    Write a value that was read from TOML, on one line.

    Raises:
        TypeError: TOML has nothing of this type.
    """
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping():
            table = cast("Mapping[str, Any]", value)
            return f"{{{', '.join(toml_entry(*one) for one in table.items())}}}"
        case list() | tuple():
            return f"[{', '.join(map(toml_value, cast('list[Any]', value)))}]"
        case _:
            raise TypeError(f"TOML has no {type(value).__name__}")


def toml_entry(name: str, value: Any) -> str:  # noqa: ANN401 - as toml_value
    """Write a key with its value."""
    return f"{toml_key(name)} = {toml_value(value)}"


def _text(text: str) -> str:
    # The strings of JSON are strings of TOML, but for one character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
