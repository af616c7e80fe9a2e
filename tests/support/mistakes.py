"""
The pairs of scenarios/mistakes: a mistake and its cures, and what a cure claims of the mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.twins import ROOT

MISTAKES: Final = sorted((ROOT / "scenarios" / "mistakes").glob("*.yml"))
EXPECTED: Final = "expectation"
"""The tag of a scenario whose cure is to expect what is right: its claim holds of the mistake."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One file: the scenario `broken`, those that are `fixed`, the number of the diagnosis."""

    path: Path
    number: str
    broken: Mapping[str, Any]
    fixed: tuple[Mapping[str, Any], ...]

    def claims_of_the_fixed(self) -> list[dict[str, Any]]:
        """
        Return scenarios that must fail: the broken container with the steps of each fixed one.

        What its matrix does not have is as in the first row of the fixed one.
        """
        return [
            {
                "name": f"wrong: {one['name']}"[:100],
                **self._matrix(one),
                "container": self.broken["container"],
                "steps": one["steps"],
            }
            for one in self.fixed
            if EXPECTED not in one["tags"]
        ]

    def _matrix(self, fixed: Mapping[str, Any]) -> dict[str, Any]:
        first = {name: values[:1] for name, values in fixed.get("matrix", {}).items()}
        matrix = {**first, **self.broken.get("matrix", {})}
        return {"matrix": matrix} if matrix else {}


def mistake_of(path: Path) -> Mistake:
    """Read one file."""
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    broken = [one for one in documents if "broken" in one["tags"]]
    fixed = tuple(one for one in documents if "fixed" in one["tags"])
    (number,) = {tag for one in documents for tag in one["tags"] if tag[0] == "D"}
    assert len(broken) + len(fixed) == len(documents)
    return Mistake(path, number, broken[0], fixed)
