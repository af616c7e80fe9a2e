"""
Words of messages that are made in one way everywhere: what was meant, and how many there are.

This module imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Iterable


def most_alike(word: str, known: Iterable[str]) -> str:
    """
    Return the known word that this one was meant to be; "" if none is that close.

    One slip of the fingers in three letters is forgiven: a letter too many, too few, another, or
    two in the wrong order. So is all that follows, where only one known word begins so.
    """
    words = list(known)
    slips = {one: _slips(word, one) for one in dict.fromkeys(words)}
    close = min(slips, key=lambda one: slips[one], default="")
    if close and slips[close] <= len(word) // 3:
        return close
    begun = [one for one in words if word and one.startswith(word)]
    return begun[0] if len(begun) == 1 else ""


def _slips(word: str, other: str) -> int:
    """Count the letters that have to be changed (optimal string alignment distance)."""
    if abs(len(word) - len(other)) > len(word) // 3:
        return len(word) + len(other)  # far too many, whatever they are
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, 1):
        before, above, row = row, before, [i]
        for j, one in enumerate(other, 1):
            found = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != one))
            swapped = i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == one
            row.append(min(found, above[j - 2] + 1) if swapped else found)
    return row[-1]


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
