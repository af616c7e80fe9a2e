"""Claims that are so pass, and claims that are not so fail."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.desk import GIVE_UP_AFTER_S
from tests.support.twins import ROOT, TWINS, Kind, outcomes

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("path", TWINS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_twin_comes_out_as_it_must(path: Path, tmp_path: Path, docker_address: str) -> None:
    """Those of `pass` pass and those of `fail` fail; none is skipped or cannot be judged."""
    process = subprocess.run(
        [sys.executable, "-m", "runner", "--report-dir", tmp_path, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=GIVE_UP_AFTER_S,
        check=False,
    )
    stored = tmp_path / "result.json"
    assert stored.exists(), process.stdout + process.stderr

    seen = list(outcomes(json.loads(stored.read_text(encoding="utf-8"))))

    assert seen
    assert [f"{one.name}: {one.words}" for one in seen if one.kind is not Kind.RIGHT] == []
