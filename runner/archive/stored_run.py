"""
Reading a cases.jsonl.gz: the run it is of, whether it came to its end or was killed.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from pydantic import ValidationError

from runner.archive.case_file import Timelines
from runner.archive.damage import ANOTHER, check_version, damage
from runner.archive.json_text import parsed
from runner.archive.packed_lines import PackedLines
from runner.archive.stored import (
    CASES_SCHEMA_FILE,
    CASES_SCHEMA_NAME,
    LINE,
    CaseEnded,
    RunBegan,
    RunEnded,
)
from runner.errors import UsageError
from runner.model.result import CaseResult, RunResult
from runner.model.settings import Settings

_ADVICE: Final = "give a cases.jsonl.gz, or its lines"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """
    A run that was read, with the `settings` it had; to be used in a `with`.

    `planned` is how many cases it was to have. A run that was killed counts as interrupted, and
    `killed` says so.
    """

    result: RunResult
    settings: Settings
    planned: int
    killed: bool
    timelines: Timelines

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file: timelines cannot be read any more."""
        self.timelines.close()


def open_run(path: Path) -> StoredRun:
    """
    Read a run.

    Raises:
        UsageError: it cannot be read, or is none, or of another version, or damaged.
    """
    try:
        lines = PackedLines.open(path)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", advice=_ADVICE) from error
    try:
        return _read(lines)
    except UsageError as error:
        lines.close()
        raise UsageError(f"{path}: {error.what}", advice=error.advice) from error
    except BaseException:
        lines.close()
        raise


def _read(lines: PackedLines) -> StoredRun:
    timelines = Timelines(lines)
    began: RunBegan | None = None
    ended: RunEnded | None = None
    cases: dict[int, CaseResult] = {}
    span_ns: list[int] = []
    for number, place in enumerate(lines.places(), start=1):
        match _line(lines.read(place), number):
            case RunBegan() as began:
                pass
            case RunEnded() as ended:
                pass
            case CaseEnded(number=of_case, result=result):
                if result.timeline:
                    span_ns += [result.timeline[0].at_ns, result.timeline[-1].at_ns]
                timeline = timelines.at(place, len(result.timeline)) if result.timeline else ()
                cases[of_case] = dataclasses.replace(result, timeline=timeline)
    if began is None:
        raise UsageError("no run is in it", advice=_ADVICE)
    result = RunResult(
        run_id=began.run_id,
        version=began.version,
        started_at=began.started_at,
        took_s=ended.took_s if ended else (max(span_ns, default=0) - min(span_ns, default=0)) / 1e9,
        engine=began.engine,
        cases=tuple(cases[number] for number in sorted(cases)),
        interrupted=ended.interrupted if ended else True,
    )
    return StoredRun(result, began.settings, began.cases, ended is None, timelines)


def _line(text: bytes, number: int) -> RunBegan | CaseEnded | RunEnded:
    stored: Any = parsed(text, _ADVICE)
    place = f"line {number}"
    if number == 1:
        check_version(stored, CASES_SCHEMA_NAME)
    try:
        line = LINE.validate_json(text, strict=True)
    except ValidationError as error:
        raise damage(stored, CASES_SCHEMA_FILE, place) from error
    # Validation alone lets keys be missing or too many; writing it again shows that.
    if LINE.dump_python(line, mode="json") != stored:
        raise damage(stored, CASES_SCHEMA_FILE, place)
    if isinstance(line, RunBegan) is not (number == 1):
        raise UsageError(f"{place}: a run begins in the first line, and there only", advice=ANOTHER)
    return line
