"""The loads of the soak: they work, and nothing of them stays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest

from tests.support.load import (
    LoadRefusedError,
    births,
    busy_loops,
    daemon_of,
    slow_engine,
    stopping,
)

ROOT = Path(__file__).parents[3]
GIVE_UP_AFTER_S = 120


def until(done: Callable[[], bool]) -> None:
    """Wait for a thing to become so; the bound only ends a hang."""
    give_up_s = time.monotonic() + GIVE_UP_AFTER_S
    while not done():
        assert time.monotonic() < give_up_s
        time.sleep(0.005)


def status(pid: int, field: str) -> str:
    """A field of /proc/PID/stat by its number in proc_pid_stat(5); "" where there is none."""
    with suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[int(field) - 3]
    return ""


def gone(pid: int) -> bool:
    """It has ended; a zombie, which somebody else has to reap, has too."""
    return status(pid, "3") in {"", "Z"}


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process to be stopped."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("load", [busy_loops, births])
def test_there_is_one_process_for_each_core_and_none_stays(
    load: Callable[[], AbstractContextManager[Sequence[int]]],
) -> None:
    """They use the CPU, and are gone when the block is left, by an exception too."""
    started: list[int] = []
    with suppress(KeyboardInterrupt), load() as pids:
        started += pids
        assert len(pids) == len(os.sched_getaffinity(0))
        # Its own CPU time, or that of the children it has waited for, in clock ticks.
        until(
            lambda: all(sum(int(status(pid, n)) for n in ("14", "15", "16", "17")) for pid in pids)
        )
        raise KeyboardInterrupt

    assert started
    assert all(map(gone, started))


def test_births_go_on_all_the_time() -> None:
    """The children it has reaped have had page faults: more and more of them."""
    with births() as pids:
        seen = {pid: int(status(pid, "11")) for pid in pids}
        until(lambda: all(int(status(pid, "11")) > seen[pid] + 1000 for pid in pids))


def test_a_process_is_stopped_and_runs_again_and_again(sleeper: subprocess.Popen[bytes]) -> None:
    """And it runs in the end."""
    with stopping(sleeper.pid):
        for _ in range(2):
            until(lambda: status(sleeper.pid, "3") == "T")
            until(lambda: status(sleeper.pid, "3") != "T")
        until(lambda: status(sleeper.pid, "3") == "T")

    assert status(sleeper.pid, "3") != "T"


def test_a_process_runs_though_who_stopped_it_was_killed(
    sleeper: subprocess.Popen[bytes],
) -> None:
    """Right while it was stopped: then SIGCONT comes from the one that waits for the end."""
    with stopping(sleeper.pid) as (waiter,):
        until(lambda: status(sleeper.pid, "3") == "T")
        stopper = int(Path(f"/proc/{waiter}/task/{waiter}/children").read_text())
        os.kill(stopper, signal.SIGKILL)

        until(lambda: status(sleeper.pid, "3") != "T")
        until(lambda: gone(waiter))


@pytest.mark.parametrize("load", ["busy_loops()", "births()", "stopping({pid})"])
def test_nothing_stays_when_the_parent_is_killed(
    load: str, sleeper: subprocess.Popen[bytes]
) -> None:
    """SIGKILL leaves it no time to clean up: the pipe ends all the same."""
    text = (
        "import time, tests.support.load as load\n"
        f"with load.{load.format(pid=sleeper.pid)} as pids:\n"
        "    print(*pids, flush=True)\n    time.sleep(1000)\n"
    )
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout
        pids = [int(word) for word in parent.stdout.readline().split()]
        parent.kill()

    assert pids
    until(lambda: all(map(gone, pids)))
    until(lambda: status(sleeper.pid, "3") != "T")


def test_an_engine_elsewhere_is_not_slowed_down() -> None:
    """Nobody can stop it from here: said, not passed over."""
    with pytest.raises(LoadRefusedError, match="not known to be on this machine"):
        slow_engine("tcp://127.0.0.1:2375").__enter__()


def test_what_is_no_dockerd_is_not_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """We listen at that socket, and are not called dockerd."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.chdir(tmp_path)  # a socket's path has 108 bytes at most
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s")
        listener.listen()

        with pytest.raises(LoadRefusedError, match="no dockerd that can be seen from here"):
            daemon_of(f"unix://{tmp_path}/s")


def test_a_dockerd_is_found_by_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever way leads to the socket."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    text = (
        "import ctypes, os, socket, sys\n"
        "ctypes.CDLL(None).prctl(15, b'dockerd', 0, 0, 0)\n"
        "os.chdir(sys.argv[1])\n"
        "one = socket.socket(socket.AF_UNIX)\none.bind(sys.argv[1] + '/s')\none.listen()\n"
        "print('ready', flush=True)\nsys.stdin.read()\n"
    )
    (tmp_path / "way").symlink_to(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", text, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as daemon:
        assert daemon.stdout
        daemon.stdout.readline()

        found = daemon_of(f"unix://{tmp_path}/way/s")
        daemon.communicate()

    assert found == daemon.pid


def test_only_root_may_stop_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice is there."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(LoadRefusedError, match="run as root"):
        daemon_of("unix:///var/run/docker.sock")
