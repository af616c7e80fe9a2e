"""
Which tasks of this machine are recorded, and which are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from runner.engine.trace.identity import identity_of, namespace_of
from runner.engine.trace.settings import ENGINE_COMMS

RECORDED: Final = "set_event_pid"
LEFT_OUT: Final = "set_event_notrace_pid"

_CONTAINER_DEPTH: Final = 2


def record_engine(instance: Path) -> bool:
    """
    Let an instance record the engine's processes, our own, and what descends from them.

    Our own may send signals, too. Says whether there are any of the engine's; if not, nothing is
    changed, so that a new instance records all tasks.
    """
    comms = {name.encode() for name in ENGINE_COMMS}

    def recorded(process: int) -> bool:
        return process == os.getpid() or _comm(process) in comms

    if not any(_comm(process) in comms for process in _processes()):
        return False
    _write_all((instance / RECORDED,), recorded)
    return True


def leave_out(task: int, *instances: Path) -> bool:
    """
    Let instances record no more of a container: of all tasks in a task's PID namespace.

    Says whether they do: nobody is left out in the machine's own namespace, nor in one within
    another container, which may be one that is watched.
    """
    who = identity_of(task, with_cgroup=False)
    if who is None or who.depth != _CONTAINER_DEPTH:
        return False

    def inside(process: int) -> bool:
        try:
            return namespace_of(process) == who.namespace
        except (OSError, ValueError):
            return False

    _write_all([instance / LEFT_OUT for instance in instances], inside)
    return True


def append(file: Path, text: str) -> None:
    """
    Write to a file of tracefs; one that is opened to be truncated forgets what it was told before.

    Raises:
        OSError: the kernel does not take it.
    """
    number = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(number, text.encode("ascii"))
    except OSError as error:
        error.filename = str(file)
        raise
    finally:
        os.close(number)


def _write_all(files: tuple[Path, ...] | list[Path], wanted: Callable[[int], bool]) -> None:
    """
    Write tasks until none is missing.

    The kernel adds the children of those that it has itself: what it has is read after what there
    is, or children that are born all the time would be written without end.
    """
    while missing := _tasks_of(wanted) - _has(files[0]):
        for file in files:
            append(file, " ".join(map(str, sorted(missing))))


def _tasks_of(wanted: Callable[[int], bool]) -> set[int]:
    return {task for process in _processes() if wanted(process) for task in _tasks(process)}


def _has(file: Path) -> set[int]:
    return {int(task) for task in file.read_text(encoding="ascii").split()}


def _processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208 - quicker


def _tasks(process: int) -> list[int]:
    try:
        return [int(name) for name in os.listdir(f"/proc/{process}/task")]  # noqa: PTH208 - quicker
    except OSError:
        return []


def _comm(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/comm").read_bytes().rstrip(b"\n")
    except OSError:
        return b""
