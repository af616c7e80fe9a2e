"""
Each diagnosis is made of its mistake, and its cure makes the same expectation pass.

A file of scenarios/mistakes shows both. What it expects of the fixed container is also asked of the
broken one: that must fail, with the number of the diagnosis and its advice.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner.diagnoses.table import Diagnosis
from tests.support.desk import GIVE_UP_AFTER_S
from tests.support.mistakes import MISTAKES, decidable_by, mistake_of
from tests.support.twins import ROOT

pytestmark = pytest.mark.docker


def run(folder: Path, evidence: str, *arguments: str | Path) -> list[dict[str, Any]]:
    """Run scenarios from the checkout, so that they find its images; return the cases."""
    process = subprocess.run(
        [
            sys.executable,
            "-m",
            "runner",
            "--evidence",
            evidence,
            "--report-dir",
            folder,
            *arguments,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=GIVE_UP_AFTER_S,
        check=False,
    )
    stored = folder / "result.json"
    assert stored.exists(), process.stdout + process.stderr
    cases: list[dict[str, Any]] = json.loads(stored.read_text(encoding="utf-8"))["cases"]
    return cases


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_the_mistake_and_its_cure_are_as_they_are_shown(
    path: Path, tmp_path: Path, docker_address: str
) -> None:
    """The broken container does what its scenario says, and so does the fixed one."""
    cases = run(tmp_path, "auto", path)

    assert len(cases) >= 2
    assert [f"{one['name']}: {one['verdict']}" for one in cases if not _passed(one)] == []


@pytest.mark.parametrize(
    ("path", "evidence"),
    [(path, one) for path in MISTAKES for one in decidable_by(mistake_of(path).number)],
    ids=lambda value: value.stem if isinstance(value, Path) else value,
)
def test_the_claim_of_the_cure_fails_of_the_mistake_with_its_diagnosis(
    path: Path, evidence: str, tmp_path: Path, docker_address: str
) -> None:
    """The reason has the number, and says what to do; each case has one reason."""
    if evidence == "kernel" and os.geteuid() != 0:
        pytest.skip("the kernel trace needs root")
    mistake = mistake_of(path)
    wrong = tmp_path / "wrong.yml"
    documents = mistake.claims_of_the_fixed()
    (tmp_path / "images").symlink_to(ROOT / "images")
    wrong.write_text(yaml.safe_dump_all(documents), encoding="utf-8")

    cases = run(tmp_path, evidence, wrong)

    assert cases
    for one in cases:
        found = [(reason["diagnosis"], bool(reason["advice"])) for reason in one["explanations"]]
        assert one["verdict"]["kind"] == "failed", one["verdict"]
        assert found == [(mistake.number, True)], one["explanations"]


def _passed(case: dict[str, Any]) -> bool:
    return case["verdict"]["kind"] in {"passed", "skipped"}


def test_each_diagnosis_has_a_mistake_and_a_cure() -> None:
    """Advice that nobody has tried is not given."""
    assert {one.name for one in Diagnosis} == {mistake_of(path).number for path in MISTAKES}
