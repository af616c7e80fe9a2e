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

from runner.engine.trace.lines import Identity, read_identity
from runner.kernel.processes import MAX_COMM_BYTES
from runner.kernel.signals import Signal, UnknownSignal


@dataclass(frozen=True, slots=True)
class Generated:
    """signal_generate: `actor` sent `signal` to `target`. TIDs of the machine."""

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
    """sched_process_fork: a task, process or thread, is born."""

    at_ns: int
    parent: int
    child: int
    comm: str


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
    """The kernel had to overwrite events that were not yet read."""

    events: int


TraceEvent = Generated | Delivered | Forked | Execed | Exited | Freed
"""What happens at a time."""

_LINE: Final = re.compile(
    r"\s*(?P<comm>.+)-(?P<tid>\d+)\s+(?:\([ \d-]+\)\s+)?\[\d+\]\s+\S+\s+(?P<s>\d+)\.(?P<us>\d{6}): "
    r"(?P<event>\w+): (?P<rest>.*)",
    re.DOTALL,
)
_GENERATE: Final = re.compile(
    r"sig=(\d+) errno=-?\d+ code=(-?\d+) comm=(.*) pid=(\d+) grp=(\d) res=(\d)", re.DOTALL
)
_DELIVER: Final = re.compile(
    r"sig=(\d+) errno=-?\d+ code=(-?\d+) sa_handler=([0-9a-f]+) sa_flags=.*"
)
_FORK: Final = re.compile(r"comm=.* pid=(\d+) child_comm=(.*) child_pid=(\d+)", re.DOTALL)
_EXEC: Final = re.compile(r"filename=(.*) pid=(\d+) old_pid=\d+", re.DOTALL)
_EXIT: Final = re.compile(r"comm=(.*) pid=(\d+) prio=-?\d+(?: group_dead=(true|false))?", re.DOTALL)
_FREE: Final = re.compile(r"comm=.* pid=(\d+) prio=-?\d+", re.DOTALL)
_LOST: Final = re.compile(r"CPU:\d+ \[LOST (\d+) EVENTS\]")

_UNNAMED: Final = "<...>"


def read_line(line: str) -> TraceEvent | Identity | Lost | None:
    """Read one line; None where it says nothing to us."""
    if found := _LINE.fullmatch(line):
        at_ns = int(found["s"]) * 1_000_000_000 + int(found["us"]) * 1000
        try:
            return _event(found, at_ns)
        except UnknownSignal:
            return None  # 32 and 33, the C library's own
    if found := _LOST.search(line):
        return Lost(int(found[1]))
    return read_identity(line)


def _event(line: re.Match[str], at_ns: int) -> TraceEvent | None:
    actor, rest = int(line["tid"]), line["rest"]
    comm = "" if line["comm"].strip() == _UNNAMED else line["comm"]
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
        case "sched_process_fork" if found := _FORK.fullmatch(rest):
            return Forked(at_ns, int(found[1]), int(found[3]), found[2])
        case "sched_process_exec" if found := _EXEC.fullmatch(rest):
            return Execed(at_ns, int(found[2]), found[1].rpartition("/")[2][:MAX_COMM_BYTES])
        case "sched_process_exit" if found := _EXIT.fullmatch(rest):
            return Exited(at_ns, int(found[2]), found[1], found[3] != "false")
        case "sched_process_free" if found := _FREE.fullmatch(rest):
            return Freed(at_ns, int(found[1]))
        case _:
            return None
