"""
Writing reports: each to a temporary name in its folder first, so that none is ever half-written.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from runner.errors import ReportNotWritten


def write_all(folder: Path, reports: Mapping[str, str]) -> list[Path]:
    """
    Write every report into the folder, which is made if need be; give the paths.

    Raises:
        ReportNotWritten: the first one that could not be written; the others are tried all the
            same, and what stood there before is left as it was.
    """
    failure: ReportNotWritten | None = None
    written: list[Path] = []
    for name, text in reports.items():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / name, text)
            written.append(folder / name)
        except OSError as error:
            failure = failure or ReportNotWritten(
                f"cannot write {folder / name}: {error.strerror or error}",
                advice="name a folder that can be written to: --report-dir DIR",
            )
    if failure is not None:
        raise failure
    return written


def _write(path: Path, text: str) -> None:
    number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        # mkstemp makes files that nobody else can read; reports are for others.
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
