"""
From the text of an option to its value. What makes no sense is told in argparse's way.
"""

from __future__ import annotations

import re
from argparse import ArgumentTypeError


def number(text: str) -> int:
    """Read a number from 1 to 999."""
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        raise ArgumentTypeError(f"'{text}' is not a number from 1 to 999")
    return int(text)


def count(text: str) -> int:
    """Read a number from 0 to 999."""
    return 0 if text == "0" else number(text)


def shard(text: str) -> tuple[int, int]:
    """Read `1/4`: the first of four."""
    match = re.fullmatch(r"([1-9]\d{0,2})/([1-9]\d{0,2})", text)
    if match is None or int(match[1]) > int(match[2]):
        raise ArgumentTypeError(f"'{text}' is not a valid shard, as in 1/4")
    return int(match[1]), int(match[2])


def duration(text: str) -> float:
    """Read a duration as in scenario files, which must not be 0; give it in seconds."""
    # Imported here: it knows pydantic, and few command lines have a duration.
    from runner.language.fields import parse_duration  # noqa: PLC0415

    try:
        seconds = parse_duration(text)
    except ValueError:
        seconds = 0.0
    if seconds <= 0:
        raise ArgumentTypeError(f"'{text}' is not a duration, as in 30s or 2m")
    return seconds


def words(text: str) -> list[str]:
    """Read words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]
