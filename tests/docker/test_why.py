"""Why cases go wrong, from real runs: the same as from the recorded timelines."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.archive.stored_run import open_run
from runner.model.verdict import Evidence
from tests.support.desk import Desk
from tests.support.timelines import SCENARIOS, WHY, said_of

pytestmark = pytest.mark.docker


@pytest.mark.timeout(600)
def test_what_goes_wrong_is_told_right(tmp_path: Path, docker_address: str) -> None:
    """Each case of why.yml fails, and is told word for word what that comes from."""
    outcome = Desk(tmp_path, docker_address).run(SCENARIOS.read_text())
    with open_run(tmp_path / "reports" / "cases.jsonl.gz") as stored:
        run = stored.result

    assert outcome.code == 2
    if run.engine.evidence is not Evidence.KERNEL:
        pytest.skip("the kernel trace is not read here")
    missing = {
        case.case.name: words
        for case in run.cases
        for words in WHY[case.case.name]
        if words not in said_of(case.explanations)
    }
    assert not missing
    assert {case.case.name for case in run.cases} == set(WHY)
    assert not [case.case.name for case in run.cases if case.mispredictions]
    assert "why: SIGTERM was dropped" in outcome.out
