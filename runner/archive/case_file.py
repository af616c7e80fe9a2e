"""
cases.jsonl.gz: each case with all its facts, written as soon as it has ended.

A runner that is killed loses no case that had ended. Of those, only the facts leave its memory: a
timeline is read from the file again when somebody looks at it.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self, overload

from runner.archive.json_text import compact
from runner.archive.packed_lines import PackedLines, Place, pack
from runner.archive.stored import LINE, CaseEnded, RunBegan, RunEnded
from runner.errors import ReportNotWritten
from runner.model.observation import Observation, Timeline
from runner.model.result import CaseResult, RunResult
from runner.model.settings import Settings


class CaseFile:
    """
    Writes the results of one run; a `Store`, to be used in a `with` for as long as they are needed.

    The file is made when the first case has ended. Once something cannot be written, all that comes
    stays in memory, and `written` tells.
    """

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._begin = b""
        self._timelines: Timelines | None = None
        self._failure: OSError | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file: stored timelines cannot be read any more."""
        if self._timelines is not None:
            self._timelines.close()

    def begin(self, head: RunResult, cases: int) -> None:
        """Keep what the first line says."""
        self._begin = _packed(
            RunBegan(
                "cases/v1",
                run_id=head.run_id,
                version=head.version,
                started_at=head.started_at,
                engine=head.engine,
                settings=self._settings,
                cases=cases,
            )
        )

    def add(self, number: int, result: CaseResult) -> CaseResult:
        """Write the result, and return it with a timeline that stays on the disk."""
        line = _packed(CaseEnded(number, result))
        with self._lock:
            written = self._written(line)
        if written is None or not result.timeline:
            return result
        timelines, place = written
        return dataclasses.replace(result, timeline=timelines.at(place, len(result.timeline)))

    def end(self, result: RunResult) -> None:
        """Write the last line; without a case there is none."""
        with self._lock:
            if self._timelines is not None:
                self._written(_packed(RunEnded(result.took_s, result.interrupted)))

    def written(self) -> list[Path]:
        """
        Return the path of the file, if there is one.

        Raises:
            ReportNotWritten: not everything could be written.
        """
        if self._failure is not None:
            raise ReportNotWritten(
                f"cannot write {self._path}: {self._failure.strerror or self._failure}",
                advice="name a folder that can be written to: --report-dir DIR",
            )
        return [self._path] if self._timelines is not None else []

    def _written(self, line: bytes) -> tuple[Timelines, Place] | None:
        if self._failure is not None:
            return None
        try:
            if self._timelines is None:
                self._timelines = Timelines(PackedLines.create(self._path))
                self._timelines.lines.append(self._begin)
            return self._timelines, self._timelines.lines.append(line)
        except OSError as error:
            self._failure = error
            return None


class Timelines:
    """Timelines on the disk; the one that was looked at last is in memory."""

    def __init__(self, lines: PackedLines) -> None:
        self.lines = lines
        self._last: tuple[Place, Timeline] | None = None

    def at(self, place: Place, length: int) -> Timeline:
        """Return the timeline of the case at this place, which has so many facts."""
        return _StoredTimeline(lambda: self._read(place), length)

    def close(self) -> None:
        """Let go of the file."""
        self.lines.close()

    def _read(self, place: Place) -> Timeline:
        last = self._last
        if last is None or last[0] != place:
            line = LINE.validate_json(self.lines.read(place))
            last = (place, line.result.timeline if isinstance(line, CaseEnded) else ())
            self._last = last
        return last[1]


class _StoredTimeline(Sequence[Observation]):
    __slots__ = ("_length", "_read")

    def __init__(self, read: Callable[[], Timeline], length: int) -> None:
        self._read = read
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Observation]:
        return iter(self._read())

    @overload
    def __getitem__(self, index: int) -> Observation: ...
    @overload
    def __getitem__(self, index: slice) -> Timeline: ...
    def __getitem__(self, index: int | slice) -> Observation | Timeline:
        return self._read()[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]

    __hash__ = None  # type: ignore[assignment] - as of other values that may be large


def _packed(line: RunBegan | CaseEnded | RunEnded) -> bytes:
    return pack(compact(LINE.dump_python(line, mode="json")))
