"""
The corpus: add a file to tests/examples and it is a test.

`valid/*.yml` must load, and be accepted by the published schema. `invalid/*.yml` must be refused
with exactly the words of the `.err` file beside it. `mistakes/*.yml` are what users of other tools
write: refused likewise or, where there is no `.err` file, accepted as it is meant.
"""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from runner.errors import InvalidScenarios, Problem
from runner.language.rendered_problem import render_problem
from runner.language.yaml_text import read
from runner.plan.find import find_files
from runner.plan.load import load_cases

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "tests" / "examples"
VALID = sorted((EXAMPLES / "valid").glob("*.yml"))
INVALID = sorted((EXAMPLES / "invalid").glob("*.yml"))
MISTAKES = sorted((EXAMPLES / "mistakes").glob("*.yml"))
MEANT = [path for path in MISTAKES if not path.with_suffix(".err").exists()]
REFUSED = [*INVALID, *(path for path in MISTAKES if path not in MEANT)]
SHIPPED = [Path(one) for one in find_files([str(ROOT / "scenarios")])]
SCHEMA = json.loads((ROOT / "schemas" / "scenario.v1.json").read_text(encoding="utf-8"))

# Refused by the models for a reason that a schema cannot say (or says by another rule).
ACROSS_FIELDS = {
    "24-include-not-there",
    "25-no-image",
    "32-placeholder-without-matrix",
    "33-no-expect",
    "34-two-kinds",
    "42-build-a-path-that-is-not-there",
    "43-build-a-name-that-is-not-there",
    "44-when",
    "46-regular-expression",
    "48-bind-source-not-there",
    "caught-and-default",
    "ended-and-shown",
    "exited-and-zombies",
    "expectation-in-always-alone",
    "from-host-to-all",
    "init-and-entrypoint",
    "log-matched-and-absent",
    "never-started-and-facts",
    "pid-of-itself",
    "sigstop-ignored",
    "step-after-a-kill",
    "step-after-two-ends",
    "containers-and-container",
    "containers-empty",
    "health-without-a-check",
    "healthcheck-list",
    "on-missing",
    "on-misspelt",
    "on-with-one-container",
    "pid-host-signal-from-inside",
    "pid-in-a-single-container",
    "pid-of-a-later-one",
    "pid-of-nobody",
    "step-after-the-end-of-one-of-two",
    "volume-bind-without-source",
    "write-nothing",
    "write-without-stdin",
    "bounds-upside-down",
    "build-misspelt",
    "build-name-too-long",
    "build-path-not-there",
    "caught-and-ignored",
    "count-of-nothing",
    "escalated-and-exited-0",
    "escalated-before-the-grace-period",
    "exclude-everything",
    "exclude-unknown-axis",
    "exited-and-a-process",
    "exited-and-running",
    "exited-and-some-alive",
    "expect-nothing",
    "expect-only-time",
    "float-as-a-text",  # to JSON Schema, 1.0 is an integer
    "forwarded-to-itself",
    "from-host-to-another",
    "gone-and-a-state",
    "gone-with-facts",
    "grace-below-a-second",
    "image-and-build",
    "include-cycle",
    "include-itself",
    "include-misspelt-step",
    "include-no-list",
    "include-not-there",
    "include-nul",
    "include-unknown-variable",
    "include-with-expect",
    "init-and-command",
    "item-without-loop",
    "log-absent-inside-wanted",
    "log-in-order-and-absent",
    "log-wanted-and-absent",
    "loop-item-wrong",
    "matrix-axis-empty",
    "matrix-name-without-axis-twice",
    "matrix-of-exclude-only",
    "matrix-one-row-wrong",
    "matrix-too-large",
    "name-with-escape",
    "never-started-and-shutdown",
    "no-expectation-at-all",
    "no-image",
    "not-before-after-within",
    "regex-repeats-too-often",
    "regex-with-line-break",
    "regex-wrong",
    "running-and-none-alive",
    "running-and-shutdown",
    "selector-empty",
    "shutdown-upside-down",
    "sigkill-caught",
    "sigstop-blocked",
    "start-of-what-never-started",
    "step-after-the-end",
    "step-after-the-end-and-a-start",
    "step-of-what-never-started",
    "tag",
    "template-broken",
    "template-gives-a-list",
    "template-gives-a-mapping",
    "template-loop",
    "template-method",
    "template-misspelt-filter",
    "template-multiplies",
    "template-of-go",
    "template-power",
    "template-reaches-for-python",
    "template-unknown-filter",
    "two-cases-with-one-name",
    "two-deadlines",
    "two-kinds",
    "unknown-variable",
    "variable-without-matrix",
    "vars-not-yet-known",
    "wait-with-expect",
    "when-no-expression",
    "when-of-a-step",
    "when-unknown-name",
    "within-shorter-than-for",
}


@pytest.fixture(autouse=True)
def _in_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)


@pytest.mark.parametrize("path", [*VALID, *MEANT], ids=lambda path: path.stem)
def test_a_valid_example_loads(path: Path) -> None:
    """It gives at least one case."""
    assert load_cases([f"{path.parent.name}/{path.name}"])


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_an_invalid_example_is_refused_in_the_words_beside_it(path: Path) -> None:
    """File, line, column, the line, a caret, and advice."""
    with pytest.raises(InvalidScenarios) as caught:
        load_cases([f"{path.parent.name}/{path.name}"])

    said = "\n".join(render_problem(problem) for problem in caught.value.problems) + "\n"
    assert path.with_suffix(".err").read_text(encoding="utf-8") == said


@pytest.mark.parametrize("path", [*VALID, *MEANT, *SHIPPED], ids=lambda path: path.stem)
def test_the_schema_accepts_what_the_models_accept(path: Path) -> None:
    """Short forms and placeholders included."""
    documents, _ = read(path.name, path.read_bytes())

    errors = [
        f"{error.json_path}: {error.message}"
        for document in documents
        for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document.data)
    ]
    assert not errors


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_the_schema_refuses_what_the_models_refuse(path: Path) -> None:
    """All but rules across fields, of which there is a list."""
    documents, problems = read(path.name, path.read_bytes())
    if problems:
        return
    validator = jsonschema.Draft202012Validator(SCHEMA)

    refused = any(not validator.is_valid(document.data) for document in documents)

    assert refused != (path.stem in ACROSS_FIELDS)


def test_no_mistake_is_only_refused() -> None:
    """Every problem of these says what to write."""
    silent = [
        f"{path.stem}: {problem.what}"
        for path in REFUSED[len(INVALID) :]
        for problem in _problems(path)
        if not problem.advice
    ]

    assert not silent


def _problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InvalidScenarios) as caught:
        load_cases([f"{path.parent.name}/{path.name}"])
    return caught.value.problems


def test_every_key_of_the_schema_is_described() -> None:
    """An editor shows a sentence and an example for each."""
    missing: list[str] = []

    def walk(node: object, place: str) -> None:
        if isinstance(node, dict):
            for key, one in (node.get("properties") or {}).items():
                missing.extend(
                    f"{place}.{key}: {word}"
                    for word in ("description", "examples")
                    if word not in one and not (word == "examples" and "defaultSnippets" in one)
                )
            for key, one in node.items():
                if key not in {"examples", "default"}:
                    walk(one, f"{place}.{key}")
        elif isinstance(node, list):
            for one in node:
                walk(one, place)

    walk(SCHEMA, "")
    assert not missing


def test_all_problems_of_all_files_are_told_in_file_order() -> None:
    """One bad file does not hide the others."""
    paths = ["invalid/signal-misspelt.yml", "invalid/not-yaml.yml", "invalid/a-list.yml"]

    with pytest.raises(InvalidScenarios) as caught:
        load_cases(paths)

    assert [problem.where.path for problem in caught.value.problems] == paths


def test_a_file_that_cannot_be_read_is_a_problem_of_that_file() -> None:
    """The system's own words, and no traceback."""
    with pytest.raises(InvalidScenarios) as caught:
        load_cases(["valid"])

    assert "cannot be read: Is a directory" in render_problem(caught.value.problems[0])
