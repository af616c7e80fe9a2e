"""
Threads that bring what the engine streams into a queue, with the time of its arrival.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from runner.engine.contract import EventQueue, Output, OutputEnded
from runner.engine.docker.failures import CONNECTION_ERRORS
from runner.model.expectation import Stream

_STREAMS: Final = {1: Stream.STDOUT, 2: Stream.STDERR}
_HEADER: Final = struct.Struct(">BxxxL")
_PIECE: Final = 64 * 1024

Frames = Iterator[tuple[Stream, bytes]]


class HijackedStream:
    """
    The connection of an attach or an exec, once the engine has turned it into a stream.

    docker-py hands out the raw reader below the response. What came in one piece with the
    response's head is then in the buffer above it and would be lost (the first words of an exec,
    on a busy machine), so we read from that buffer.
    """

    def __init__(self, reader: Any, *, raw: bool = False) -> None:
        response = getattr(reader, "_response", None)
        self._reader = reader
        self._raw = raw
        self._buffered: BinaryIO = response.raw._fp.fp if response is not None else reader
        self._socket: socket.socket = getattr(reader, "_sock", reader)
        # Silence is no failure: a container may have nothing to say for hours.
        self._socket.settimeout(None)

    def frames(self) -> Frames:
        """Return what arrives on the two output streams, until the end."""
        return frames_of(self._buffered, raw=self._raw)

    def write(self, data: bytes) -> None:
        """Write to standard input; a reader that is gone is no error."""
        with contextlib.suppress(OSError):
            self._socket.sendall(data)

    def end_input(self) -> None:
        """Let the other side find the end of its input."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Return the connection up."""
        self._socket.close()
        self._buffered.close()
        self._reader.close()


def frames_of(reader: Any, *, raw: bool) -> Frames:
    """
    Cut a stream of the engine's into what the two output streams have brought.

    `raw` is that of a terminal: there is no telling the two apart, all of it is standard output.
    """
    if raw:
        # At most what is there already; more would wait for it.
        read = getattr(reader, "read1", reader.read)
        while data := read(_PIECE):
            yield Stream.STDOUT, data
        return
    while len(header := reader.read(_HEADER.size)) == _HEADER.size:
        number, size = _HEADER.unpack(header)
        data = reader.read(size)
        if data and number in _STREAMS:
            yield _STREAMS[number], data


def follow(
    frames: Frames, source: str, queue: EventQueue, close: Callable[[], None]
) -> threading.Thread:
    """Read the output of `source` in a thread until its end, then `close` what it came from."""
    thread = threading.Thread(
        target=_pump, args=(frames, source, queue, close), name=f"output of {source}", daemon=True
    )
    thread.start()
    return thread


def _pump(frames: Frames, source: str, queue: EventQueue, close: Callable[[], None]) -> None:
    # A connection that breaks ends the stream; that the engine is gone is told by the events.
    with contextlib.suppress(*CONNECTION_ERRORS, ValueError):
        for name, data in frames:
            queue.put(Output(queue.now_ns(), source, name, data))
    queue.put(OutputEnded(queue.now_ns(), source))
    close()
