"""
What is going on, on one line of a terminal that is written over and over.

Where the stream is no terminal, only what is worth a line of its own is written.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, Self, TextIO

from runner.report.console_style import Style
from runner.report.text import one_line

_ERASE: Final = "\r\x1b[2K"
_EVERY_S: Final = 1.0
_LEAST_OF_A_NAME: Final = 16


class Progress:
    """
    Keeps one status line on a stream. All methods may be called from any thread.

    The line says how many of `total` are done, how many of them are `wrong` (a word), the time
    since it began, and what is running. `live` says that the stream is a terminal. To be used in a
    `with`, during which the time is kept up to date, and which takes the line away.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        total: int,
        live: bool,
        style: Style,
        wrong: str = "failed",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._total = total
        self._live = live
        self._style = style
        self._wrong = wrong
        self._clock = clock
        self._began_s = clock()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
        self._running = Counter[str]()
        self._done = 0
        self._wrong_ones = 0
        self._told: set[str] = set()

    def __enter__(self) -> Self:
        """Keep the time up to date."""
        if self._live:
            self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line away for good."""
        self._ended.set()
        with self._lock:
            if self._live:
                self._write(_ERASE)
            self._live = False

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
            self._running[name] += 1
            self._show_running()

    def finished(self, name: str, *, wrong: bool) -> None:
        """Show that a case has ended, and whether it is to be counted as wrong."""
        with self._lock:
            # Two files may have cases of the same name.
            self._running -= Counter([name])
            self._done += 1
            self._wrong_ones += wrong
            self._show_running()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Take the status line away while something else is written above it."""
        with self._lock:
            if self._live:
                self._write(_ERASE)
            yield
            if self._running:
                self._show_running()

    def _tick(self) -> None:
        while not self._ended.wait(_EVERY_S):
            with self._lock:
                if self._running:
                    self._show_running()

    def _show_running(self) -> None:
        if self._live:
            minutes, seconds = divmod(int(self._clock() - self._began_s), 60)
            done = f"[{self._done:>{len(str(self._total))}}/{self._total}]"
            wrong = f"{self._wrong_ones} {self._wrong}  " if self._wrong_ones else ""
            lead = f"{done}  {wrong}{minutes}:{seconds:02}"
            self._show(f"{lead}  {self._names(self._style.width - len(lead) - 3)}")

    def _names(self, room: int) -> str:
        names = [one_line(name) for name in self._running.elements()]
        shown = max(1, min(len(names), room // _LEAST_OF_A_NAME))
        more = f", {len(names) - shown} more" if len(names) > shown else ""
        each = (room - len(more) - 2 * (shown - 1)) // shown
        return ", ".join(self._style.cut(name, each) for name in names[:shown]) + more

    def _show(self, line: str) -> None:
        self._write(_ERASE + one_line(line)[: self._style.width - 1])

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
