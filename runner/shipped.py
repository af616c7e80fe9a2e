"""
Files that come with the program: the schemas, the documents and the probe's source.

In a checkout they are the folders beside the package, so that an edit counts at once; in an
installed wheel they are inside the package.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent


def folder(name: str) -> Path:
    """
    Find a shipped folder: `schemas`, `docs` or `images/probe`.

    Raises:
        FileNotFoundError: this installation of the program is not complete.
    """
    beside, inside = _PACKAGE.parent / name, _PACKAGE / "_shipped" / name
    if (_PACKAGE.parent / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    if inside.is_dir():
        return inside
    raise FileNotFoundError(f"scenario-run is not installed completely: {inside} is missing")
