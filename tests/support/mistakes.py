"""
The pairs of scenarios/mistakes: a mistake and its cures, and what a cure claims of the mistake.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.twins import ROOT

MISTAKES: Final = sorted((ROOT / "scenarios" / "mistakes").glob("*.yml"))
EXPECTED: Final = "expectation"
"""The tag of a scenario whose cure is to expect another exit status as well."""


_BY_KERNEL_ALONE: Final = {"D11", "D35"}
"""Those that rest on which signal a process has sent."""
_BY_ENGINE: Final = {"D27", "D28"}


def decidable_by(number: str) -> list[str]:
    """Return the levels of evidence that can decide a diagnosis."""
    if number in _BY_ENGINE:
        return ["kernel", "proc", "engine"]
    return ["kernel"] if number in _BY_KERNEL_ALONE else ["kernel", "proc"]


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

        What the steps name and its matrix does not have is as in the first row of the fixed one.
        Where the cure is to expect another exit status as well, the first one alone is wrong.
        """
        return [
            {
                "name": "wrong",
                **({"vars": self.broken["vars"]} if "vars" in self.broken else {}),
                **self._matrix(one),
                "container": self.broken["container"],
                "steps": _first_status(one["steps"]) if EXPECTED in one["tags"] else one["steps"],
            }
            for one in self.fixed
        ]

    def _matrix(self, fixed: Mapping[str, Any]) -> dict[str, Any]:
        first = {name: values[:1] for name, values in fixed.get("matrix", {}).items()}
        steps = yaml.safe_dump(fixed["steps"])
        named = {name: values for name, values in first.items() if f"{{{{ {name}" in steps}
        matrix = {**named, **self.broken.get("matrix", {})}
        return {"matrix": matrix} if matrix else {}


def _first_status(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changed = copy.deepcopy(steps)
    for step in changed:
        step["expect"]["init"]["exited"] = step["expect"]["init"]["exited"][0]
    return changed


def mistake_of(path: Path) -> Mistake:
    """Read one file."""
    documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    broken = [one for one in documents if "broken" in one["tags"]]
    fixed = tuple(one for one in documents if "fixed" in one["tags"])
    (number,) = {tag for one in documents for tag in one["tags"] if tag[0] == "D"}
    assert len(broken) + len(fixed) == len(documents)
    return Mistake(path, number, broken[0], fixed)
