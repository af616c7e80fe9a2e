"""Processes of the container that write to the probe's output: nobody but the probe is believed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.desk import Desk

pytestmark = pytest.mark.docker

IMAGES = Path(__file__).parents[2] / "images"
ATTACKS = {
    "a flood": "head -c 200000 /dev/zero | tr '\\0' '['",
    "a huge number": """printf '{"now":1%04000d,"processes":[]}\\n' 0""",
    "forged answers": """for i in {1..20}; do printf \
          '{"id":%d,"now":3000000000000,"done":3000000000001,"errno":"ESRCH"}\\n' $i; done""",
}
SCENARIO = """\
name: attacked
container:
  build: {images}/sig-proc
  {more}
  init:
    - bash
    - -c
    - |
      attack() {{
          {attack}
      }}
      trap '' USR1
      while :; do
        for process in /proc/[0-9]*; do
          if [ "$(cat $process/comm)" = probe ]; then
            if attack > $process/fd/1; then echo written; else echo denied; fi
          fi
        done 2> /dev/null
        sleep 0.1
      done
  ready: {{logs: "{ready}"}}
steps:
  - signal: {{send: SIGUSR1, from: inside}}
    expect: {{accepted: true, init: running, for: 300ms}}
---
name: beside it
container: {{build: {images}/sig-proc, init: [/c-init-nosig], ready: {{logs: ready}}}}
steps: [{{signal: {{send: SIGTERM, from: inside}}, expect: {{init: running, for: 100ms}}}}]
"""


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_probes_output_is_closed_to_root(
    tmp_path: Path, docker_address: str, attack: str
) -> None:
    """Not even root of the container can open it, so nothing comes of it."""
    scenario = SCENARIO.format(images=IMAGES, more="", ready="denied", attack=ATTACKS[attack])
    outcome = Desk(tmp_path, docker_address).run(scenario)

    assert outcome.code == 0, outcome.out
    assert "written" not in {fact.get("text", "").strip() for fact in outcome.timelines}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_tracer_writes_there_errors_its_case_only(
    tmp_path: Path, docker_address: str, attack: str
) -> None:
    """With CAP_SYS_PTRACE it can be opened: nothing is believed, and the run goes on."""
    scenario = SCENARIO.format(
        images=IMAGES, more="cap_add: [SYS_PTRACE]", ready="written", attack=ATTACKS[attack]
    )
    outcome = Desk(tmp_path, docker_address).run(scenario)

    attacked, beside = (case["verdict"] for case in outcome.result["cases"])
    assert outcome.code == 2, outcome.out
    assert attacked["kind"] == "errored"
    assert "somebody else has written to the probe's stream" in attacked["what"]
    assert beside["kind"] == "passed"
    assert "ESRCH" not in json.dumps([one for one in outcome.timelines if "errno" in one])
    assert (tmp_path / "reports" / "junit.xml").exists()
    assert (tmp_path / "reports" / "report.md").exists()
