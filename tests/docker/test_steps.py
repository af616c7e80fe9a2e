"""Kinds of step on a real engine: each claim that passes, and its twin that must fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.model.verdict import Errored, Evidence, Failed, Passed
from tests.docker.test_kernel_conditions import results

pytestmark = pytest.mark.docker

JOBS = (
    "{image: 'debian:bookworm-slim', ready: {logs: ready}, init: [bash, -c, 'set -m; "
    "sleep 1000 | sleep 1001 & sleep 2000 & echo ready; while :; do wait; sleep 0.1; done']}"
)
ALL_THERE = "{expect: {processes: {comm: sleep, alive: 3}}}"
TO_GROUP = "signal: {send: SIGTERM, to: {group_of: {argv: ^sleep 1001$}}}"

# What is so: the container, the steps, and the last expectation; and one that must fail there.
CLAIMS = {
    "a signal to a process group ends all its members": (
        JOBS,
        f"{ALL_THERE}, {{{TO_GROUP}, expect: ",
        "{accepted: true, processes: {comm: sleep, alive: 1}}",
        "{accepted: true, processes: {comm: sleep, alive: {at_least: 2}}, for: 2s}",
    ),
    "a signal to a process group ends nobody else": (
        JOBS,
        f"{ALL_THERE}, {{{TO_GROUP}, expect: ",
        "{process: {argv: ^sleep 2000$, state: S, pgid: own}}",
        "{process: {argv: ^sleep 2000$, exists: false}, within: 1s}",
    ),
    "a signal to one of the group ends that one": (
        JOBS,
        f"{ALL_THERE}, {{signal: {{send: SIGTERM, to: {{argv: ^sleep 1001$}}}}, expect: ",
        "{processes: {comm: sleep, alive: 2}}",
        "{processes: {comm: sleep, alive: 1}, within: 1s}",
    ),
    "job control makes process groups in one session": (
        JOBS,
        "{expect: ",
        "{process: {argv: ^sleep 1000$, pgid: own, sid: 1}}",
        "{process: {argv: ^sleep 1001$, pgid: own}, within: 1s}",
    ),
}

GRACEFUL = "{build: ROOT/images/sig-proc, init: [/c-init-sig], ready: {logs: ready}}"
BEEN = (
    "{image: 'debian:bookworm-slim', ready: {logs: ready}, init: [bash, -c, 'test -e /been && "
    'echo again; touch /been; trap "echo bye; exit 3" TERM; echo ready; '
    "while :; do sleep 0.05; done']}"
)
ENDED = "{signal: SIGTERM, expect: {init: {exited: [0, 3]}}}"

CLAIMS |= {
    "a start starts an init that has ended": (
        GRACEFUL,
        f"{ENDED}, {{start: true, expect: ",
        "{init: running, logs: ready, restarts: 0}",
        "{init: {exited: 0}, within: 1s}",
    ),
    "a started init is another": (
        GRACEFUL,
        f"{ENDED}, {{start: true}}, {{wait: ready}}, {{signal: SIGTERM, expect: ",
        "{init: {exited: 0}, logs: received}",
        "{init: running, for: 2s}",
    ),
    "what the init before has written is there": (
        BEEN,
        f"{ENDED}, {{start: true, expect: ",
        "{logs: again}",
        "{logs: bye, within: 1s}",
    ),
    "a start after a stop": (
        BEEN,
        "{stop: 5s, expect: {init: {exited: 3}}}, {start: true, expect: ",
        "{init: running, logs: {in_order: [ready, bye, again, ready]}}",
        "{logs: {absent: again}, for: 1s}",
    ),
    "a start as soon as the stop is over": (
        BEEN,
        "{stop: 5s}, {start: true, expect: ",
        "{init: running}",
        "{init: {exited: 3}, within: 1s}",
    ),
    "a start of what ends at once": (
        "{image: 'debian:bookworm-slim', init: [sh, -c, 'echo hello; exit 4']}",
        "{start: true, expect: {init: {exited: 4}}}, {start: true, expect: ",
        "{init: {exited: 4}, logs: hello}",
        "{init: {exited: 0}}",
    ),
}

# What cannot be done: the container, the step, and what must be said.
CANNOT = {
    "a start of an init that runs": (
        GRACEFUL,
        "{start: true, expect: {init: running}}",
        "init still runs, so there is nothing to start",
    ),
    "a start of an init that never started": (
        "{image: 'debian:bookworm-slim', init: [/nope]}",
        "{wait: {until: {init: never_started}}}, {start: true, expect: {init: running}}",
        "it cannot be started again",
    ),
    "a group that kill(2) cannot name": (
        "{build: ROOT/images/sig-proc, init: [/c-init-nosig], ready: {logs: ready}}",
        "{signal: {send: SIGTERM, to: {group_of: {pid: 1}}}, expect: {init: running}}",
        "kill(2) cannot name the process group of process pid=1: its number is 1",
    ),
}

ROOT = Path(__file__).parents[2]


def _scenario(name: str, container: str, steps: str) -> str:
    container = container.replace("ROOT", str(ROOT))
    return f'name: "{name}"\ncontainer: {container}\nsteps: [{steps}]\n'


def test_what_is_so_passes_and_its_twin_fails(tmp_path: Path, docker_address: str) -> None:
    """A claim that passes would prove nothing if the contrary passed, too."""
    path = tmp_path / "claims.yml"
    path.write_text(
        "---\n".join(
            _scenario(f"{name}{mark}", container, f"{steps}{claim}}}")
            for name, (container, steps, so, not_so) in CLAIMS.items()
            for mark, claim in (("", so), (" - twin", not_so))
        ),
        encoding="utf-8",
    )

    told = results([path], docker_address, Evidence.PROC)

    for name in CLAIMS:
        assert isinstance(told[name].verdict, Passed), (name, told[name].verdict)
        twin = told[f"{name} - twin"].verdict
        assert isinstance(twin, Failed), (name, twin)


def test_what_cannot_be_done_is_errored_and_said(tmp_path: Path, docker_address: str) -> None:
    """It has neither passed nor failed."""
    path = tmp_path / "cannot.yml"
    path.write_text(
        "---\n".join(
            _scenario(name, container, steps) for name, (container, steps, _) in CANNOT.items()
        ),
        encoding="utf-8",
    )

    told = results([path], docker_address, Evidence.PROC)

    for name, (*_, words) in CANNOT.items():
        verdict = told[name].verdict
        assert isinstance(verdict, Errored), (name, verdict)
        assert words in verdict.what, (name, verdict)
