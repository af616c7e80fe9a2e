"""
What is going on, on one line of a terminal that is written over and over.

Where the stream is no terminal, only what is worth a line of its own is written.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from runner.report.text import one_line

_ERASE = "\r\x1b[2K"


class Progress:
    """
    Keeps one status line on a stream. All methods may be called from any thread.

    `live` says that the stream is a terminal, `width` how many characters fit on its lines.
    """

    def __init__(self, stream: TextIO, *, total: int, live: bool, width: int) -> None:
        self._stream = stream
        self._total = total
        self._live = live
        self._width = width
        self._lock = threading.Lock()
        self._running: dict[str, None] = {}
        self._done = 0
        self._told: set[str] = set()

    def note(self, line: str) -> None:
        """Write a line that stays."""
        with self._lock:
            self._write(f"{_ERASE if self._live else ''}{one_line(line)}\n")

    def progress(self, line: str) -> None:
        """Show a line until the next; without a terminal, only the first of each subject stays."""
        subject = line.partition(":")[0].partition(" (")[0]
        with self._lock:
            if self._live:
                self._show(line)
            elif subject not in self._told:
                self._told.add(subject)
                self._write(f"{one_line(line)}\n")

    def started(self, name: str) -> None:
        """Show that a case runs."""
        with self._lock:
            self._running[name] = None
            self._show_running()

    def finished(self, name: str) -> None:
        """Show that a case has ended."""
        with self._lock:
            self._running.pop(name, None)
            self._done += 1
            self._show_running()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Take the status line away while something else is written above it."""
        with self._lock:
            if self._live:
                self._write(_ERASE)
            yield
            if self._live and self._running:
                self._show_running()

    def _show_running(self) -> None:
        if self._live:
            names = ", ".join(self._running)
            self._show(f"{self._done}/{self._total} done, running: {names}")

    def _show(self, line: str) -> None:
        self._write(_ERASE + one_line(line)[: self._width - 1])

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
