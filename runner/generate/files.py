"""
The generated files: written, or compared with what they are made from.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from runner.generate import mutation_schema, result_schema, scenario_schema
from runner.generate.diagnosis_pages import diagnosis_files
from runner.generate.language_pages import markdown_files
from runner.generate.man_pages import man_pages
from runner.generate.option_page import option_page
from runner.generate.rule_pages import rule_files

ROOT: Final = Path(__file__).parents[2]
_SHOWN_LINES: Final = 60


def generated() -> Mapping[Path, str]:
    """Return the text of each generated file, by its path in the checkout."""
    schemas = {
        scenario_schema.SCHEMA_FILE: scenario_schema.build(),
        mutation_schema.SCHEMA_FILE: mutation_schema.build(),
        **result_schema.build_all(),
    }
    return {
        **{Path("schemas", name): _json(schema) for name, schema in schemas.items()},
        **{Path("docs", "reference", name): text for name, text in markdown_files().items()},
        Path("docs", "reference", "options.md"): option_page(),
        **{Path("man", name): text for name, text in man_pages().items()},
        **{Path("docs", "kernel", name): text for name, text in rule_files().items()},
        **{Path("docs", "diagnoses", name): text for name, text in diagnosis_files().items()},
    }


def write(root: Path = ROOT) -> None:
    """Write all generated files, and remove those that are not generated any more."""
    wanted = generated()
    for path in _left_over(root, wanted):
        path.unlink()
    for path, text in wanted.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def check(root: Path = ROOT) -> int:
    """Show on standard error what differs from the models; give 1 if something does, else 0."""
    wanted = generated()
    differences = [
        line for path, text in wanted.items() for line in _difference(root / path, path, text)
    ]
    differences += [f"{path} is not generated any more" for path in _left_over(root, wanted)]
    if not differences:
        return 0
    sys.stderr.write("\n".join(differences[:_SHOWN_LINES]) + "\n")
    sys.stderr.write("generated files differ from the code; write them with `make generate`\n")
    return 1


def _json(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _difference(file: Path, path: Path, wanted: str) -> Iterator[str]:
    found = file.read_text(encoding="utf-8") if file.exists() else ""
    yield from difflib.unified_diff(
        found.splitlines(),
        wanted.splitlines(),
        f"{path} (file)",
        f"{path} (generated)",
        lineterm="",
    )


def _left_over(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    docs = root / "docs"
    pages = sorted([*(docs / "kernel").glob("R*-*.md"), *(docs / "diagnoses").glob("D*.md")])
    return [page for page in pages if page.relative_to(root) not in wanted]
