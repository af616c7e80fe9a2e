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
from typing import Final, NamedTuple

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
_STAMP: Final = re.compile(r" {0,4}(\d{1,10})\.(\d{6}): ", re.ASCII)
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


class _Head(NamedTuple):
    """The beginning of a line, before what is the event's own."""

    comm: str
    tid: int
    cpu: int
    at_ns: int
    rest: str


Item = TraceEvent | Mark | Lost


class TraceReader:
    """
    Reads the trace of one instance line by line, from a time on.

    A name with newlines makes several lines of one event; together they are read as that.
    """

    def __init__(self, since_ns: int = 0) -> None:
        self._since_ns = since_ns
        self._pieces: list[str] = []
        self._seen_ns: dict[int, int] = {}
        self._lost: dict[int, int] = {}

    def read(self, line: str) -> tuple[Item, ...]:
        """Read one more line; nothing where it says nothing to us, or not yet."""
        head = _head(line)
        if head is not None:
            event = _event_of(head)
            # The first line of an event that a newline in a name has cut in two makes no sense.
            self._pieces = [line] if event is None else []
            lost = self._after_gap(head)
            return tuple(one for one in (lost, event) if one is not None)
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

    def _after_gap(self, head: _Head) -> Lost | None:
        """The line of a loss comes right before the first event of that processor after it."""
        since_ns = self._seen_ns.get(head.cpu, self._since_ns)
        self._seen_ns[head.cpu] = head.at_ns
        if head.cpu not in self._lost:
            return None
        return Lost(head.at_ns, self._lost.pop(head.cpu), since_ns)


def read_event(line: str) -> TraceEvent | Mark | None:
    """Read the line of one event; None where it says nothing to us."""
    head = _head(line)
    return _event_of(head) if head is not None else None


def _head(line: str) -> _Head | None:
    # As kernels since 5.17 write it, unless a name has bytes of more: "%16s-%-7d [%03d] %5s ".
    if line[16:17] == "-" and line[24:26] == " [" and line[29:31] == "] " and line[36:37] == " ":
        stamp = _STAMP.match(line, 37)
        tid, cpu = line[17:24].rstrip(" "), line[26:29]
        if stamp is not None and tid.isdecimal() and cpu.isdecimal():
            at_ns = int(stamp[1]) * 1_000_000_000 + int(stamp[2]) * 1000
            return _Head(line[:16].lstrip(" "), int(tid), int(cpu), at_ns, line[stamp.end() :])
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    at_ns = int(found["s"]) * 1_000_000_000 + int(found["us"]) * 1000
    return _Head(found["comm"], int(found["tid"]), int(found["cpu"]), at_ns, found["rest"])


def _event_of(head: _Head) -> TraceEvent | Mark | None:
    name, _, body = head.rest.partition(": ")
    comm = "" if head.comm == _UNNAMED else head.comm
    try:
        if name.startswith("sys_"):
            return _syscall(head, comm, name, body)
        return _tracepoint(head, comm, name, body)
    except UnknownSignal:
        return None  # 32 and 33, the C library's own


def _tracepoint(head: _Head, comm: str, name: str, body: str) -> TraceEvent | Mark | None:
    at_ns, actor = head.at_ns, head.tid
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


def _syscall(head: _Head, comm: str, name: str, body: str) -> TraceEvent | None:
    """Read `sys_read(fd: 4, buf: 0x7ffd, count: 0x80)` or `sys_read -> 0x80`; all is in hex."""
    at_ns, actor = head.at_ns, head.tid
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
            return _syscall_end(head, comm)


def _syscall_end(head: _Head, comm: str) -> TraceEvent | None:
    name, _, text = head.rest.partition(" -> ")
    found = _RESULT.fullmatch(text)
    if found is None:
        return None
    value = int(found[1], 16)
    result = value - 2 * _SIGN if value & _SIGN else value
    match name:
        case "sys_read":
            return ReadEnded(head.at_ns, head.tid, comm, result)
        case "sys_rt_sigtimedwait" | "sys_rt_sigtimedwait_time64" if result > 0:
            return Accepted(head.at_ns, head.tid, comm, Signal(result))
        case _:
            return None


def _comm_of(file: str) -> str:
    """Give the name that a program of this file has, as long as it does not change it."""
    return file.rpartition("/")[2].encode()[:MAX_COMM_BYTES].decode("utf-8", "ignore")
