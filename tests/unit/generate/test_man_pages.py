"""The manual pages: complete, and without a warning of groff."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from runner.generate.man_pages import man_pages
from runner.options.table import OPTIONS

GROFF = shutil.which("groff") or ""


def test_every_option_stands_in_the_page() -> None:
    """With its variable, if it has one."""
    page = man_pages()["scenario-run.1"].replace("\\-", "-")

    for option in OPTIONS:
        assert option.positional or option.flag in page
        assert not option.may_be_set or option.variable in page


@pytest.mark.skipif(not GROFF, reason="no groff")
@pytest.mark.parametrize("name", ["scenario-run.1", "scenario-doc.1"])
def test_groff_has_nothing_to_say(name: str, tmp_path: Path) -> None:
    """With all warnings on."""
    path = tmp_path / name
    path.write_text(man_pages()[name], encoding="utf-8")

    done = subprocess.run(
        [GROFF, "-man", "-Tutf8", "-ww", "-z", path], capture_output=True, text=True, check=True
    )

    assert done.stderr == ""
