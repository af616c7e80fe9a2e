"""What the engine streams: nothing is lost, wherever it was buffered."""

from __future__ import annotations

import io
import socket
import struct
from types import SimpleNamespace

from runner.engine.docker.streams import HijackedStream
from runner.model.expectation import Stream


def frame(number: int, data: bytes) -> bytes:
    """A frame as the engine multiplexes it."""
    return struct.pack(">BxxxL", number, len(data)) + data


def hijacked(data: bytes) -> tuple[HijackedStream, socket.socket]:
    """A stream whose first bytes came with the head of the response."""
    here, there = socket.socketpair()
    reader = SimpleNamespace(
        _sock=here,
        _response=SimpleNamespace(
            raw=SimpleNamespace(_fp=SimpleNamespace(fp=io.BufferedReader(io.BytesIO(data))))
        ),
        close=lambda: None,
    )
    return HijackedStream(reader), there


def test_what_came_with_the_head_of_the_response_is_not_lost() -> None:
    """docker-py's raw reader would miss it."""
    stream, there = hijacked(frame(1, b"hello\n") + frame(2, b"oops\n") + frame(1, b""))

    assert list(stream.frames()) == [(Stream.STDOUT, b"hello\n"), (Stream.STDERR, b"oops\n")]
    stream.close()
    there.close()


def test_a_stream_that_is_cut_off_ends() -> None:
    """In the middle of a head or of its data."""
    for cut in (frame(1, b"hello\n")[:5], frame(1, b"hello\n")[:-3]):
        stream, there = hijacked(frame(1, b"up\n") + cut)

        assert next(stream.frames()) == (Stream.STDOUT, b"up\n")
        stream.close()
        there.close()


def test_writing_and_the_end_of_input_reach_the_other_side() -> None:
    """And a reader that is gone is no error."""
    stream, there = hijacked(b"")
    stream.write(b"look 1\n")
    stream.end_input()

    assert there.recv(100) == b"look 1\n"
    assert there.recv(100) == b""
    there.close()
    stream.write(b"nobody reads this\n")
    stream.close()
    stream.end_input()
