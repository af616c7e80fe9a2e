"""
Threads that bring what the engine streams into an inbox, stamped on arrival.
"""

# docker-py is typed by loose stubs only; what leaves this folder is typed strictly.
# pyright: basic

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Final, Protocol

from docker.utils.socket import frames_iter

from runner.engine.contract import Inbox, Output, OutputEnded
from runner.engine.docker.failures import CONNECTION_ERRORS
from runner.model.expectation import Stream

_STREAMS: Final = {1: Stream.STDOUT, 2: Stream.STDERR}


class HijackedSocket(Protocol):
    """What docker-py gives for an attached stream: a reader over a real socket."""

    def read(self, size: int = -1, /) -> bytes | None:
        """Read bytes."""
        ...

    def close(self) -> None:
        """Give it up."""
        ...


def follow(stream: HijackedSocket, source: str, inbox: Inbox) -> None:
    """Read the multiplexed output of `source` in a thread until its end."""
    threading.Thread(
        target=_pump, args=(stream, source, inbox), name=f"output of {source}", daemon=True
    ).start()


def _pump(stream: HijackedSocket, source: str, inbox: Inbox) -> None:
    below = raw_socket(stream)
    # A connection that breaks ends the stream; that the engine is gone is told by the events.
    with contextlib.suppress(*CONNECTION_ERRORS, ValueError):
        for number, data in frames_iter(stream, tty=False):
            inbox.put(Output(inbox.now_ns(), source, _STREAMS[number], data))
    inbox.put(OutputEnded(inbox.now_ns(), source))
    below.close()
    stream.close()


def raw_socket(stream: HijackedSocket) -> socket.socket:
    """Give the socket below docker-py's reader, which alone can be written to."""
    return getattr(stream, "_sock", stream)  # pyright: ignore[reportReturnType]
