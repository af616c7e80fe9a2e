"""
The probe's language: requests as words, answers as JSON lines (see images/probe).

Decoding never fails on what a container can do: names and arguments may hold any byte, and a
line that is not the probe's is reported as `Garbled`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from runner.kernel.masks import SignalMasks
from runner.kernel.processes import RUNTIME_COMM, ProcessState
from runner.model.process import Process, ThreadSeen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ALL_BITS: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Hello:
    """The probe has started. Its clock reads `now_ns`."""

    now_ns: int
    pid: int


@dataclass(frozen=True, slots=True)
class Killed:
    """The answer to a request to send a signal; both times are the probe's clock."""

    request: int
    before_ns: int
    after_ns: int
    errno: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """
    What kill(2) with signal 0 answered right before the signal itself is sent.

    It asks for the same permission; it is all there is when the signal ends init and with it the
    probe, before the probe can answer.
    """

    request: int
    now_ns: int
    errno: str


@dataclass(frozen=True, slots=True)
class Looked:
    """All processes but the probe. `request` is None for a report that was not asked for."""

    request: int | None
    now_ns: int
    processes: tuple[Process, ...]


@dataclass(frozen=True, slots=True)
class Garbled:
    """A line that is no answer of the probe, or a request that the probe did not understand."""

    line: str


ProbeAnswer = Hello | Foreseen | Killed | Looked | Garbled


class ProbeDecoder:
    """Cuts the probe's output into lines and reads them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[ProbeAnswer]:
        """Give the answers that are complete with these bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield read_answer(line)


def read_answer(line: bytes) -> ProbeAnswer:
    """Read one line."""
    try:
        return _read(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Garbled(line[:200].decode("ascii", "backslashreplace"))


def _read(answer: Mapping[str, object]) -> ProbeAnswer:
    now_ns = _int(answer["now"])
    if "hello" in answer:
        return Hello(now_ns=now_ns, pid=_int(answer["pid"]))
    if "foreseen" in answer:
        return Foreseen(_int(answer["id"]), now_ns, str(answer["foreseen"]))
    if "errno" in answer:
        return Killed(
            request=_int(answer["id"]),
            before_ns=now_ns,
            after_ns=_int(answer["done"]),
            errno=str(answer["errno"]),
        )
    processes = cast("Sequence[Mapping[str, object]]", answer["processes"])
    return Looked(
        request=_int(answer["id"]) if "id" in answer else None,
        now_ns=now_ns,
        processes=tuple(
            process for process in map(_process, processes) if not _is_runtime(process)
        ),
    )


def _is_runtime(process: Process) -> bool:
    # A process on its way in (an exec), still the runtime's own program: not yet the container's.
    return process.pid != 1 and process.ppid == 0 and process.comm.startswith(RUNTIME_COMM)


def _process(fields: Mapping[str, object]) -> Process:
    threads = cast("Sequence[Mapping[str, object]]", fields.get("threads") or ())
    masks = SignalMasks(
        blocked=_mask(fields["blk"]),
        ignored=_mask(fields["ign"]),
        caught=_mask(fields["cgt"]),
        thread_pending=_mask(fields["pnd"]),
        pending=_mask(fields["shdpnd"]),
    )
    blocked_by_all = masks.blocked if not threads else _ALL_BITS
    pending = masks.thread_pending | masks.pending
    seen = tuple(
        ThreadSeen(
            _int(one["tid"]), _mask(one["blk"]), _mask(one["pnd"]), waits=bool(one.get("waits"))
        )
        for one in threads
    )
    for thread in seen:
        blocked_by_all &= thread.blocked
        pending |= thread.pending
    signalfd = 0
    for mask in cast("Sequence[object]", fields.get("signalfd") or ()):
        signalfd |= _mask(mask)
    return Process(
        pid=_int(fields["pid"]),
        ppid=_int(fields["ppid"]),
        pgid=_int(fields["pgid"]),
        sid=_int(fields["sid"]),
        state=ProcessState.of(str(fields["state"])),
        comm=_text(fields["comm"]),
        argv=tuple(_text(word) for word in cast("Sequence[object]", fields["argv"])),
        uid=_int(fields["uid"]),
        started=_int(fields["start"]),
        masks=masks,
        blocked_by_all=blocked_by_all,
        pending_anywhere=pending,
        foreign=bool(fields.get("foreign")),
        threads=seen,
        waits=bool(fields.get("waits")),
        signalfd=signalfd,
        traced=bool(fields.get("tracer")),
    )


def _int(value: object) -> int:
    if type(value) is not int:
        raise ValueError(value)
    return value


def _mask(value: object) -> int:
    return int(str(value), 16)


def _text(value: object) -> str:
    # The probe writes one code point for each byte; most names are UTF-8 all the same.
    return str(value).encode("latin-1", "replace").decode("utf-8", "backslashreplace")
