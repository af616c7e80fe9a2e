"""
Why a case went as it did, in sentences for people.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """
    One reason, made from facts alone.

    `rule` is the kernel's, as in `R5`, and `source` the manual pages that it is written in; both ""
    where no rule decides. `advice` says what to do, and `diagnosis` is its number, as in `D1`; both
    "" where nothing certain can be said.
    """

    sentences: tuple[str, ...]
    rule: str = ""
    source: str = ""
    advice: str = ""
    diagnosis: str = ""
