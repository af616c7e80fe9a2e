"""
Loads: what makes a machine busy while something is tested on it.

Each is a context manager that starts child processes. A child has the read end of a pipe as its
standard input and ends when the pipe does: at the end of the block, and also when the parent is
killed. They are in sessions of their own, so that Ctrl-C ends them by that pipe and not halfway.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

STOPPED_S: Final = 0.3
"""For how long the engine stands still each time, in seconds."""

RUNNING_S: Final = 0.7
"""For how long it runs in between."""

_END_WITHIN_S: Final = 60


class LoadRefusedError(Exception):
    """A load cannot be made here; the text says why."""


def busy_loops() -> contextlib.AbstractContextManager[Sequence[int]]:
    """Let one process for each core spin; give their PIDs."""
    return _children([["busy"]] * _cores())


def births() -> contextlib.AbstractContextManager[Sequence[int]]:
    """Let one process for each core run /bin/true again and again; give their PIDs."""
    return _children([["births"]] * _cores())


@contextlib.contextmanager
def slow_engine(address: str) -> Iterator[Sequence[int]]:
    """
    Stop the daemon of an engine for 300 ms about every second; give the PID of who does it.

    SIGCONT is always sent in the end: by the child, by its own parent if the child was killed,
    and by us.

    Raises:
        LoadRefusedError: it is not a dockerd on this machine, or we are not root.
    """
    pid = daemon_of(address)
    with stopping(pid) as pids:
        yield pids


@contextlib.contextmanager
def stopping(pid: int) -> Iterator[Sequence[int]]:
    """Stop a process for 300 ms about every second; in the end it runs, whatever happens."""
    # A descriptor of the process itself: its PID may be used again by another one.
    target = os.pidfd_open(pid)
    try:
        with _children([["stop", str(target)]], target) as pids:
            yield pids
    finally:
        _continue(target)
        os.close(target)


def daemon_of(address: str) -> int:
    """
    Find the dockerd that listens at an address: it has the socket among its descriptors.

    Raises:
        LoadRefusedError: the address is no socket of this machine, no dockerd listens there that
            can be seen from here, or we are not root.
    """
    url = urlsplit(address)
    if url.scheme != "unix":
        raise LoadRefusedError(f"the engine at {address} is not known to be on this machine")
    if os.geteuid() != 0:
        raise LoadRefusedError("only root may stop dockerd: run as root")
    sockets = _listening(Path(url.path))
    for process in Path("/proc").glob("[0-9]*"):
        if _comm(process) == "dockerd" and sockets & set(_descriptors(process)):
            return int(process.name)
    raise LoadRefusedError(f"no dockerd that can be seen from here listens at {address}")


def _listening(path: Path) -> set[str]:
    """Give the sockets bound to a path, as /proc/PID/fd shows them; unix(7), proc_net(5)."""
    real = os.path.realpath(path)
    return {
        f"socket:[{words[6]}]"
        for line in Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()[1:]
        if len(words := line.split()) == 8 and os.path.realpath(words[7]) == real
    }


def _comm(process: Path) -> str:
    with contextlib.suppress(OSError):
        return (process / "comm").read_text(encoding="utf-8").strip()
    return ""


def _descriptors(process: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for one in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # it was closed meanwhile
                yield str(one.readlink())


def _cores() -> int:
    return len(os.sched_getaffinity(0))


@contextlib.contextmanager
def _children(kinds: Sequence[Sequence[str]], *descriptors: int) -> Iterator[Sequence[int]]:
    started: list[subprocess.Popen[bytes]] = []
    try:
        for words in kinds:
            child = subprocess.Popen(
                [sys.executable, __file__, *words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=descriptors,
                start_new_session=True,
            )
            started.append(child)
        for child in started:
            assert child.stdout
            child.stdout.readline()  # it is at work
        yield [child.pid for child in started]
    finally:
        for child in started:
            assert child.stdin
            child.stdin.close()
        for child in started:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    assert child.stdout
    try:
        child.wait(_END_WITHIN_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    child.stdout.close()


def _continue(target: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(target, signal.SIGCONT)


# --- in the child -------------------------------------------------------------------------------


def _ended(within_s: float) -> bool:
    """Say whether the pipe has ended, or ends within so many seconds."""
    return bool(select.select([0], [], [], within_s)[0])


def _spin() -> None:
    while not _ended(0):
        for _ in range(100_000):
            pass


def _give_birth() -> None:
    while not _ended(0):
        for _ in range(20):
            os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def _stop_again_and_again(target: int) -> None:
    """Do it in a child, whose end is waited for, however it ends: the target then runs."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        _continue(target)
        return
    try:
        while not _ended(RUNNING_S):
            signal.pidfd_send_signal(target, signal.SIGSTOP)
            _ended(STOPPED_S)
            signal.pidfd_send_signal(target, signal.SIGCONT)
    finally:
        _continue(target)
        os._exit(0)


def _main(kind: str, *words: str) -> None:
    print("at work", flush=True)  # noqa: T201
    match kind:
        case "busy":
            _spin()
        case "births":
            _give_birth()
        case _:
            _stop_again_and_again(int(words[0]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
