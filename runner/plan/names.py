"""
What to say of a pattern that no name fits: which name it may have meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from runner.words import most_alike

_GLOB: Final = re.compile(r"[*?\[\]]+")


def advice_on_pattern(pattern: str, names: Iterable[str], *, otherwise: str) -> str:
    """
    Suggest the name that the pattern may have meant; `otherwise`, if none is like it.

    Names are sentences, and what is given of one is often its beginning, or after a `*` its end:
    only so much of each name is compared.
    """
    known = sorted(set(names))
    if any(pattern in name for name in known):
        return f"a pattern is about the whole name: did you mean '*{pattern}*'?"
    word = _GLOB.sub(" ", pattern).strip()
    sizes = [len(word) + more for more in (-1, 1, 0) if len(word) + more > 0]
    from_the_end = pattern.startswith("*")
    parts = {
        name[-size:] if from_the_end else name[:size]: name
        for size in sizes
        for name in reversed(known)
    }
    found = parts.get(most_alike(word, parts))
    return f"did you mean '{found}'?" if found else otherwise
