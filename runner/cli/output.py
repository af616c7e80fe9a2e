"""
Standard output and standard error, whatever becomes of them: no run ends because nobody reads.

A reader that has gone (`| head`), a full disk, a descriptor that was closed, an encoding without
some of the characters: the rest is not written, the reports are.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Callable, Generator
from typing import Final, TextIO, cast

from runner.cli.exit_codes import INTERNAL
from runner.cli.tell import tell

_DESCRIPTORS: Final = (0, 1, 2)


class Output(io.TextIOBase):
    r"""
    Writes to a stream until that fails; `failure` is the error then, and nothing more is written.

    Characters that the stream cannot encode are written as `\u2026`.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.failure: OSError | None = None
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Write, or do nothing where nobody reads."""
        if self.failure is None:
            with self._noticed():
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write what is not yet written."""
        if self.failure is None:
            with self._noticed():
                self._stream.flush()

    def isatty(self) -> bool:
        """Return whether that is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the descriptor of the stream."""
        return self._stream.fileno()

    @contextlib.contextmanager
    def _noticed(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            self.failure = error
            # What the stream still holds would be tried again at the end of the program.
            with contextlib.suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


def with_output(program: str, run: Callable[[], int]) -> int:
    """Run a program's main function; its exit code is 1 where its output could not be written."""
    with standard_streams() as output:
        try:
            code = run()
        except SystemExit as ended:
            # argparse has printed a help text, which may be cut short as well.
            raise SystemExit(_code(program, output) or ended.code) from None
        of_output = _code(program, output)
        return code or of_output


def _code(program: str, output: Output) -> int:
    """Return 0, or say why the output is not whole; the reader's wish, as of `head`, is fine."""
    output.flush()
    failure = output.failure
    if failure is None or failure.errno == errno.EPIPE:
        return 0
    tell(f"{program}: cannot write to standard output: {failure.strerror}")
    return INTERNAL


@contextlib.contextmanager
def standard_streams() -> Generator[Output]:
    """Make both streams such that they can be written to whatever happens; give standard output."""
    open_descriptors()
    before = sys.stdout, sys.stderr
    out, err = Output(sys.stdout), Output(sys.stderr)
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", err)
    try:
        yield out
    finally:
        out.flush()
        err.flush()
        sys.stdout, sys.stderr = before


def open_descriptors() -> None:
    """
    Open those of the first three descriptors that are closed, so that no other file gets them.

    Python has no stream for such a descriptor (`>&-`); it gets one that writes nowhere.
    """
    for number in _DESCRIPTORS:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if cast("TextIO | None", sys.stdout) is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as the original
    if cast("TextIO | None", sys.stderr) is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as the original
