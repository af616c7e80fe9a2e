"""
Mappings by signal: each name once, in whatever way it is written.
"""

from __future__ import annotations

from pydantic_core import PydanticCustomError

from runner.kernel.signals import Signal
from runner.language.base import wrong
from runner.language.fields import parse_signal
from runner.language.plain import Plain


def by_signal(value: dict[str, Plain], example: str) -> dict[str, Plain]:
    """Return the mapping with the names of its signals as keys; `example` shows one."""
    if not value:
        raise wrong("this names no signal", f"as in {example}")
    found: dict[str, Plain] = {}
    for name, one in value.items():
        signal = str(_named(name))
        if signal in found:
            raise wrong(f"{signal} is named twice", "what is asked of it goes into one", key=name)
        found[signal] = one
    return found


def _named(name: str) -> Signal:
    try:
        return parse_signal(name)
    except PydanticCustomError as error:
        context = error.context or {}
        raise wrong(str(context["what"]), str(context["advice"]), key=name) from None
