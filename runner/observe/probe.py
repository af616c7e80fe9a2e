"""
The probe's language: requests as words, answers as lines `SECRET LENGTH JSON` (see images/probe).

Decoding never fails on what a container can do: names and arguments may hold any byte, and what
does not carry the secret is not the probe's.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from runner.kernel.masks import SignalMasks, union
from runner.kernel.processes import ProcessState, is_runtime
from runner.model.process import Process, SignalFd, ThreadSeen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ALL_BITS: Final = (1 << 64) - 1
_LONGEST_LINE: Final = 32 * 1024 * 1024
_LONGEST_FOREIGN_LINE: Final = 64 * 1024
_MOST_DIGITS: Final = 20
_INT64: Final = range(-(1 << 63), 1 << 63)
_SHOWN_BYTES: Final = 200
_MASK: Final = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class ProbeReady:
    """The probe has started. Its clock reads `now_ns`."""

    now_ns: int
    pid: int


@dataclass(frozen=True, slots=True)
class KillResult:
    """The answer to a request to send a signal; both times are the probe's clock."""

    request: int
    before_ns: int
    after_ns: int
    errno: str


@dataclass(frozen=True, slots=True)
class PermissionCheck:
    """
    What kill(2) with signal 0 answered right before the signal itself is sent.

    It asks for the same permission; it is all there is when the signal ends init and with it the
    probe, before the probe can answer.
    """

    request: int
    now_ns: int
    errno: str


@dataclass(frozen=True, slots=True)
class ProcessList:
    """All processes but the probe. `request` is None for a report that was not asked for."""

    request: int | None
    now_ns: int
    processes: tuple[Process, ...]


@dataclass(frozen=True, slots=True)
class ProtocolError:
    """An answer of the probe that says what is wrong, or cannot be read."""

    line: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """
    Bytes without the secret: somebody else's.

    Before the probe's first answer these are the engine's words on why it could not be started.
    """

    line: str


ProbeAnswer = ProbeReady | PermissionCheck | KillResult | ProcessList | ProtocolError
ProbeWord = ProbeAnswer | Foreign


class ProbeDecoder:
    """
    Cuts the output of the probe that was given `secret` into lines and reads them.

    Once the probe has answered, the first bytes that are not its own end the reading: what comes
    after them cannot be trusted to be whole.
    """

    def __init__(self, secret: str) -> None:
        self._head = secret.encode() + b" "
        self._rest = bytearray()
        self._answered = False
        self._over = False

    def feed(self, data: bytes) -> Iterator[ProbeWord]:
        """Yield the answers that are complete with these bytes."""
        if self._over:
            return
        searched = len(self._rest)
        self._rest += data
        while (end := self._rest.find(b"\n", searched)) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            searched = 0
            yield self._word(line)
            if self._over:
                return
        if self._is_too_much():
            self._over = True
            yield Foreign(_shown(self._rest))

    def _word(self, line: bytes) -> ProbeWord:
        text = _text_of(line, self._head)
        if text is not None:
            self._answered = True
            return read_answer(text)
        self._over = self._answered
        return Foreign(_shown(line))

    def _is_too_much(self) -> bool:
        """Return whether what has come of a line cannot be the beginning of an answer."""
        begun = self._rest[: len(self._head)]
        if not self._head.startswith(begun):
            return self._answered or len(self._rest) > _LONGEST_FOREIGN_LINE
        return len(self._rest) > _LONGEST_LINE


def _text_of(line: bytes, head: bytes) -> bytes | None:
    """
    Return the JSON of a line that begins with the secret and is as long as it says.

    Another process may write into the middle of a long line, but cannot take anything out of it.
    """
    if not line.startswith(head):
        return None
    length, space, text = line[len(head) :].partition(b" ")
    return text if space and length == str(len(text)).encode() else None


def _shown(line: bytes | bytearray) -> str:
    return line[:_SHOWN_BYTES].decode("ascii", "backslashreplace")


def read_answer(text: bytes) -> ProbeAnswer:
    """Read the JSON of one line."""
    try:
        return _read(json.loads(text, parse_int=_number, parse_float=_none, parse_constant=_none))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ProtocolError(_shown(text))


def _number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(digits)
    return int(digits)


def _none(word: str) -> float:
    """Refuse what the probe never writes."""
    raise ValueError(word)


def _read(answer: Mapping[str, object]) -> ProbeAnswer:
    now_ns = _int(answer["now"])
    if "hello" in answer:
        return ProbeReady(now_ns=now_ns, pid=_int(answer["pid"]))
    if "permission" in answer:
        return PermissionCheck(_int(answer["id"]), now_ns, _str(answer["permission"]))
    if "errno" in answer:
        return KillResult(
            request=_int(answer["id"]),
            before_ns=now_ns,
            after_ns=_int(answer["done"]),
            errno=_str(answer["errno"]),
        )
    processes = cast("Sequence[Mapping[str, object]]", answer["processes"])
    return ProcessList(
        request=_int(answer["id"]) if "id" in answer else None,
        now_ns=now_ns,
        processes=tuple(
            process for process in map(_process, processes) if not _is_entering(process)
        ),
    )


def _is_entering(process: Process) -> bool:
    # A process on its way in (an exec), still the runtime's own program: not yet the container's.
    return process.pid != 1 and process.ppid == 0 and is_runtime(process.comm)


def _process(fields: Mapping[str, object]) -> Process:
    threads = cast("Sequence[Mapping[str, object]]", fields.get("threads") or ())
    masks = SignalMasks(
        blocked=_mask(fields["blk"]),
        ignored=_mask(fields["ign"]),
        caught=_mask(fields["cgt"]),
        thread_pending=_mask(fields["pnd"]),
        pending=_mask(fields["shdpnd"]),
    )
    seen = tuple(
        ThreadSeen(
            _int(one["tid"]),
            _mask(one["blk"]),
            _mask(one["pnd"]),
            waits=_waits(one),
            waits_for=_waits_for(one),
        )
        for one in threads
    )
    waits_for = _waits_for(fields)
    blocked_by_all = masks.blocked | (waits_for or 0) if not threads else _ALL_BITS
    pending = masks.thread_pending | masks.pending
    for thread in seen:
        blocked_by_all &= thread.blocked | (thread.waits_for or 0)
        pending |= thread.pending
    signalfds = tuple(
        SignalFd(_int(one["fd"]), _mask(one["mask"]))
        for one in cast("Sequence[Mapping[str, object]]", fields.get("signalfd") or ())
    )
    return Process(
        pid=_int(fields["pid"]),
        ppid=_int(fields["ppid"]),
        pgid=_int(fields["pgid"]),
        sid=_int(fields["sid"]),
        state=ProcessState.of(_str(fields["state"])),
        comm=_text(fields["comm"]),
        argv=tuple(_text(word) for word in cast("Sequence[object]", fields["argv"])),
        uid=_int(fields["uid"]),
        started=_int(fields["start"]),
        masks=masks,
        blocked_by_all=blocked_by_all,
        pending_anywhere=pending,
        foreign=bool(fields.get("foreign")),
        threads=seen,
        waits=_waits(fields),
        signalfd=union(one.mask for one in signalfds),
        traced=bool(fields.get("tracer")),
        waits_for=waits_for,
        signalfds=signalfds,
        exe=_text(fields.get("exe") or ""),
    )


def _waits(fields: Mapping[str, object]) -> bool:
    return bool(fields.get("waits") or fields.get("may_wait"))


def _waits_for(fields: Mapping[str, object]) -> int | None:
    return _mask(fields["waits_for"]) if "waits_for" in fields else None


def _int(value: object) -> int:
    if type(value) is not int or value not in _INT64:
        raise ValueError(value)
    return value


def _str(value: object) -> str:
    if type(value) is not str:
        raise ValueError(value)
    return value


def _mask(value: object) -> int:
    if _MASK.fullmatch(_str(value)) is None:
        raise ValueError(value)
    return int(_str(value), 16)


def _text(value: object) -> str:
    # The probe writes one code point for each byte; most names are UTF-8 all the same.
    return _str(value).encode("latin-1", "replace").decode("utf-8", "backslashreplace")
