"""
Plain data: what a YAML document is made of, once read.
"""

from __future__ import annotations

from typing import TypeAlias

Plain: TypeAlias = "str | int | float | bool | list[Plain] | dict[str, Plain] | None"

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings and numbers of list entries."""
