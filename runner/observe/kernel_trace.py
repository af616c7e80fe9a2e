"""
Lines of the kernel's trace, read.

The kernel writes a line for each event (`cat trace_pipe`); whoever brings them adds lines of its
own, which say who a new task is. Names may hold any byte but NUL, so that every pattern takes them
as they come and is anchored at both ends. A line that makes no sense is nothing.

The name at the beginning of a line is one that the kernel has remembered, perhaps from before an
exec; those within the events are true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from runner.engine.trace.lines import CLONE_NEWPID, CLONE_THREAD, Identity, read_identity
from runner.kernel.processes import MAX_COMM_BYTES
from runner.kernel.signals import Signal, UnknownSignal


@dataclass(frozen=True, slots=True)
class Generated:
    """
    signal_generate: `actor` sent `signal` to `target`. TIDs of the machine.

    The `actor_comm` of all events is what the kernel remembers of that task, perhaps from before
    its last exec; a name that is part of the event itself is what it was then.
    """

    at_ns: int
    actor: int
    actor_comm: str
    signal: Signal
    code: int
    target: int
    target_comm: str
    to_process: bool
    result: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """signal_deliver: `actor` takes a signal; `handler` 0 is default, 1 ignored."""

    at_ns: int
    actor: int
    actor_comm: str
    signal: Signal
    code: int
    handler: int


@dataclass(frozen=True, slots=True)
class Forked:
    """
    task_newtask: a task is born; `thread`: of its parent's process, `new_namespace`: as the first
    one of a PID namespace.
    """

    at_ns: int
    parent: int
    parent_comm: str
    child: int
    comm: str
    thread: bool = False
    new_namespace: bool = False


@dataclass(frozen=True, slots=True)
class Execed:
    """sched_process_exec: a process has another program, and so another name."""

    at_ns: int
    task: int
    comm: str


@dataclass(frozen=True, slots=True)
class Exited:
    """sched_process_exit: a task ends; `last`: it was the last of its process."""

    at_ns: int
    task: int
    comm: str
    last: bool


@dataclass(frozen=True, slots=True)
class Freed:
    """sched_process_free: nothing is left of a task."""

    at_ns: int
    task: int


@dataclass(frozen=True, slots=True)
class Lost:
    """
    The kernel had to overwrite events that were not yet read; 0: nobody knows how many.
    """

    events: int


TraceEvent = Generated | Delivered | Forked | Execed | Exited | Freed
"""What happens at a time."""

_FLAGS: Final = re.DOTALL | re.ASCII
_N: Final = r"-?\d{1,19}"
# A name is too short to look like the rest of a head, so that the first head is the line's own.
_LINE: Final = re.compile(
    rf"\s*(?P<comm>.*?)-(?P<tid>{_N})\s+(?:\([ \d-]+\)\s+)?\[\d+\]\s+\S+\s+"
    r"(?P<s>\d{1,10})\.(?P<us>\d{6}): (?P<event>\w+): (?P<rest>.*)",
    _FLAGS,
)
_GENERATE: Final = re.compile(
    rf"sig=({_N}) errno={_N} code=({_N}) comm=(.*) pid=({_N}) grp=(\d) res=(\d)", _FLAGS
)
_DELIVER: Final = re.compile(
    rf"sig=({_N}) errno={_N} code=({_N}) sa_handler=([0-9a-f]{{1,16}}) sa_flags=[0-9a-f]+", _FLAGS
)
_BIRTH: Final = re.compile(
    rf"pid=({_N}) comm=(.*) clone_flags=([0-9a-f]{{1,16}}) oom_score_adj={_N}", _FLAGS
)
_EXEC: Final = re.compile(rf"filename=(.*) pid=({_N}) old_pid={_N}", _FLAGS)
_EXIT: Final = re.compile(rf"comm=(.*) pid=({_N}) prio={_N}(?: group_dead=(true|false))?", _FLAGS)
_FREE: Final = re.compile(rf"comm=.* pid=({_N}) prio={_N}", _FLAGS)
_LOST: Final = re.compile(rf"CPU:\d+ \[LOST (?:({_N}) )?EVENTS\]", _FLAGS)

_UNNAMED: Final = "<...>"
"""What the kernel writes for a name that it does not remember."""

_MOST_PIECES: Final = 16


class TraceReader:
    """
    Reads a trace line by line. A name with newlines makes several lines of one event; together they
    are read as that.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []

    def read(self, line: str) -> TraceEvent | Identity | Lost | None:
        """Read one more line; None where it says nothing to us, or not yet."""
        event = read_line(line)
        if event is not None:
            self._pieces.clear()
            return event
        if _LINE.fullmatch(line):
            self._pieces = [line]
            return None
        if not self._pieces or len(self._pieces) == _MOST_PIECES:
            self._pieces.clear()
            return None
        self._pieces.append(line)
        event = read_line("\n".join(self._pieces))
        if event is not None:
            self._pieces.clear()
        return event


def read_line(line: str) -> TraceEvent | Identity | Lost | None:
    """Read one line; None where it says nothing to us."""
    if found := _LINE.fullmatch(line):
        at_ns = int(found["s"]) * 1_000_000_000 + int(found["us"]) * 1000
        try:
            return _event(found, at_ns)
        except UnknownSignal:
            return None  # 32 and 33, the C library's own
    if found := _LOST.fullmatch(line):
        return Lost(int(found[1] or 0))
    return read_identity(line)


def _event(line: re.Match[str], at_ns: int) -> TraceEvent | None:
    actor, rest = int(line["tid"]), line["rest"]
    comm = "" if line["comm"] == _UNNAMED else line["comm"]
    match line["event"]:
        case "signal_generate" if found := _GENERATE.fullmatch(rest):
            return Generated(
                at_ns,
                actor,
                comm,
                Signal(int(found[1])),
                int(found[2]),
                int(found[4]),
                found[3],
                found[5] == "1",
                int(found[6]),
            )
        case "signal_deliver" if found := _DELIVER.fullmatch(rest):
            signal, handler = Signal(int(found[1])), int(found[3], 16)
            return Delivered(at_ns, actor, comm, signal, int(found[2]), handler)
        case "task_newtask" if found := _BIRTH.fullmatch(rest):
            flags = int(found[3], 16)
            thread, new = bool(flags & CLONE_THREAD), bool(flags & CLONE_NEWPID)
            return Forked(at_ns, actor, comm, int(found[1]), found[2], thread, new)
        case "sched_process_exec" if found := _EXEC.fullmatch(rest):
            return Execed(at_ns, int(found[2]), _comm_of(found[1]))
        case "sched_process_exit" if found := _EXIT.fullmatch(rest):
            return Exited(at_ns, int(found[2]), found[1], found[3] != "false")
        case "sched_process_free" if found := _FREE.fullmatch(rest):
            return Freed(at_ns, int(found[1]))
        case _:
            return None


def _comm_of(file: str) -> str:
    """Give the name that a program of this file has, as long as it does not change it."""
    return file.rpartition("/")[2].encode()[:MAX_COMM_BYTES].decode("utf-8", "ignore")
