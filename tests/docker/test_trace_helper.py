"""The helper that brings the kernel's trace from the engine's machine: nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.api.client import APIClient

from runner.engine.docker import DockerEngine, trace_helper
from runner.engine.docker.address import open_client
from runner.engine.docker.trace_helper import CASE, TraceHelper
from runner.engine.labels import CASE as CASE_LABEL
from runner.engine.labels import RUN
from runner.engine.trace.settings import PREFIX, SECOND_PREFIX
from runner.engine.trace.tracefs import TRACEFS
from runner.errors import TraceUnavailable
from runner.model.container import BuiltImage
from tests.support.desk import ROOT, Desk, Outcome

pytestmark = pytest.mark.docker

RUN_ID = f"trace-helper-{os.getpid()}"
PROBE = BuiltImage("probe", str(ROOT / "images" / "probe"))
HANDLER = f"""\
name: a handler
container: {{build: {ROOT}/images/sig-proc, init: [/c-init-sig], ready: {{logs: ready}}}}
steps: [{{signal: SIGTERM, expect: {{init: {{exited: 0}}}}}}]
"""
HOLDS_ONE = f"""\
import sys
from runner.engine.docker import DockerEngine
from runner.model.container import BuiltImage
engine = DockerEngine(sys.argv[1], sys.argv[2])
engine.prepare_probe(BuiltImage("probe", {str(ROOT / "images" / "probe")!r}), print)
trace = engine.open_trace(local=False)
print("open", flush=True)
input()
"""


@pytest.fixture
def client(docker_address: str) -> Iterator[APIClient]:
    """The engine's own interface; no helper is left by any test."""
    one = open_client(docker_address)
    yield one
    assert not helpers(one)
    one.close()


@pytest.fixture
def helper(engine: DockerEngine) -> TraceHelper:
    """A helper, where there can be one."""
    try:
        return engine.open_trace(local=False)
    except TraceUnavailable as error:
        pytest.skip(error.what)


def helpers(client: APIClient) -> list[str]:
    """The helpers of this test's runs."""
    labels = [f"{CASE_LABEL}={CASE}", f"{RUN}={RUN_ID}"]
    found = client.containers(all=True, filters={"label": labels})
    return [one["Id"] for one in found]


def instance_of(client: APIClient) -> Path:
    """The instance of the one helper there is; PIDs are the machine's, so is our tracefs."""
    (one,) = helpers(client)
    pid = client.inspect_container(one)["State"]["Pid"]
    if not (TRACEFS / "instances").is_dir() or os.geteuid() != 0:
        pytest.skip("the instance cannot be looked at from here")
    (instance,) = (TRACEFS / "instances").glob(f"{PREFIX}{pid}-*")
    return instance


def until(done: Callable[[], bool]) -> None:
    """Wait for a thing to become so."""
    give_up_s = time.monotonic() + 120
    while not done():
        assert time.monotonic() < give_up_s
        time.sleep(0.02)


def end(helper: TraceHelper, by: Callable[[], object] | None = None) -> list[str]:
    """
    Close a helper, or end it `by` other means, and give what it has brought.

    That is read meanwhile: the engine does not report an end before all output is taken.
    """
    lines: list[str] = []
    thread = threading.Thread(target=lambda: lines.extend(helper.lines()))
    thread.start()
    (by or helper.close)()
    thread.join(60)
    assert not thread.is_alive()
    helper.remove()
    return lines


def test_a_helper_and_its_instance_end_with_its_use(client: APIClient, helper: TraceHelper) -> None:
    """It says its clock first, and answers who a task is."""
    instance = instance_of(client)
    helper.identify(os.getpid())
    lines = end(helper)

    assert lines[0].startswith("clock: ")
    assert any(one.startswith(f"identity: {os.getpid()} ") for one in lines)
    assert not instance.exists()
    assert not list(instance.parent.glob(f"{SECOND_PREFIX}{instance.name.removeprefix(PREFIX)}"))
    assert not helpers(client)


def test_a_helper_has_no_more_rights_than_it_needs(client: APIClient, helper: TraceHelper) -> None:
    """No network, no log, and of all capabilities the one to see the namespaces of others."""
    (one,) = helpers(client)
    host = client.inspect_container(one)["HostConfig"]
    end(helper)

    assert (host["NetworkMode"], host["LogConfig"]["Type"]) == ("none", "none")
    assert (host["CapDrop"], host["CapAdd"]) == (["ALL"], ["SYS_PTRACE"])
    assert host["Privileged"] is False


def test_where_the_machine_has_no_tracefs_the_helper_mounts_one(
    engine: DockerEngine, client: APIClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For itself: the mount is gone with it."""
    monkeypatch.setattr(trace_helper, "_TRACEFS", str(tmp_path))
    helper = engine.open_trace(local=False)
    (one,) = helpers(client)
    added = client.inspect_container(one)["HostConfig"]["CapAdd"]
    lines = end(helper)

    assert added == ["SYS_PTRACE", "SYS_ADMIN"]
    assert lines[0].startswith("clock: ")


def test_a_setting_that_the_kernel_refuses_says_so(
    engine: DockerEngine, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left half made."""
    monkeypatch.setattr(trace_helper, "instance_settings", lambda: [("trace_clock", "sundial")])

    with pytest.raises(TraceUnavailable, match="cannot write trace_clock: Invalid argument"):
        engine.open_trace(local=False)


def test_an_engine_that_refuses_the_helper_says_why(
    engine: DockerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own words."""
    monkeypatch.setattr(engine, "_probe_image", "scenario-run/no-such-image:1")

    with pytest.raises(TraceUnavailable, match=r"cannot start the helper: .*no-such-image"):
        engine.open_trace(local=False)


def test_sigterm_ends_a_helper_in_good_order(client: APIClient, helper: TraceHelper) -> None:
    """As when somebody stops it: the record ends, and the instance is gone."""
    instance = instance_of(client)
    (one,) = helpers(client)
    end(helper, by=lambda: client.kill(one, "SIGTERM"))

    assert not instance.exists()


def test_what_a_killed_helper_has_left_is_removed_by_the_next(
    engine: DockerEngine, client: APIClient, helper: TraceHelper
) -> None:
    """Its name tells that its process is gone."""
    instance = instance_of(client)
    (one,) = helpers(client)
    end(helper, by=lambda: client.kill(one, "SIGKILL"))
    assert instance.exists()

    end(engine.open_trace(local=False))

    assert not instance.exists()


def test_the_helper_of_a_killed_run_ends_by_itself(
    client: APIClient, helper: TraceHelper, docker_address: str
) -> None:
    """Its input ends with the runner."""
    end(helper)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_ONE, docker_address, RUN_ID],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert "open" in holder.stdout.readline()
    instance = instance_of(client)
    holder.kill()
    holder.communicate()

    until(lambda: not helpers(client))
    assert not instance.exists()


def test_a_runner_that_is_not_root_takes_the_helper(
    docker_address: str, helper: TraceHelper
) -> None:
    """By itself, and says so; the evidence is the same."""
    end(helper)
    socket = Path(docker_address.removeprefix("unix://"))
    if os.geteuid() != 0 or not socket.is_socket() or socket.stat().st_mode & 0o060 != 0o060:
        pytest.skip("needs root to become another user, and a socket for a group")
    # Not below pytest's own folder, which is for root only.
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        outcome = as_another(Path(name), docker_address, socket.stat().st_gid)
        assert outcome.code == 0, outcome.err
        engine, kinds = outcome.result["engine"], {fact["kind"] for fact in outcome.timelines}

    assert (engine["evidence"], engine["evidence_why"]) == ("kernel", "from a helper container")
    assert "signal_delivered" in kinds


def as_another(folder: Path, address: str, group: int) -> Outcome:
    """Run a scenario as a user who is not root, of this group."""
    desk = Desk(folder, address, python_for_others(), user=1000, groups=[group])
    path = f"{ROOT}:{sysconfig.get_path('purelib')}"
    return desk.run(HANDLER, PYTHONPATH=path, HOME=str(folder))


def python_for_others() -> str:
    """Give a Python that a user who is not root may run."""
    for one in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with contextlib.suppress(OSError):
            subprocess.run([one, "-c", ""], check=True, user=1000, group=1000)
            return one
    pytest.skip("no Python here is for anybody but root")
