"""A wrong init in a real container: what it does, where it can run, and what of it is noticed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from runner.engine.docker.address import open_client
from runner.engine.docker.engine import DockerEngine, resolved_argv
from runner.engine.docker.images import ensure_image
from runner.kernel.signals import ALL_SIGNALS, SIGKILL, SIGSTOP, Signal
from runner.model.container import BuiltImage, WrongInit
from runner.model.mutation import Mutant
from runner.model.settings import Settings
from runner.model.verdict import Passed
from runner.plan.load import load_cases
from runner.report.sentences import headline
from runner.run.pipeline import new_run_id, run
from tests.docker.test_kernel_conditions import Quiet
from tests.support.desk import Desk

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
SHELL = f"build: {ROOT}/images/sig-proc"
SIGCHLD = Signal.parse("CHLD")
EVERY = [one for one in ALL_SIGNALS if one not in {SIGKILL, SIGSTOP, SIGCHLD}]
"""The signals of a scenario that a wrong init catches or ignores."""

REAPS = [WrongInit.IGNORES, WrongInit.NEVER_FORWARDS, WrongInit.WRONG_STATUS]


def bash(script: str, more: str = "") -> str:
    """Give a container whose program is bash with that script."""
    return f"{{{SHELL}, init: [bash, -c, {json.dumps(script)}]{more}}}"


def passes(kind: WrongInit, text: str, folder: Path, address: str) -> None:
    """Assert that a scenario about a container with a wrong init passes."""
    path = folder / "x.yml"
    path.write_text(text, encoding="utf-8")
    cases = [Mutant(case, "", kind).case for case in load_cases([str(path)])]
    settings = Settings(run_id=new_run_id())
    engine = DockerEngine(address, settings.run_id)
    try:
        ran = run(cases, engine=engine, settings=settings, forks=2, listener=Quiet())
    finally:
        engine.close()
    said = [headline(one) for one in ran.cases if not isinstance(one.verdict, Passed)]
    assert said == []


TRAPS = bash(
    "trap 'echo got TERM; sleep 0.3; echo done; exit 7' TERM; trap 'echo got HUP' HUP; "
    "trap 'echo got INT; exit 255' INT; echo ready; while :; do sleep 0.05; done",
    ", ready: {logs: ready}",
)
KEEPS = f"""
name: signals are kept from the program
container: {TRAPS}
steps:
  - expect:
      init: {{comm: wrong-init, %s: {EVERY}, default: SIGCHLD}}
      process: {{comm: bash, parent: init}}
  - signal: "{{{{ item }}}}"
    loop: [SIGHUP, SIGTERM, SIGTSTP, SIGCONT, SIGSEGV, SIGCHLD, RTMIN+3]
    expect: {{accepted: true, init: running}}
  - stop: 1s
    expect: {{init: {{exited: 137}}, logs: {{absent: got}}, shutdown: {{escalated: true}}}}
"""


def test_one_ignores_every_signal(tmp_path: Path, docker_address: str) -> None:
    """All that can be ignored but SIGCHLD; the program gets none."""
    passes(WrongInit.IGNORES, KEEPS % "ignored", tmp_path, docker_address)


def test_one_catches_every_signal_and_forwards_none(tmp_path: Path, docker_address: str) -> None:
    """All that can be caught but SIGCHLD; the program gets none."""
    passes(WrongInit.NEVER_FORWARDS, KEEPS % "caught", tmp_path, docker_address)


@pytest.mark.parametrize("sent", ["SIGHUP", "SIGTERM", "SIGSEGV", "SIGCONT", "RTMIN+3"])
def test_one_exits_at_once(sent: str, tmp_path: Path, docker_address: str) -> None:
    """By whatever signal, with 0; the program does not get it."""
    text = f"""
name: exits at once
container: {TRAPS}
steps:
  - expect: {{init: {{caught: {EVERY}, default: SIGCHLD}}}}
  - signal: {sent}
    expect: {{init: {{exited: 0}}, logs: {{absent: got}}}}
"""
    passes(WrongInit.EXITS_AT_ONCE, text, tmp_path, docker_address)


def test_one_forwards_and_does_not_wait(tmp_path: Path, docker_address: str) -> None:
    """The program is killed before it has ended, whether it was heard or not."""
    text = f"""
name: does not wait
container: {TRAPS}
steps:
  - expect: {{init: {{caught: {EVERY}, default: SIGCHLD}}}}
  - stop: 5s
    expect: {{init: {{exited: 0}}, logs: {{absent: done}}, shutdown: {{escalated: false}}}}
"""
    passes(WrongInit.DOES_NOT_WAIT, text, tmp_path, docker_address)


def test_one_forwards_and_ends_with_another_status(tmp_path: Path, docker_address: str) -> None:
    """One more than the program's; 0 for 255, and 128 + n + 1 for one that signal n has killed."""
    text = f"""
name: an exit of 7
container: {TRAPS}
steps:
  - expect: {{init: {{caught: {EVERY}, default: SIGCHLD}}}}
  - signal: SIGHUP
    expect: {{init: running, logs: got HUP}}
  - signal: SIGTERM
    expect: {{init: {{exited: 8}}, logs: {{in_order: [got TERM, done]}}}}
---
name: an exit of 255
container: {TRAPS}
steps: [{{signal: SIGINT, expect: {{init: {{exited: 0}}, logs: got INT}}}}]
---
name: killed
container: {TRAPS}
steps: [{{signal: SIGUSR1, expect: {{init: {{exited: {128 + 10 + 1}}}, logs: {{absent: got}}}}}}]
"""
    passes(WrongInit.WRONG_STATUS, text, tmp_path, docker_address)


@pytest.mark.parametrize("kind", WrongInit)
def test_the_program_finds_everything_as_without_it(
    kind: WrongInit, tmp_path: Path, docker_address: str
) -> None:
    """
    Masks, environment, user, folder and terminal; on a read-only root, without privileges.

    32 and 33 may be ignored, as the engine has left them.
    """
    code = 1 if kind is WrongInit.WRONG_STATUS else 0
    rights = "read_only: true, cap_drop: [ALL], security_opt: ['no-new-privileges:true']"
    text = f"""
name: the program's own
container:
  {SHELL}
  init: [bash, -c, 'echo $FOO $(id -u) $PWD $(tty) $PPID']
  environment: {{FOO: bar}}
  user: "1000"
  working_dir: /tmp
  tty: true
steps: [{{expect: {{init: {{exited: {code}}}, logs: "bar 1000 /tmp /dev/pts/0 1"}}}}]
---
name: the masks
container: {{{SHELL}, init: [cat, /proc/self/status], {rights}, user: "1000"}}
steps:
  - expect:
      init: {{exited: {code}}}
      logs:
        in_order: ["/^SigBlk:.0{{16}}$/", "/^SigIgn:.0{{7}}[01][08]0{{7}}$/", "/^SigCgt:.0{{16}}$/"]
"""
    passes(kind, text, tmp_path, docker_address)


@pytest.mark.parametrize("kind", WrongInit)
def test_it_runs_in_an_image_from_scratch(
    kind: WrongInit, tmp_path: Path, docker_address: str
) -> None:
    """It needs nothing of the image, whose entrypoint it takes over."""
    text = f"""
name: from scratch
container: {{build: {ROOT}/images/conformance}}
steps:
  - expect: {{init: {{comm: wrong-init}}, process: {{comm: conformance, parent: init}}}}
"""
    passes(kind, text, tmp_path, docker_address)


@pytest.mark.parametrize("kind", REAPS)
def test_no_orphan_stays_as_a_zombie(kind: WrongInit, tmp_path: Path, docker_address: str) -> None:
    """PID 1 waits for it, as the program itself would not."""
    text = f"""
name: reaps
container: {{build: {ROOT}/images/reaping, init: [/init-never-waits], ready: {{logs: ready}}}}
steps:
  - exec: [/make-orphan, "0.3"]
    expect: {{exec: {{exit: 0}}}}
  - expect: {{processes: {{alive: 2, zombies: 0}}, within: 5s}}
"""
    passes(kind, text, tmp_path, docker_address)


def test_an_argv_is_what_the_engine_makes_of_it(tmp_path: Path, docker_address: str) -> None:
    """Of entrypoint and command, given or not, and those of the image."""
    (tmp_path / "Dockerfile").write_text(
        'FROM debian:bookworm-slim\nENTRYPOINT ["/bin/first", "1"]\nCMD ["more"]\n'
    )
    client = open_client(docker_address)
    image = ensure_image(client, BuiltImage("argv", str(tmp_path)), lambda _: None)
    try:
        for entrypoint, command in itertools.product(
            [None, [], ["/bin/echo"], ["/bin/echo", "x"]], [None, [], ["y", "z"]]
        ):
            created = client.create_container(image, entrypoint=entrypoint, command=command)
            seen = client.inspect_container(created["Id"])
            client.remove_container(created["Id"])

            made = resolved_argv(entrypoint, command, ["/bin/first", "1"], ["more"])
            assert (seen["Path"], *seen["Args"]) == made, (entrypoint, command)
    finally:
        client.remove_image(image)
        client.close()


GOOD = f"""\
name: a good one
container: {TRAPS}
steps:
  - stop: 2s
    expect: {{init: {{exited: 7}}, logs: done, shutdown: {{escalated: false}}}}
"""
WEAK = f"""\
name: a weak one
container: {TRAPS}
steps: [{{stop: 1s, expect: {{init: {{exited: [0, 7, 137, 143]}}}}}}]
"""


def outcomes(text: str, folder: Path, address: str, *options: str) -> tuple[int, Sequence[str]]:
    """Give the exit code, and which wrong inits survive."""
    outcome = Desk(folder, address).run(text, "--mutate", *options)
    (scenario,) = json.loads((folder / "reports" / "mutation.json").read_text())["scenarios"]
    assert scenario["mutants"] == len(WrongInit), outcome.out + outcome.err
    (case,) = scenario["cases"]
    survivors = [one["wrong_init"] for one in case["mutants"] if one["outcome"] == "survived"]
    assert scenario["killed"] == len(WrongInit) - len(survivors)
    return outcome.code, survivors


def test_a_good_scenario_kills_all(tmp_path: Path, docker_address: str) -> None:
    """Exit code 0, and reports as of a normal run that has passed."""
    assert outcomes(GOOD, tmp_path, docker_address) == (0, [])

    (case,) = json.loads((tmp_path / "reports" / "result.json").read_text())["cases"]
    assert (case["name"], case["verdict"]["kind"]) == ("a good one", "passed")


@pytest.mark.parametrize("evidence", ["kernel", "engine"])
def test_a_weak_scenario_lets_the_others_live(
    evidence: str, tmp_path: Path, docker_address: str
) -> None:
    """One that takes nearly any end notices only a status that it does not list; exit code 2."""
    survivors = ["ignores", "never-forwards", "exits-at-once", "does-not-wait"]

    assert outcomes(WEAK, tmp_path, docker_address, "--evidence", evidence) == (2, survivors)
