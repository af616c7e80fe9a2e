"""Which mutants the type checker refuses: it is a check as the tests are, of `make types`."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.mutation import Mutant

Found = tuple[str, int]
"""A rule of pyright, and the line."""


def refused(folder: Path, mutants: Sequence[Mutant]) -> list[bool]:
    """
    Say of each mutant whether pyright finds in it what it does not find in the module itself.

    All go beside their modules in a copy of the project, for pyright to read that once.
    """
    names: dict[str, str] = {}
    for mutant in mutants:
        source = folder / mutant.path
        names[mutant.path] = _beside(source, "unchanged", source.read_text(encoding="utf-8"))
    changed = [
        _beside(folder / mutant.path, f"changed_{number}", mutant.text)
        for number, mutant in enumerate(mutants)
    ]
    found = _pyright(folder, [*names.values(), *changed]) if mutants else {}
    for name in (*names.values(), *changed):
        Path(name).unlink()
    return [
        bool(found.get(name, set()) - found.get(names[mutant.path], set()))
        for name, mutant in zip(changed, mutants, strict=True)
    ]


def _beside(source: Path, word: str, text: str) -> str:
    path = source.with_name(f"{source.stem}_{word}.py")
    path.write_text(text, encoding="utf-8")
    return str(path)


def _pyright(folder: Path, files: Sequence[str]) -> Mapping[str, set[Found]]:
    command = [str(folder / ".venv/bin/pyright"), "--outputjson", *files]
    said = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True).stdout
    found: defaultdict[str, set[Found]] = defaultdict(set)
    for one in json.loads(said)["generalDiagnostics"]:
        rule = one.get("rule", "")
        # A change may leave an import without use; that says nothing of what it does.
        if not rule.startswith("reportUnused"):
            found[one["file"]].add((rule, one["range"]["start"]["line"]))
    return found
