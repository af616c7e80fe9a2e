"""
Lines of JSON in a file, each a gzip member of its own: `zcat` gives them all, and each can be read
alone by where it stands. A file of plain lines is read as well.

A line that was cut off when its writer was killed is none.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from runner.errors import UsageError

_GZIP: Final = 31
"""zlib's word for: with the header of gzip."""

_MAGIC: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 16
_LEVEL: Final = 6


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands in its file, in bytes."""

    offset: int
    size: int


class PackedLines:
    """An open file of lines. `append` needs a file that was made by `create`."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._size = size
        self._packed = not size or os.pread(file.fileno(), 2, 0) == _MAGIC

    @classmethod
    def create(cls, path: Path) -> PackedLines:
        """Make a new file; one that stands there is removed, not written over."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        return cls(path.open("x+b", buffering=0), 0)

    @classmethod
    def open(cls, path: Path) -> PackedLines:
        """Open a file to read from."""
        file = path.open("rb", buffering=0)
        return cls(file, os.fstat(file.fileno()).st_size)

    def append(self, packed: bytes) -> Place:
        """Write a line that was packed; when it cannot be written whole, nothing of it stays."""
        place, left = Place(self._size, len(packed)), memoryview(packed)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._file.truncate(self._size)
            raise
        self._size += len(packed)
        return place

    def read(self, place: Place) -> bytes:
        """Return a line."""
        data = os.pread(self._file.fileno(), place.size, place.offset)
        return gzip.decompress(data) if self._packed else data

    def places(self) -> Iterator[Place]:
        """
        Yield where each line stands.

        Raises:
            UsageError: the file is damaged.
        """
        offset = 0
        find = self._member_size if self._packed else self._line_size
        while offset < self._size and (size := find(offset)):
            yield Place(offset, size)
            offset += size

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _member_size(self, offset: int) -> int:
        """Return how many bytes the member at this place has; 0 for one that was cut off."""
        unpack, at = zlib.decompressobj(_GZIP), offset
        try:
            while not unpack.eof and (data := os.pread(self._file.fileno(), _CHUNK, at)):
                unpack.decompress(data)
                at += len(data)
        except zlib.error as error:
            raise UsageError(
                f"this file is damaged at byte {offset}: {error}",
                advice="give a cases.jsonl.gz as a run has written it",
            ) from error
        return at - len(unpack.unused_data) - offset if unpack.eof else 0

    def _line_size(self, offset: int) -> int:
        at = offset
        while data := os.pread(self._file.fileno(), _CHUNK, at):
            found = data.find(b"\n")
            if found >= 0:
                return at + found + 1 - offset
            at += len(data)
        return 0


def pack(line: str) -> bytes:
    """Pack one line."""
    return gzip.compress(line.encode() + b"\n", _LEVEL, mtime=0)
