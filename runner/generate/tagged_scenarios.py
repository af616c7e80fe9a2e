"""
Which scenarios of a checkout have which tags: those that show a rule or a diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.language.yaml_text import content_of, read

_ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Proof:
    """A scenario file, as a path in the checkout, and the names of those in it with the tag."""

    path: str
    names: tuple[str, ...]

    @property
    def file(self) -> str:
        """Name of the file alone."""
        return self.path.rpartition("/")[2]


def proofs_by_tag(
    folder: str, tags: Iterable[str], root: Path = _ROOT
) -> Mapping[str, tuple[Proof, ...]]:
    """
    Return for each tag the scenarios in a folder of the checkout that have it.

    Without a checkout, as in an installed wheel, there are none.
    """
    found: dict[str, list[Proof]] = {tag: [] for tag in tags}
    for path in sorted((root / folder).glob("*.yml")):
        documents, _ = read(path.name, content_of(str(path)))
        scenarios = [one.data for one in documents if isinstance(one.data, dict)]
        for tag, proofs in found.items():
            names = [str(one.get("name")) for one in scenarios if tag in _tags_of(one)]
            if names:
                proofs.append(Proof(f"{folder}/{path.name}", tuple(names)))
    return {tag: tuple(proofs) for tag, proofs in found.items()}


def _tags_of(scenario: Mapping[str, object]) -> list[object]:
    tags = scenario.get("tags")
    return list(tags) if isinstance(tags, list) else [tags]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
