"""The structure is what CONTRIBUTING.md says."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_rooms_import_downwards_only() -> None:
    """import-linter's contracts in pyproject.toml."""
    found = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], {"docker", "jsonschema", "jinja2", "junit_xml", "pydantic", "shtab", "yaml"}),
        (
            ["--syntax-check", "tests/examples/valid/smallest.yml"],
            {"docker", "jsonschema", "jinja2"},
        ),
        (["--list", "scenarios"], {"docker", "jsonschema", "junit_xml"}),
    ],
    ids=["help", "syntax-check", "list"],
)
def test_what_needs_no_engine_imports_none(arguments: list[str], absent: set[str]) -> None:
    """Checking a file is quick."""
    program = (
        "import sys; from runner.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print('LOADED', *sys.modules)"
    )

    found = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert not absent & set(found.stdout.rpartition("LOADED")[2].split())


def test_no_file_is_too_long() -> None:
    """400 lines is where a file has two subjects."""
    lengths = {path: len(path.read_text().splitlines()) for path in ROOT.glob("runner/**/*.py")}

    assert not {path.name for path, length in lengths.items() if length > 400}


def _names(path: Path) -> Iterator[str]:
    """Classes, functions and other names of a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name


def test_a_kind_of_step_costs_the_files_that_are_listed() -> None:
    """Three, and as many for what the engine has to do: CONTRIBUTING.md, How to add."""
    (listed,) = re.findall(
        r"- \*\*A kind of step\*\*.*?(?=\n- \*\*)",
        (ROOT / "CONTRIBUTING.md").read_text(),
        re.DOTALL,
    )
    files = {path: set(_names(path)) for path in (ROOT / "runner").rglob("*.py")}

    for record, call in (("Pause", "pause"), ("Unpause", "unpause")):
        naming = {
            str(path.relative_to(ROOT / "runner"))
            for path, names in files.items()
            if names & {record, call}
        }
        assert set(re.findall(r"`([a-z_/]+\.py)`", listed)) == naming
