"""What somebody else does to the container of a case is errored: nothing is known of it then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docker
import pytest

from runner.engine.labels import CASE
from tests.support.desk import GIVE_UP_AFTER_S
from tests.support.twins import ROOT

pytestmark = pytest.mark.docker

SCENARIO = """
name: {name}
container: {{build: field, init: [/app, --ignore], ready: {{logs: app ready}}}}
steps:
  - name: it goes on
    expect: {{init: running, for: 8s}}
"""

Act = Callable[[Any], None]


def kill_shim(container: Any) -> None:  # noqa: ANN401 - docker-py is not typed
    """Kill the parent of init, as a crash or the OOM killer of the machine would."""
    init = container.client.api.inspect_container(container.id)["State"]["Pid"]
    status = Path(f"/proc/{init}/status").read_text(encoding="utf-8")
    (parent,) = [line.split()[1] for line in status.splitlines() if line.startswith("PPid:")]
    os.kill(int(parent), signal.SIGKILL)


ACTS: dict[str, tuple[Act, str]] = {
    "stop": (lambda one: one.stop(timeout=1), "somebody else has sent SIGTERM to init"),
    "kill": (lambda one: one.kill(), "somebody else has sent SIGKILL to init"),
    "remove": (lambda one: one.remove(force=True), "somebody else has sent SIGKILL to init"),
    "pause": (lambda one: one.pause(), "somebody else has paused the container"),
    "shim": (kill_shim, "somebody else has sent SIGKILL to init"),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_somebody_else_does_is_errored(act: str, tmp_path: Path, docker_address: str) -> None:
    """And said in words; the container is gone afterwards."""
    if act == "shim" and os.geteuid() != 0:
        pytest.skip("the shim is root's, and only the kernel trace tells of its end")
    name = f"by others {uuid.uuid4().hex[:8]}"
    (tmp_path / "images").symlink_to(ROOT / "images")
    (tmp_path / "one.yml").write_text(SCENARIO.format(name=name), encoding="utf-8")
    command = [sys.executable, "-m", "runner", "--report-dir", tmp_path, tmp_path / "one.yml"]
    client = docker.DockerClient(base_url=docker_address)

    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        container = _ready_container(client, name)
        ACTS[act][0](container)
        output, _ = process.communicate(timeout=GIVE_UP_AFTER_S)

    (case,) = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["cases"]
    assert case["verdict"]["kind"] == "errored", output
    assert ACTS[act][1] in case["verdict"]["what"], output
    assert client.containers.list(all=True, filters={"label": f"{CASE}={name}"}) == []


def _ready_container(client: Any, name: str) -> Any:  # noqa: ANN401 - docker-py is not typed
    give_up = time.monotonic() + GIVE_UP_AFTER_S
    while time.monotonic() < give_up:
        for one in client.containers.list(filters={"label": f"{CASE}={name}"}):
            if b"app ready" in one.logs():
                time.sleep(1)  # the step is under way
                return one
        time.sleep(0.05)
    raise AssertionError(f"no container of {name} has started")
