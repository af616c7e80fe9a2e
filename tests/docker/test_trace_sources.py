"""The kernel's trace of this machine, on the real tracefs: nothing of it outlives its run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from runner.engine.trace.settings import PREFIX
from runner.engine.trace.tracefs import TRACEFS, LocalTrace
from runner.errors import TraceUnavailable

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the kernel's trace"),
]

HOLDS_ONE = """\
from runner.engine.trace.tracefs import LocalTrace
trace = LocalTrace()
print(trace._instances[0].name, flush=True)
input()
"""


@pytest.fixture
def trace() -> LocalTrace:
    """A trace, where there can be one."""
    try:
        return LocalTrace()
    except TraceUnavailable as error:
        pytest.skip(error.what)


def instances(pid: int) -> list[Path]:
    """The instances of a process."""
    return list((TRACEFS / "instances").glob(f"{PREFIX}*{pid}-*"))


def test_a_trace_brings_events_and_leaves_nothing(trace: LocalTrace) -> None:
    """Its instance has a clock of its own, and is gone after `remove`."""
    instance, second = sorted(instances(os.getpid()))
    lines: list[str] = []
    seen = threading.Event()

    def read() -> None:
        for line in trace.lines():
            lines.append(line)
            if "filename=/bin/true" in line or "filename=/usr/bin/true" in line:
                seen.set()

    thread = threading.Thread(target=read)
    thread.start()
    subprocess.run(["/bin/true"], check=True)
    assert seen.wait(10)
    assert "[mono]" in (instance / "trace_clock").read_text()
    assert "[mono]" in (second / "trace_clock").read_text()
    trace.identify(os.getpid())
    trace.close()
    thread.join(10)
    trace.remove()

    assert not thread.is_alive()
    assert not instances(os.getpid())


def test_an_instance_that_cannot_be_read_is_removed_at_once(
    trace: LocalTrace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after any exception."""
    trace.remove()

    real_open = os.open

    def refuse(path: str, flags: int) -> int:
        if str(path).endswith("trace_pipe"):
            raise PermissionError(1, "Operation not permitted", "trace_pipe")
        return real_open(path, flags)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(TraceUnavailable, match="trace_pipe: Operation not permitted"):
        LocalTrace()

    monkeypatch.undo()
    assert not instances(os.getpid())


def test_what_a_killed_run_has_left_is_removed_by_the_next(trace: LocalTrace) -> None:
    """By its name: its process is gone. That of a living process stays."""
    trace.remove()
    holders = [
        subprocess.Popen(
            [sys.executable, "-c", HOLDS_ONE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        )
        for _ in range(2)
    ]
    try:
        for one in holders:
            assert one.stdout is not None
            assert one.stdout.readline().startswith(PREFIX)
        dead, living = holders
        dead.kill()
        dead.wait()
        assert instances(dead.pid)

        LocalTrace().remove()

        assert not instances(dead.pid)
        assert instances(living.pid)
    finally:
        for one in holders:
            one.kill()
            one.communicate()
        LocalTrace().remove()
    assert not instances(living.pid)
