"""What users read is written as the manual pages write."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

ODD = {
    r"\banew\b": "again, or restart",
    r"\bso often\b": "how many times",
    r"\bgo(es)? on\b(?! the)": "continue, resume",
    r"(?<![Tt]here )\bis no (?!longer\b|more\b)": "is not a",
    r"\bforeto\w+\b": "predict",
    r"\bsurpris\w+\b": "misprediction",
    r"\bkernel'?s (own )?record\b": "kernel trace",
    r"\bon record\b": "in the trace",
    r"\banother program now\b": "execve(2)",
    r"\bnothing is left of\b": "reaped",
    r"\bsent? (it |[A-Z]+ )?on to\b": "forward",
    r"\bthe machine's own\b": "the host's",
    r"\bmistake of\b": "bug in",
    r"\bhas come to\b": "is",
}
"""Phrases that only we would write, and what everybody writes."""


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """Give what a module may show to users: its strings, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and id(node) not in docstrings:
            yield node.lineno, text


@pytest.mark.parametrize("odd", ODD)
def test_no_text_has_an_odd_phrase(odd: str) -> None:
    """In a verdict, an error, an advice, a help text or a description."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text[:80]!r}"
        for path in sorted((ROOT / "runner").rglob("*.py"))
        for line, text in texts_of(path)
        if re.search(odd, text)
    ]

    assert not found, f"write: {ODD[odd]}"


@pytest.mark.parametrize("odd", ODD)
def test_no_document_has_an_odd_phrase(odd: str) -> None:
    """The guide and the README; a name of a scenario, in a row of scores, is as it is."""
    found = [
        f"{path.name}:{number}: {line}"
        for path in DOCUMENTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(odd, re.sub(r"\*[^*|]+\*: ", "", line) if line.startswith("|") else line)
    ]

    assert not found, f"write: {ODD[odd]}"
