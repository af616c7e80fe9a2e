"""
Twins: scenario files whose claims are so (`tests/twins/pass`) and are not so (`tests/twins/fail`).

What a run has made of them and of the shipped scenarios is held against what is true.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
TWINS: Final = sorted((ROOT / "tests" / "twins").glob("*/*.yml"))
SHIPPED: Final = sorted(
    path
    for pattern in ("*.yml", "kernel/*.yml", "examples/*.yml", "mistakes/*.yml")
    for path in (ROOT / "scenarios").glob(pattern)
)


class Kind(enum.Enum):
    """
    How a case came out against what is true.

    `RIGHT`: as it must. `FALSE`: a claim that is not so has passed, or one that is so has failed.
    `UNDECIDED`: neither passed nor failed; a shipped scenario may be skipped.
    """

    RIGHT = "right"
    FALSE = "false"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case of a run: its name, its file, what it came to in words, and as it was stored."""

    kind: Kind
    name: str
    path: str
    words: str
    stored: Mapping[str, Any]


def outcomes(result: Mapping[str, Any]) -> Iterator[Outcome]:
    """Give the outcome of each case of a result.json that was read."""
    for case in result["cases"]:
        path = case["where"]["path"]
        verdict = case["verdict"]
        yield Outcome(
            kind=_kind(path, verdict["kind"]),
            name=case["name"],
            path=path,
            words=_words(verdict),
            stored=case,
        )


def _kind(path: str, verdict: str) -> Kind:
    folder = Path(path).parent
    is_twin = folder.parent.name == "twins"
    wanted = "failed" if is_twin and folder.name == "fail" else "passed"
    if verdict == wanted or (verdict == "skipped" and not is_twin):
        return Kind.RIGHT
    return Kind.FALSE if verdict in {"passed", "failed"} else Kind.UNDECIDED


def _words(verdict: Mapping[str, Any]) -> str:
    match verdict["kind"]:
        case "passed" | "failed":
            wanted = verdict["kind"] == "passed"
            seen = [
                f"expected {one['expected']}; saw {one['seen']}"
                for one in verdict["findings"]
                if one["holds"] is wanted
            ]
            return f"{verdict['kind']}: {' / '.join(seen)}"
        case "errored":
            return f"errored: {verdict['what']}"
        case _:
            return f"{verdict['kind']}: {verdict.get('reason', '')}"
