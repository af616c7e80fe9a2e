"""What the documents say is true."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from runner.plan.load import load_cases

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "docs" / "authoring.md", ROOT / "docs" / "guide.md"]
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_whole_example_of_a_page_is_correct(page: Path, tmp_path: Path) -> None:
    """A block with a name is a scenario that loads."""
    shutil.copytree(ROOT / "images", tmp_path / "images")
    blocks = [
        block
        for block in BLOCK.findall(page.read_text())
        if re.search("^name:", block, re.MULTILINE)
    ]

    assert blocks
    for folder in re.findall(r"build: \./(\w+)", page.read_text()):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "Dockerfile").write_text("FROM debian:bookworm-slim\n")
    for number, block in enumerate(blocks):
        path = tmp_path / f"{number}.yml"
        path.write_text(block, encoding="utf-8")
        assert load_cases([str(path)])


def test_links_lead_somewhere() -> None:
    """Relative links in all pages."""
    for page in [*PAGES, *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("images/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"
