"""
What one exec step's program writes, kept until its end.
"""

from __future__ import annotations

from runner.engine.contract import ExecStream, Output
from runner.model.expectation import Stream
from runner.model.observation import ExecEnded

_KEPT_BYTES = 256 * 1024


class ExecRun:
    """One exec'd program, from its start to the end of its output."""

    def __init__(self, step: int, stream: ExecStream, container: str) -> None:
        self.step = step
        self.ended = False
        self._stream = stream
        self._container = container
        self._kept = {Stream.STDOUT: bytearray(), Stream.STDERR: bytearray()}
        self._cut = dict.fromkeys(Stream, 0)

    @property
    def source(self) -> str:
        """The `source` of its arrivals."""
        return self._stream.source

    @property
    def started(self) -> bool:
        """Whether its program has been executed, or will never be."""
        return self.ended or self._stream.has_started()

    def on_output(self, output: Output) -> None:
        """Keep the end of what it writes."""
        kept = self._kept[output.stream]
        kept += output.data
        if len(kept) > _KEPT_BYTES:
            self._cut[output.stream] += len(kept) - _KEPT_BYTES
            del kept[:-_KEPT_BYTES]

    def end(self, at_ns: int) -> ExecEnded:
        """Its output has ended: ask how it ended."""
        self.ended = True
        return ExecEnded(
            at_ns,
            self.step,
            exit_code=self._stream.exit_code(),
            stdout=self._kept[Stream.STDOUT].decode("utf-8", "replace"),
            stderr=self._kept[Stream.STDERR].decode("utf-8", "replace"),
            cut=sum(self._cut.values()),
            cut_stderr=self._cut[Stream.STDERR],
            container=self._container,
        )
