"""Which tests go through which line and how long they take, learnt by running all of them once."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from coverage import CoverageData

PYTEST: Final = (
    *(sys.executable, "-m", "pytest", "-p", "tests.support.mutant_plugin", "-p", "no:randomly"),
    *("-p", "no:cacheprovider", "-m", "not docker", "--timeout", "0", "-q", "--tb=no"),
    # The editor's server reads the schema, in a program of its own that wants much memory.
    *("--deselect", "tests/unit/language/test_editor.py"),
)
"""Tests in a fixed order."""
OF_MODELS: Final = "tests/unit/generate/test_files.py::test_generated_files_are_what_the_code_says"
"""Goes through no line of the models, and holds all that they say against schema and reference."""
SHARE: Final = 0.25
"""
So much of the time of all tests those of one mutant may take. The quick ones, nearly all, are
within that; a bound in seconds would mean fewer tests where they were timed on a busy machine.
"""


@dataclass(frozen=True, slots=True)
class Covered:
    """What one test goes through: lines by file."""

    took_s: float
    lines: Mapping[str, frozenset[int]]


def environment(folder: Path) -> dict[str, str]:
    """Give the variables of a pytest that runs in a copy of the project."""
    return {
        **os.environ,
        "PYTHONPATH": str(folder),
        "HYPOTHESIS_PROFILE": "mutants",
    }


def covering_tests(folder: Path, stored: Path, jobs: int, *, refresh: bool) -> dict[str, Covered]:
    """
    Say what each test of a copy of the project covers.

    What is stored is used again while the sources are the same; of tests that have changed, only
    their files are run.

    Raises:
        subprocess.CalledProcessError: tests fail as it is.
    """
    tests = {str(one.relative_to(folder)): _digest([one]) for one in _test_files(folder)}
    sources = _digest(_sources(folder))
    kept = {} if refresh or not stored.exists() else json.loads(stored.read_text("utf-8"))
    if kept.get("sources") != sources:
        kept = {"sources": sources, "files": {}, "tests": {}}
    changed = [name for name, digest in tests.items() if kept["files"].get(name) != digest]
    covered = {
        name: one for name, one in kept["tests"].items() if _file(name) in tests.keys() - changed
    }
    if changed:
        covered |= _run(folder, changed, jobs)
        stored.parent.mkdir(parents=True, exist_ok=True)
        stored.write_text(json.dumps({"sources": sources, "files": tests, "tests": covered}))
    return {
        name: Covered(took_s, {path: frozenset(lines) for path, lines in files.items()})
        for name, (took_s, files) in covered.items()
    }


def choose(covered: Mapping[str, Covered], path: str, lines: Sequence[range]) -> list[str]:
    """
    List the tests for a change of a line, the likeliest to notice it first.

    `lines` are tried in turn until tests go through one of them. The tests of the room come first,
    of all files in turn the quickest. No more than `SHARE` allows, but one at least.
    """
    through: list[str] = []
    for some in lines:
        wanted = frozenset(some)
        through = [
            name for name, one in covered.items() if wanted & one.lines.get(path, wanted - wanted)
        ]
        if through:
            break
    room = path.split("/")[1]
    rank: dict[str, tuple[bool, int, float]] = {}
    seen: dict[str, int] = {}
    for name in sorted(through, key=lambda one: covered[one].took_s):
        file = _file(name)
        seen[file] = seen.get(file, 0) + 1
        rank[name] = (not file.startswith(f"tests/unit/{room}/"), seen[file], covered[name].took_s)
    chosen: list[str] = []
    left_s = SHARE * sum(one.took_s for one in covered.values())
    for name in sorted(through, key=rank.__getitem__):
        if not chosen or covered[name].took_s <= left_s:
            chosen.append(name)
            left_s -= covered[name].took_s
    return chosen


def _run(
    folder: Path, files: Sequence[str], jobs: int
) -> dict[str, tuple[float, dict[str, list[int]]]]:
    data, seconds = folder / ".coverage", folder / "seconds.json"
    data.unlink(missing_ok=True)
    subprocess.run(
        [*PYTEST, "-n", str(jobs), "--cov=runner", "--cov-context=test", "--cov-report=",
         "--note-seconds", str(seconds), *files],
        cwd=folder,
        env=environment(folder) | {"COVERAGE_FILE": str(data)},
        check=True,
    )  # fmt: skip
    found = {name: (took_s, {}) for name, took_s in json.loads(seconds.read_text("utf-8")).items()}
    coverage = CoverageData(str(data))
    coverage.read()
    for measured in coverage.measured_files():
        path = str(Path(measured).relative_to(folder))
        for line, contexts in coverage.contexts_by_lineno(measured).items():
            for name in {context.rpartition("|")[0] for context in contexts} & found.keys():
                found[name][1].setdefault(path, []).append(line)
    return found


def _test_files(folder: Path) -> list[Path]:
    return sorted((folder / "tests" / "unit").rglob("test_*.py"))


def _sources(folder: Path) -> list[Path]:
    tests = set(_test_files(folder))
    files = [*folder.glob("runner/**/*.py"), *folder.glob("tests/**/*.py")]
    return sorted({*files, folder / "pyproject.toml"} - tests)


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for one in files:
        digest.update(one.name.encode() + b"\0" + one.read_bytes())
    return digest.hexdigest()


def _file(test: str) -> str:
    return test.partition("::")[0]
