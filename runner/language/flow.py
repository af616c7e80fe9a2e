"""
Plain data on one line, for examples in messages and in the reference.
"""

from __future__ import annotations

import json
from typing import Any


def flow_text(value: Any) -> str:  # noqa: ANN401 - examples are plain data
    """Write plain data on one line, as a person would in YAML."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value) if _needs_quotes(value) else value
        case list():
            return f"[{', '.join(map(flow_text, value))}]"  # pyright: ignore[reportUnknownArgumentType]
        case dict():
            return "{" + ", ".join(f"{key}: {flow_text(one)}" for key, one in value.items()) + "}"  # pyright: ignore[reportUnknownVariableType]
        case _:
            return str(value)


def _needs_quotes(text: str) -> bool:
    return (
        not text
        or text[0] in "-?:,[]{}#&*!|>'\"%@` "
        or any(mark in text for mark in (": ", " #", ", ", "{{"))
        or text in {"true", "false", "null", "~"}
        or text.replace(".", "", 1).isdigit()
        or not text.isprintable()
    )
