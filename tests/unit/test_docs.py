"""What the documents say is true."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.model.container import WrongInit
from runner.model.mutation import CaseMutation, Mutant, MutantResult, MutationResult
from runner.plan.load import load_cases
from runner.report import mutation_json
from tests.support.results import PASSED, run_of

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "authoring.md",
    ROOT / "docs" / "guide.md",
    ROOT / "docs" / "mutation.md",
]
_MUTANT = Mutant(PASSED.case, "", WrongInit.IGNORES)
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


def test_the_page_of_mutation_testing_has_every_wrong_init_and_key() -> None:
    """A row for each wrong init, and each key of mutation.json."""
    page = (ROOT / "docs" / "mutation.md").read_text(encoding="utf-8")

    assert [one.value for one in WrongInit] == re.findall(
        r"^\| `([a-z-]+)` \| are ", page, re.MULTILINE
    )
    cases = (CaseMutation(PASSED, "", (MutantResult(_MUTANT, PASSED),)),)
    stored = json.loads(mutation_json.render(MutationResult(run_of(PASSED), cases, 1.0)))
    assert [key for key in _keys(stored) if f"`{key}`" not in page.replace("[]`", "`")] == []


def _keys(value: object) -> Iterator[str]:
    """Give the keys of an object and of all objects in it, but for those of a row."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from () if key == "row" else _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def test_links_lead_somewhere() -> None:
    """Relative links in all pages."""
    for page in [*PAGES, *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("images/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"
