"""The reader of the kernel's trace comes to rest."""

from __future__ import annotations

import os
import threading
import time

import pytest

from runner.engine.docker import DockerEngine
from runner.engine.docker.address import open_client
from runner.engine.docker.trace_helper import CASE
from runner.engine.labels import CASE as CASE_LABEL
from runner.engine.labels import RUN, Owner
from runner.errors import TraceUnavailable
from runner.model.container import ContainerPlan
from tests.support.kernel_play import CONFORMANCE, PATIENCE_S

pytestmark = pytest.mark.docker

RUN_ID = f"trace-reader-{os.getpid()}"
CALLS_SIGNALFD = ContainerPlan(
    image=CONFORMANCE, init=("/conformance", "run", "consume signalfd USR1")
)


@pytest.mark.parametrize("local", [True, False], ids=["local", "helper"])
def test_its_own_reads_are_not_recorded(
    engine: DockerEngine, docker_address: str, *, local: bool
) -> None:
    """From the first signalfd(2) on reads are, and a read that finds nothing would be the next."""
    try:
        trace = engine.open_trace(local=local)
    except TraceUnavailable as error:
        pytest.skip(error.what)
    lines: list[str] = []
    thread = threading.Thread(target=lambda: lines.extend(trace.lines()))
    thread.start()
    reader = thread.native_id if local else pid_of_helper(docker_address)
    container = engine.create(
        CALLS_SIGNALFD,
        image=engine.ensure_image(CONFORMANCE, lambda _: None),
        labels=Owner.this_process().labels(RUN_ID, "a case"),
        queue=engine.open_inbox().queue(""),
        share_pid_of="",
    )
    try:
        container.start()
        give_up_s = time.monotonic() + PATIENCE_S
        while not any("sys_signalfd" in one for one in lines):
            if any(one.startswith("scope: ") and one.endswith(" 0") for one in lines):
                pytest.skip("this kernel has no tracepoints for system calls")
            assert time.monotonic() < give_up_s
            time.sleep(0.02)
        # Enough for ten thousand reads of a reader that finds its own.
        time.sleep(1)
    finally:
        container.remove()
        trace.close()
        thread.join(PATIENCE_S)
        trace.remove()

    assert not [one for one in lines if "sys_read" in one and f"-{reader} " in one]


def pid_of_helper(address: str) -> int:
    """Give the PID of the one helper of this test on the engine's machine."""
    client = open_client(address)
    labels = [f"{CASE_LABEL}={CASE}", f"{RUN}={RUN_ID}"]
    (helper,) = client.containers(filters={"label": labels})
    pid = client.inspect_container(helper["Id"])["State"]["Pid"]
    client.close()
    return int(pid)
