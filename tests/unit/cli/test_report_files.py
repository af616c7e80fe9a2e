"""Reports on disk: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli import report_files
from runner.errors import ReportNotWritten


def test_reports_are_written_into_a_folder_that_is_made(tmp_path: Path) -> None:
    """Readable by others as the umask says, and nothing else is left."""
    folder = tmp_path / "a" / "b"

    report_files.write_all(folder, {"one": "1\udcff", "two": "2"})

    assert sorted(path.name for path in folder.iterdir()) == ["one", "two"]
    assert (folder / "one").read_text() == "1\\udcff"
    assert (folder / "two").stat().st_mode & 0o400


def test_a_report_that_cannot_be_written_leaves_the_old_one_and_the_others(
    tmp_path: Path,
) -> None:
    """The first failure is told, the rest is written."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "keep").touch()

    with pytest.raises(ReportNotWritten, match="cannot write"):
        report_files.write_all(tmp_path, {"one": "1", "two": "2"})

    assert (tmp_path / "one" / "keep").exists()
    assert (tmp_path / "two").read_text() == "2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()

    with pytest.raises(ReportNotWritten) as caught:
        report_files.write_all(tmp_path / "file", {"one": "1"})

    assert "--report-dir" in caught.value.advice
