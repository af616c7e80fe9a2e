"""
Lines of the kernel's trace, read.

The kernel writes a line for each event (`cat trace_pipe`). Names may hold any byte but NUL, so that
every pattern takes them as they come and is anchored at both ends. A line that makes no sense is
nothing.

The name at the beginning of a line is one that the kernel has remembered, perhaps from before an
exec; those within the events are true.
"""

from __future__ import annotations

import re
from typing import Final

from runner.engine.trace.lines import CLONE_NEWPID, CLONE_THREAD, read_mark
from runner.kernel.processes import MAX_COMM_BYTES
from runner.kernel.signals import Signal, UnknownSignal
from runner.observe.kernel_events import (
    Accepted,
    Attached,
    Delivered,
    Execed,
    ExitCall,
    Exited,
    Forked,
    Freed,
    Generated,
    Lost,
    Mark,
    ReadBegun,
    ReadEnded,
    SignalfdCall,
    SubreaperCall,
    TraceEvent,
)

_FLAGS: Final = re.DOTALL | re.ASCII
_N: Final = r"-?\d{1,19}"
_HEX: Final = r"(?:0x)?([0-9a-f]{1,16})"
# A name is too short to look like the rest of a head, so that the first head is the line's own.
_LINE: Final = re.compile(
    rf"\s*(?P<comm>.*?)-(?P<tid>{_N})\s+(?:\([ \d-]+\)\s+)?\[(?P<cpu>\d{{3,5}})\]\s+\S+\s+"
    r"(?P<s>\d{1,10})\.(?P<us>\d{6}): (?P<rest>.*)",
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
_ATTACH: Final = re.compile(
    rf"dst_root=({_N}) dst_id=({_N}) dst_level={_N} dst_path=.* pid=({_N}) comm=.*", _FLAGS
)
_FREE: Final = re.compile(rf"comm=.* pid=({_N}) prio={_N}", _FLAGS)
_READ: Final = re.compile(rf"{_HEX}, buf: .*, count: {_HEX}\)", _FLAGS)
_STATUS: Final = re.compile(rf"{_HEX}\)", _FLAGS)
_PRCTL: Final = re.compile(rf"{_HEX}, arg2: {_HEX}, .*", _FLAGS)
_RESULT: Final = re.compile(r"0x([0-9a-f]{1,16})", _FLAGS)
_LOST: Final = re.compile(rf"CPU:(\d{{1,5}}) \[LOST (?:({_N}) )?EVENTS\]", _FLAGS)

_UNNAMED: Final = "<...>"
"""What the kernel writes for a name that it does not remember."""

_MOST_PIECES: Final = 16
_PR_SET_CHILD_SUBREAPER: Final = 36
_SIGN: Final = 1 << 63
_CPU, _AT_NS = 2, 3


_Head = tuple[str, int, int, int, str]
"""The beginning of a line: name, TID, processor, time in ns; and what is the event's own."""


Item = TraceEvent | Mark | Lost


class TraceReader:
    """
    Reads the trace of one instance line by line, from a time on.

    A name with newlines makes several lines of one event; together they are read as that.
    """

    def __init__(self, since_ns: int = 0) -> None:
        self._since_ns = since_ns
        self._pieces: list[str] = []
        self._seen: dict[int, str] = {}
        self._lost: dict[int, int] = {}
        self._muted: set[str] = set()

    def mute(self, task: int) -> None:
        """Pass over the signals of a task that is left out: many of them may be waiting."""
        self._muted.add(f"{task:<7}")

    def read(self, line: str) -> tuple[Item, ...]:
        """Read one more line; nothing where it says nothing to us, or not yet."""
        if line[17:24] in self._muted and not self._lost and ": signal_" in line[36:64]:
            return ()
        head = _head(line)
        if head is not None:
            event = _event_of(head)
            # The first line of an event that a newline in a name has cut in two makes no sense.
            self._pieces = [line] if event is None else []
            gap = self._after_gap(head[_CPU], head[_AT_NS]) if self._lost else ()
            self._seen[head[_CPU]] = line
            return (*gap, event) if event is not None else gap
        if found := _LOST.fullmatch(line):
            self._lost[int(found[1])] = int(found[2] or 0)
            return ()
        if not self._pieces or len(self._pieces) == _MOST_PIECES:
            self._pieces.clear()
            return ()
        self._pieces.append(line)
        event = read_event("\n".join(self._pieces))
        if event is None:
            return ()
        self._pieces.clear()
        return (event,)

    def _after_gap(self, cpu: int, at_ns: int) -> tuple[Lost, ...]:
        """The line of a loss comes right before the first event of that processor after it."""
        if cpu not in self._lost:
            return ()
        before = _head(self._seen.get(cpu, ""))
        return (Lost(at_ns, self._lost.pop(cpu), before[_AT_NS] if before else self._since_ns),)


def read_event(line: str) -> TraceEvent | Mark | None:
    """Read the line of one event; None where it says nothing to us."""
    head = _head(line)
    return _event_of(head) if head is not None else None


def _head(line: str) -> _Head | None:
    # As kernels since 5.17 write it, unless a name has bytes of more: "%16s-%-7d [%03d] %5s ".
    if line[16:17] == "-" and line[24:26] == " [" and line[29:31] == "] " and line[36:37] == " ":
        end = line.find(": ", 37)
        tid, cpu, us = line[17:24].rstrip(" "), line[26:29], line[end - 6 : end]
        seconds = line[37 : end - 7].lstrip(" ")
        if f"{tid}{cpu}{us}{seconds}".isdecimal() and line[end - 7 : end - 6] == ".":
            at_ns = int(seconds + us) * 1000
            return line[:16].lstrip(" "), int(tid), int(cpu), at_ns, line[end + 2 :]
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    at_ns = int(found["s"] + found["us"]) * 1000
    return found["comm"], int(found["tid"]), int(found["cpu"]), at_ns, found["rest"]


def _event_of(head: _Head) -> TraceEvent | Mark | None:
    comm, actor, _, at_ns, rest = head
    name, _, body = rest.partition(": ")
    comm = "" if comm == _UNNAMED else comm
    try:
        if name.startswith("sys_"):
            return _syscall(at_ns, actor, comm, rest)
        return _tracepoint(at_ns, actor, comm, name, body)
    except UnknownSignal:
        return None  # 32 and 33, the C library's own


def _tracepoint(
    at_ns: int, actor: int, comm: str, name: str, body: str
) -> TraceEvent | Mark | None:
    match name:
        case "signal_generate" if found := _GENERATE.fullmatch(body):
            signal, code, target = Signal(int(found[1])), int(found[2]), int(found[4])
            to_process, result = found[5] == "1", int(found[6])
            return Generated(at_ns, actor, comm, signal, code, target, found[3], to_process, result)
        case "signal_deliver" if found := _DELIVER.fullmatch(body):
            signal, handler = Signal(int(found[1])), int(found[3], 16)
            return Delivered(at_ns, actor, comm, signal, int(found[2]), handler)
        case "task_newtask" if found := _BIRTH.fullmatch(body):
            flags = int(found[3], 16)
            thread, new = bool(flags & CLONE_THREAD), bool(flags & CLONE_NEWPID)
            return Forked(at_ns, actor, comm, int(found[1]), found[2], thread, new)
        case "sched_process_exec" if found := _EXEC.fullmatch(body):
            return Execed(at_ns, int(found[2]), _comm_of(found[1]))
        case "sched_process_exit" if found := _EXIT.fullmatch(body):
            return Exited(at_ns, int(found[2]), found[1], found[3] != "false")
        case "sched_process_free" if found := _FREE.fullmatch(body):
            return Freed(at_ns, int(found[1]))
        case "cgroup_attach_task" if found := _ATTACH.fullmatch(body):
            return Attached(at_ns, int(found[3]), int(found[1]), int(found[2]))
        case _:
            number = read_mark(f": {body}")
            return Mark(at_ns, number) if number is not None else None


def _syscall(at_ns: int, actor: int, comm: str, rest: str) -> TraceEvent | None:
    """Read `sys_read(fd: 4, buf: 0x7ffd, count: 0x80)` or `sys_read -> 0x80`; all is in hex."""
    name, _, body = rest.partition(": ")
    match name:
        case "sys_read(fd" if found := _READ.fullmatch(body):
            return ReadBegun(at_ns, actor, comm, int(found[1], 16), int(found[2], 16))
        case "sys_exit_group(error_code" | "sys_exit(error_code" if found := _STATUS.fullmatch(
            body
        ):
            return ExitCall(at_ns, actor, comm, int(found[1], 16), "group" in name)
        case "sys_prctl(option" if found := _PRCTL.fullmatch(body):
            on = int(found[2], 16) != 0
            is_that = int(found[1], 16) == _PR_SET_CHILD_SUBREAPER
            return SubreaperCall(at_ns, actor, comm, on) if is_that else None
        case "sys_signalfd4(ufd" | "sys_signalfd(ufd":
            return SignalfdCall(at_ns, actor, comm)
        case _:
            return _syscall_end(at_ns, actor, comm, rest)


def _syscall_end(at_ns: int, actor: int, comm: str, rest: str) -> TraceEvent | None:
    name, _, text = rest.partition(" -> ")
    found = _RESULT.fullmatch(text)
    if found is None:
        return None
    value = int(found[1], 16)
    result = value - 2 * _SIGN if value & _SIGN else value
    match name:
        case "sys_read":
            return ReadEnded(at_ns, actor, comm, result)
        case "sys_rt_sigtimedwait" | "sys_rt_sigtimedwait_time64" if result > 0:
            return Accepted(at_ns, actor, comm, Signal(result))
        case _:
            return None


def _comm_of(file: str) -> str:
    """Return the name that a program of this file has, as long as it does not change it."""
    return file.rpartition("/")[2].encode()[:MAX_COMM_BYTES].decode("utf-8", "ignore")
