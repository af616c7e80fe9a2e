"""The generated files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.generate import files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_generated_files_are_what_the_code_says() -> None:
    """`make generate` writes them."""
    assert files.check() == 0


def test_a_file_that_differs_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the lines in which it does."""
    files.write(tmp_path)
    assert files.check(tmp_path) == 0
    page = tmp_path / "docs" / "reference" / "steps.md"
    page.write_text(page.read_text().replace("# ", "## ", 1))

    assert files.check(tmp_path) == 1

    shown = capsys.readouterr().err
    assert "--- docs/reference/steps.md (file)" in shown
    assert "make generate" in shown


def test_the_page_of_a_rule_that_is_gone_is_removed(tmp_path: Path) -> None:
    """Nobody would find it by hand."""
    files.write(tmp_path)
    old = tmp_path / "docs" / "kernel" / "R5-old-name.md"
    old.write_text("old")
    assert files.check(tmp_path) == 1

    files.write(tmp_path)

    assert not old.exists()
    assert files.check(tmp_path) == 0
