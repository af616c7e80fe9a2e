"""
What JSON Schema can say of a signal: names to choose from, every other spelling, and numbers.
"""

from __future__ import annotations

from typing import Any

from runner.kernel.signals import ALIASES, ALL_SIGNALS, SIGRTMAX, SIGRTMIN

_STANDARD = [str(signal) for signal in ALL_SIGNALS if signal < SIGRTMIN]
_OFFSET = "0?[0-9]|[12][0-9]|30"
_REAL_TIME = rf"RTMIN([+]({_OFFSET})|-00?)?|RTMAX(-({_OFFSET})|[+]00?)?"
_NUMBER = "0{0,7}([1-9]|[12][0-9]|3[014-9]|[45][0-9]|6[0-4])"


def signal_schema() -> dict[str, Any]:
    """Return the schema of a signal, as `Signal.parse` reads it."""
    names = [name.removeprefix("SIG") for name in (*_STANDARD, *ALIASES)]
    words = _any_case(f"(SIG)?({'|'.join(names)}|{_REAL_TIME})")
    return {
        "description": "A signal: its name, with or without SIG, or its number.",
        "anyOf": [
            {"enum": [*_STANDARD, "SIGRTMIN", "SIGRTMAX"]},
            {"type": "string", "pattern": rf"^\s*({words}|{_NUMBER})\s*$"},
            {"type": "integer", "minimum": 1, "maximum": len(_STANDARD)},
            {"type": "integer", "minimum": SIGRTMIN, "maximum": SIGRTMAX},
        ],
    }


def _any_case(pattern: str) -> str:
    # The expressions of JSON Schema have no flags.
    return "".join(f"[{one}{one.lower()}]" if one.isupper() else one for one in pattern)
