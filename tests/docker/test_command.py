"""The command as people use it, on a real engine: outcomes, exit codes, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.desk import GIVE_UP_AFTER_S, Desk

pytestmark = pytest.mark.docker

IMAGES = Path(__file__).parents[2] / "images"
SIG_PROC = f"{{build: {IMAGES}/sig-proc, init: [/c-init-nosig], ready: {{logs: ready}}}}"
SHELL = f"build: {IMAGES}/sig-proc"


@pytest.fixture
def desk(tmp_path: Path, docker_address: str) -> Iterator[Desk]:
    """A desk; whatever a test has run, no container of it is left."""
    one = Desk(tmp_path, docker_address)
    yield one
    path = tmp_path / "reports" / "result.json"
    if path.exists():
        assert not one.containers(json.loads(path.read_text())["run_id"])


def test_a_wrong_expectation_says_what_was_expected_seen_and_when(desk: Desk) -> None:
    """Three of them, each a failure in the console, JUnit and Markdown; exit 2."""
    outcome = desk.run(f"""\
name: ends on SIGTERM
container: {SIG_PROC}
steps: [{{signal: SIGTERM, expect: {{init: {{exited: 0}}, within: 1s}}}}]
---
name: survives SIGKILL from the host
container: {SIG_PROC}
steps: [{{signal: SIGKILL, expect: {{init: running, for: 1s}}}}]
---
name: has a handler
container: {SIG_PROC}
steps: [{{expect: {{init: {{caught: SIGTERM}}, within: 300ms}}}}]
""")

    assert outcome.code == 2
    for said in (
        "expected init exited 0; saw init is still running",
        "expected init running; saw init exited 137 (128 + 9, as SIGKILL gives)",
        "expected init with SIGTERM caught; saw init has SIGTERM default",
    ):
        assert f"    {said}\n" in outcome.out
        assert f"{said} (at " in (outcome.folder / "reports" / "report.md").read_text().replace(
            "\\", ""
        )
    root = ET.parse(outcome.folder / "reports" / "junit.xml").getroot()
    assert (root.get("failures"), root.get("errors")) == ("3", "0")


@pytest.mark.parametrize(
    ("init", "code", "words"),
    [("/nope", 127, "no such file or directory"), ("/etc/passwd", 126, "permission denied")],
)
def test_an_init_that_cannot_be_started_never_started(
    desk: Desk, init: str, code: int, words: str
) -> None:
    """With the engine's words, and not an exit; a step that needs it is an error."""
    outcome = desk.run(f"""\
name: never started
container: {{{SHELL}, init: [{init}]}}
steps: [{{expect: {{init: never_started}}}}]
---
name: an exit is something else
container: {{{SHELL}, init: [{init}]}}
steps: [{{expect: {{init: {{exited: {code}}}}}}}]
---
name: nothing to send to
container: {{{SHELL}, init: [{init}]}}
steps: [{{signal: SIGTERM, expect: {{init: {{exited: 0}}}}}}]
""")

    assert outcome.code == 2
    kinds = [case["verdict"]["kind"] for case in outcome.result["cases"]]
    assert kinds == ["passed", "failed", "errored"]
    (fact, *_) = [one for one in outcome.timelines if one["kind"] == "never_started"]
    assert fact["exit_code"] == code
    assert words in fact["reason"]


def test_a_missing_image_is_the_engines_trouble(desk: Desk) -> None:
    """Exit 4, in one clear sentence; the other cases are run."""
    outcome = desk.run(f"""\
name: no image
container: {{image: "scenario-run-nonesuch:1", pull: never}}
steps: [{{expect: {{init: running}}}}]
---
name: runs all the same
container: {SIG_PROC}
steps: [{{expect: {{init: running}}}}]
""")

    assert outcome.code == 4
    assert "no image 'scenario-run-nonesuch:1' on the engine" in outcome.out
    assert "1 passed, 1 errored" in outcome.out


def test_no_engine_is_one_line_and_exit_4(desk: Desk) -> None:
    """What, where, and what to do; no traceback, no report."""
    outcome = desk.run(
        f"name: x\ncontainer: {SIG_PROC}\nsteps: [{{expect: {{init: running}}}}]\n",
        DOCKER_HOST="unix:///nonexistent.sock",
    )

    assert outcome.code == 4
    assert "no Docker engine answers at unix:///nonexistent.sock" in outcome.err
    assert "Traceback" not in outcome.err
    assert not (outcome.folder / "reports").exists()


def test_reports_that_cannot_be_written_do_not_hide_the_outcome(desk: Desk) -> None:
    """The recap is printed all the same, and the exit code is 1."""
    (desk.folder / "reports").touch()

    outcome = desk.run(f"name: x\ncontainer: {SIG_PROC}\nsteps: [{{expect: {{init: running}}}}]\n")
    (desk.folder / "reports").unlink()

    assert outcome.code == 1
    assert "1 case: 1 passed" in outcome.out
    assert "cannot write reports" in outcome.err


def test_a_container_is_kept_for_people_and_by_the_next_run(desk: Desk) -> None:
    """The one that failed, with the commands for it."""
    passing = f"name: passes\ncontainer: {SIG_PROC}\nsteps: [{{expect: {{init: running}}}}]\n"
    outcome = desk.run(
        f"""\
{passing}
---
name: fails
container: {SIG_PROC}
steps: [{{signal: SIGTERM, expect: {{init: {{exited: 0}}, within: 300ms}}}}]
""",
        "--keep",
    )
    run_id = outcome.result["run_id"]

    assert outcome.code == 2
    assert desk.run(passing).code == 0
    (kept,) = desk.containers(run_id)
    assert kept["State"] == "running"
    name = kept["Names"][0].removeprefix("/")
    for command in ("docker logs", "docker exec -it", "docker rm -f"):
        assert f"    $ {command} {name}" in outcome.out
    desk.remove(name)


def test_what_passes_at_a_later_try_is_flaky(desk: Desk) -> None:
    """Exit 0, but the recap and the reports say so."""
    (desk.folder / "state").mkdir()
    outcome = desk.run(
        f"""\
name: fails once
container:
  {SHELL}
  volumes: ["{desk.folder}/state:/state"]
  init: [sh, -c, "test -e /state/tried && exit 0; touch /state/tried; exit 1"]
steps: [{{expect: {{init: {{exited: 0}}}}}}]
""",
        SCENARIO_RUN_RETRIES="2",
    )

    assert outcome.code == 0, outcome.out
    assert "1 case: 1 passed, 1 flaky" in outcome.out
    assert "try 1: failed: expected init exited 0; saw init exited 1" in outcome.out
    assert "failed, retry 1 of 2" in outcome.err
    assert [one["kind"] for one in outcome.result["cases"][0]["earlier"]] == ["failed"]


LONG = f"""\
name: "{{{{ n }}}}"
matrix: {{n: [1, 2, 3, 4, 5, 6]}}
container: {SIG_PROC}
steps: [{{expect: {{init: running, for: 30s}}}}]
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_all_and_leaves_nothing(desk: Desk, number: signal.Signals) -> None:
    """Ctrl-C, or a CI system's SIGTERM: containers go, reports are written, exit 130."""
    process = desk.start(LONG, "--forks", "2")
    desk.wait_for_a_container_of(process)
    process.send_signal(number)

    outcome = desk.end(process)

    assert outcome.code == 130
    assert not desk.containers_of(process.pid)
    assert outcome.result["interrupted"]
    assert len(outcome.result["cases"]) == 6
    assert "interrupted - 6 cases: 2 interrupted, 4 not begun in " in outcome.out
    running = [line for line in outcome.out.splitlines() if line.startswith("interrupted: ")]
    assert [line.partition(",")[0] for line in running] == ["interrupted: 1", "interrupted: 2"]


def test_what_a_killed_run_leaves_is_removed_by_the_next(desk: Desk) -> None:
    """SIGKILL cannot be caught by us either."""
    process = desk.start(LONG, "--forks", "2")
    desk.wait_for_a_container_of(process)
    process.kill()
    process.communicate()
    assert desk.containers_of(process.pid)

    outcome = desk.run(f"name: x\ncontainer: {SIG_PROC}\nsteps: [{{expect: {{init: running}}}}]\n")

    # Another test's run may be the next one; somebody has removed them.
    assert outcome.code == 0
    assert not desk.containers_of(process.pid)


def test_output_may_hold_anything(desk: Desk) -> None:
    """Binary, escape sequences, no line end: reports are written and parse."""
    outcome = desk.run(f"""\
name: noise
container:
  {SHELL}
  init:
    - sh
    - -c
    - head -c 100000 /dev/urandom; printf '\\033[31mred]]>\\000|`<x>\\n'; echo done; exec sleep 100
  ready: {{logs: done}}
steps: [{{expect: {{init: running}}}}]
""")

    assert outcome.code == 0, outcome.out
    ET.parse(outcome.folder / "reports" / "junit.xml")
    assert outcome.result["totals"]["passed"] == 1


def test_a_flood_of_output_is_judged_whole_and_kept_in_part(desk: Desk) -> None:
    """A line in the middle of 30 MB is found; the result stays small."""
    outcome = desk.run(f"""\
name: flood
container:
  {SHELL}
  init:
    - sh
    - -c
    - |
      flood() {{ yes $(printf %099d $1) | head -c 15000000; }}
      flood 1; echo needle; flood 2; echo done; sleep 100
  ready: {{logs: done, within: 200s}}
timeout: 220s
steps: [{{expect: {{logs: [needle, done], init: running}}}}]
""")

    assert outcome.code == 0, outcome.out
    assert (outcome.folder / "reports" / "cases.jsonl.gz").stat().st_size < 1_000_000
    assert len(json.dumps(outcome.timelines)) < 1_000_000
    assert any(fact["kind"] == "logs_cut" for fact in outcome.timelines)


def test_a_bare_container_of_an_ordinary_user_works_too(desk: Desk) -> None:
    """Read-only, without capabilities: the probe is that user, and may signal its own init."""
    outcome = desk.run(f"""\
name: the user's own init
container:
  {SHELL}
  init: [/c-init-sig]
  user: "1000"
  ready: {{logs: ready}}
  read_only: true
  cap_drop: ALL
steps:
  - signal: {{send: SIGTERM, from: inside}}
    expect: {{accepted: true, init: {{exited: 0}}}}
""")

    assert outcome.code == 0, outcome.out


def test_a_case_has_a_timeout_and_always_steps(desk: Desk) -> None:
    """The timeout is an error; what is to be done in any case is done."""
    outcome = desk.run(f"""\
name: takes too long
timeout: 20s
container: {SIG_PROC}
steps: [{{expect: {{init: {{exited: 0}}, within: 60s}}}}]
always: [{{signal: SIGKILL, expect: {{init: {{exited: 137}}}}}}]
""")

    assert outcome.code == 2
    assert "did not end within its timeout of 20 s" in outcome.out
    steps = outcome.cases[0]["steps"]
    assert [step["verdict"]["kind"] for step in steps] == ["errored", "passed"]


def test_a_dockerfile_that_does_not_build_is_told_in_the_builders_words(desk: Desk) -> None:
    """With its last lines, and how to try it by hand."""
    (desk.folder / "app").mkdir()
    (desk.folder / "app" / "Dockerfile").write_text("FROM scratch\nCOPY nothing /\n")

    outcome = desk.run("name: x\ncontainer: {build: ./app}\nsteps: [{expect: {init: running}}]\n")

    assert outcome.code == 4
    assert "image 'app' does not build" in outcome.out
    assert "docker build" in outcome.out


def test_an_execd_program_finds_the_end_of_its_input(desk: Desk) -> None:
    """As with `docker exec` without -i: `cat` ends at once."""
    outcome = desk.run(f"""\
name: cat
container: {SIG_PROC}
timeout: 60s
steps: [{{exec: [cat], expect: {{exec: {{exit: 0}}}}}}]
""")

    assert outcome.code == 0, outcome.out


def test_a_reader_that_goes_away_does_not_end_the_run(desk: Desk) -> None:
    """`scenario-run ... | head -1`: no traceback, the exit code is that of the cases."""
    process = desk.start(LONG.replace("30s", "1s"), "--forks", "1")
    assert process.stdout
    process.stdout.close()

    assert process.wait(timeout=GIVE_UP_AFTER_S) == 0

    assert process.stderr
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert not desk.containers_of(process.pid)


def test_pause_oom_and_limits_are_real(desk: Desk) -> None:
    """Frozen and thawed; killed for memory and not; limits and kernel parameters in force."""
    outcome = desk.run(f"""\
name: a paused container
container: {{{SHELL}, init: [/c-init-sig], ready: {{logs: ready}}}}
steps:
  - pause: true
    expect: {{init: paused, for: 300ms}}
  - unpause: true
    expect: {{init: running}}
  - pause: true
  - signal: SIGTERM
    expect: {{init: {{exited: 0}}, logs: received SIGTERM}}
---
name: out of memory
container:
  {SHELL}
  mem_limit: 32m
  init: [bash, -c, "sleep 0.3; x=$(head -c 200m /dev/zero | tr '\\\\0' a); sleep 100"]
timeout: 200s
steps: [{{expect: {{oom_killed: true, within: 180s}}}}]
---
name: limits
container:
  {SHELL}
  init: [sh, -c, "ulimit -n; exec sleep 100"]
  ulimits: {{nofile: {{soft: 123, hard: 256}}}}
  sysctls: {{kernel.msgmax: 4096}}
steps:
  - expect: {{oom_killed: false, logs: "123"}}
  - exec: {{argv: [tr, a, b], stdin: banana}}
    expect: {{exec: {{exit: 0, stdout: bbnbnb}}}}
  - exec: [cat, /proc/sys/kernel/msgmax]
    expect: {{exec: {{stdout: "4096"}}}}
""")

    assert outcome.code == 0, outcome.out


def test_every_shipped_example_passes(desk: Desk) -> None:
    """One small file for each feature; those that the engine cannot run are skipped."""
    process = subprocess.run(
        [sys.executable, "-m", "runner", str(IMAGES.parent / "scenarios" / "examples")],
        cwd=desk.folder,
        env={**os.environ, "PYTHONPATH": str(IMAGES.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert process.returncode == 0, process.stdout
