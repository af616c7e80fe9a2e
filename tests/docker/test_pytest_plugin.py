"""The plugin of pytest on a real engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.test_pytest_plugin import PLUGIN

ROOT = Path(__file__).parents[2]
TEXT = """\
name: it stays
container: {image: "debian:bookworm-slim", init: [sleep, "100"]}
steps: [{expect: {init: running}}]
---
name: it fails
container: {image: "debian:bookworm-slim", init: [sleep, "100"]}
steps: [{signal: {send: SIGKILL, from: inside}, expect: {init: {exited: 0}, within: 200ms}}]
"""


@pytest.mark.docker
def test_cases_are_run_and_told(tmp_path: Path) -> None:
    """By two workers: one passes, one fails, with the reason."""
    (tmp_path / "a.yml").write_text(TEXT, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        *PLUGIN,
        "--scenarios",
        "-n",
        "2",
        "-v",
        str(tmp_path),
    ]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert "1 failed, 1 passed" in done.stdout
    assert "SIGKILL was dropped" in done.stdout
