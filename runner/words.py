"""
Words of messages that are made in one way everywhere: what was meant, and how many there are.

This module imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_ALIKE: Final = 0.6
"""How much of two words has to be the same, from 0 to 1: one or two slips in a short word."""


def most_alike(word: str, known: Iterable[str]) -> str:
    """
    Return the known word that is most like this one; "" if none is like it.

    The only one that begins with it is more like it than any other.
    """
    import difflib  # noqa: PLC0415 - for mistakes only

    words = list(known)
    alike = difflib.get_close_matches(word, words, n=1, cutoff=_ALIKE)
    begun = [one for one in words if word and one.startswith(word)]
    return begun[0] if len(begun) == 1 else next(iter(alike), "")


def nearest(word: str, known: Iterable[str], *, otherwise: str | None = None) -> str:
    """
    Advise on an unknown word: `did you mean 'SIGTERM'?`.

    Where no known word is like it, that is `otherwise`, by default a list of them all.
    """
    words = list(known)
    found = most_alike(word, words)
    if found:
        return f"did you mean '{found}'?"
    return f"known here: {', '.join(words)}" if otherwise is None else otherwise


def count(number: int, noun: str) -> str:
    """Write `1 case`, `2 cases`, `3 processes`."""
    plural = "es" if noun.endswith("s") else "s"
    return f"{number} {noun}" + ("" if number == 1 else plural)
