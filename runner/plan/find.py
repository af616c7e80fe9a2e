"""
Which files are meant: files as they are, folders with every .yml and .yaml below them.

In a folder, what begins with a dot is hidden, and what begins with _ is for others to include.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from runner.errors import UsageError
from runner.words import most_alike

SUFFIXES = {".yml", ".yaml"}
_HIDDEN = (".", "_")


def find_files(arguments: Sequence[str]) -> list[str]:
    """
    Return the paths of all scenario files, as the user would write them, each once.

    Raises:
        UsageError: a path is not there, or a folder has no scenario in it.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        path = Path(argument)
        try:
            folder, there = path.is_dir(), path.exists()
        except OSError as error:
            raise UsageError(f"{argument}: {error.strerror}") from error
        if folder:
            files = _below(path)
            if not files:
                raise UsageError(
                    f"there are no scenarios in {argument}",
                    advice="a scenario is a file that ends in .yml or .yaml",
                )
        elif there:
            files = [path]
        else:
            raise UsageError(f"there is no file or folder {argument}", advice=_near(path))
        for file in files:
            found.setdefault(os.path.realpath(file), str(file))
    return list(found.values())


def _below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for where, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith(_HIDDEN)]
        found += (
            path
            for path in (Path(where, one) for one in files if not one.startswith(_HIDDEN))
            if path.suffix in SUFFIXES and path.is_file()
        )
    return sorted(found)


def _near(path: Path) -> str:
    if "*" in path.name:
        return "no file matches this pattern"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either"
    names = sorted(one.name for one in path.parent.iterdir())
    found = most_alike(path.name, names)
    return f"did you mean '{path.parent / found}'?" if found else ""
