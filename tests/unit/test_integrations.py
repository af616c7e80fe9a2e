"""What other tools read at the top of the repository: pre-commit, GitHub, Docker."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

from runner.options.table import OPTIONS

ROOT = Path(__file__).parents[2]


def test_the_hook_runs_the_syntax_check() -> None:
    """It is Python's, and takes the names of files as pre-commit gives them."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert hook["language"] == "python"
    assert hook["entry"] == "scenario-run --syntax-check"
    assert hook["id"] in (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert re.match(hook["files"], "scenarios/a.yml")


def test_the_action_is_what_github_takes() -> None:
    """By the schema of SchemaStore that check-jsonschema has, and with options that there are."""
    command = [Path(sys.executable).parent / "check-jsonschema", ROOT / "action.yml"]
    schema = ["--builtin-schema", "vendor.github-actions"]
    subprocess.run([*command, *schema], check=True, capture_output=True)

    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    action = yaml.safe_load(text)
    asked = set(re.findall(r"inputs\.([a-z-]+)", text))
    flags = re.findall(r"scenario-run\" (--[a-z-]+)", text)
    assert asked == action["inputs"].keys()
    assert flags
    assert set(flags) <= {option.flag for option in OPTIONS}
    assert all(step.get("shell") == "bash" for step in action["runs"]["steps"] if "run" in step)


def test_the_image_gets_what_a_wheel_is_made_of() -> None:
    """The context lacks nothing that pyproject.toml puts into the wheel."""
    sent = re.findall(
        r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE
    )
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    shipped = re.findall(r'^"([a-z/]+)" = "runner/_shipped', pyproject, re.MULTILINE)
    assert shipped
    assert {*shipped, "man", "runner", "LICENSE", "README.md", "pyproject.toml"} <= set(sent)
