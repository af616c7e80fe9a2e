"""
What all facts about a container have.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InContainer:
    """A fact about one container, by its name in the scenario; "" where there is only one."""

    container: str = ""
