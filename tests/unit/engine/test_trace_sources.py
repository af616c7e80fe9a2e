"""The kernel's trace of this machine: who may have it, and what is refused with which words."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from runner.engine.trace import tasks, tracefs
from runner.engine.trace.identity import MACHINES_OWN, identity_at_birth, identity_of
from runner.engine.trace.lines import Birth, Identity
from runner.engine.trace.settings import instance_settings, second_settings
from runner.engine.trace.tracefs import LocalTrace
from runner.errors import TraceUnavailable


@pytest.fixture(autouse=True)
def _tracefs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that is not tracefs, as on a system where nobody has mounted it."""
    me = Identity(os.getpid(), os.getpid(), os.getpid(), 1, MACHINES_OWN)
    monkeypatch.setattr(tracefs, "TRACEFS", tmp_path)
    monkeypatch.setattr(tracefs, "identity_of", lambda _: me)


def refusal() -> str:
    """Say why there is no trace."""
    with pytest.raises(TraceUnavailable) as caught:
        LocalTrace()
    return caught.value.what


def test_only_root_may_mount_tracefs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said as that, without trying."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert refusal() == "only root may read the kernel's trace"


def test_a_tracefs_that_may_not_be_looked_into_is_for_root_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is mounted, and closed to all others."""

    def denied(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_dir", denied)

    assert refusal() == "only root may read the kernel's trace"


def test_a_mount_that_is_refused_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of mount(8)."""
    words = "mount: permission denied.\n"

    def refused(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(32, "mount", stderr=words)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", refused)

    assert refusal() == "tracefs cannot be mounted: mount: permission denied."


def test_a_system_without_mount_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no mistake of ours."""

    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "mount")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(subprocess, "run", missing)

    assert "No such file or directory" in refusal()


def test_a_tracefs_that_may_not_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for anyone but root."""
    (tmp_path / "instances").mkdir()

    def denied(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)

    assert refusal() == f"cannot read {tmp_path}/instances: Permission denied"


def test_an_instance_that_cannot_be_set_up_is_not_left_half_made(tmp_path: Path) -> None:
    """An ordinary folder has no events."""
    (tmp_path / "instances").mkdir()

    assert "No such file or directory" in refusal()


@pytest.mark.parametrize(
    "identity", [None, Identity(7, 7, 2, 2, 4026532183)], ids=["unknown", "container"]
)
def test_in_a_pid_namespace_of_ones_own_the_numbers_are_others(
    identity: Identity | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trace has those of the machine, and /proc there has not."""
    monkeypatch.setattr(tracefs, "identity_of", lambda _: identity)

    assert refusal() == "this process has a PID namespace of its own, unlike the kernel"


def test_who_a_process_is() -> None:
    """Its own process, its PID in its own namespace, and which namespace that is."""
    me = identity_of(os.getpid())

    assert me is not None
    assert (me.task, me.process) == (os.getpid(), os.getpid())
    assert me.namespace == Path("/proc/self/ns/pid").stat().st_ino
    assert identity_of(2**22 + 1) is None
    text = Path("/proc/self/cgroup").read_text(encoding="utf-8")
    assert me.cgroup == (text.rstrip("\n").replace("\n", ",").replace(" ", "?") or "-")
    assert 0 < me.started_ns <= time.monotonic_ns()


def test_only_who_may_be_of_a_container_is_asked_for_at_birth() -> None:
    """In the machine's own PID namespace, that is what a runtime starts."""
    pid = os.getpid()
    me = identity_of(pid)
    assert me is not None
    in_container = me.namespace != MACHINES_OWN

    assert identity_at_birth(Birth(2**22 + 1, runtime=True)) is None
    assert (identity_at_birth(Birth(pid, runtime=False)) is not None) == in_container
    assert identity_at_birth(Birth(pid, runtime=True)) is not None


def test_each_filter_is_for_an_event_that_is_enabled() -> None:
    """But reads, which a call of signalfd(2) enables."""
    for settings in (dict(instance_settings()), dict(second_settings())):
        filters = {name.removesuffix("filter") for name in settings if name.endswith("/filter")}
        enabled = {name.removesuffix("enable") for name in settings if name.endswith("/enable")}
        assert all("_read/" in name for name in filters - enabled)


def test_every_signal_is_recorded_by_one_instance_and_not_by_both() -> None:
    """The kernel's SIGCHLD for the end of a child by the first, all others by the second."""
    name = "events/signal/signal_generate/filter"

    assert dict(instance_settings())[name] == "sig == 17 && code > 0"
    assert dict(second_settings())[name].endswith(") && (sig != 17 || code <= 0)")


def test_children_that_the_kernel_adds_itself_are_not_written_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One is born whenever one looks, and the kernel adds it as it is born."""
    file = tmp_path / tasks.RECORDED
    file.write_text("")
    written: list[str] = []
    born = [7]

    def processes() -> list[int]:
        if written:
            born.append(born[-1] + 1)
            file.write_text(file.read_text() + f"{born[-1]}\n")
        return born

    def append(path: Path, text: str) -> None:
        written.append(text)
        path.write_text(path.read_text() + text.replace(" ", "\n") + "\n")

    monkeypatch.setattr(tasks, "_processes", processes)
    monkeypatch.setattr(tasks, "_tasks", lambda process: [process])
    monkeypatch.setattr(tasks, "_comm", lambda _: b"dockerd")
    monkeypatch.setattr(tasks, "append", append)

    assert tasks.record_engine(tmp_path)
    assert written == ["7"]
