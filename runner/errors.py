"""
The errors a user can meet, each with what happened, where, and what to do about it.

This module imports `words` alone. An error is raised once and shown once, by `runner.cli.main`.
A failed expectation is not an error: it is the value `Failed` of `runner.model.verdict`.

    ScenarioRunError
    ├─ UsageError             5  no case selected, an unknown option value
    ├─ InvalidScenarios       3  every problem of every file
    ├─ ReportNotWritten       1  the outcome is known, its report could not be stored
    ├─ EngineError            4
    │  ├─ EngineUnreachable      no engine answers, or it went away
    │  ├─ ImageNotFound          neither here nor in a registry
    │  ├─ ImageNotBuilt          a Dockerfile that does not build
    │  ├─ ContainerNotCreated    the engine refused the container's description
    │  ├─ EngineCallFailed       any other call the engine refused
    │  └─ TraceUnavailable       the kernel trace cannot be read
    └─ StepError              -  ends the case and becomes the verdict `Errored`
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from runner.words import count

_OURS: Final = str(Path(__file__).parent)

BUG_ADVICE: Final = "this is a bug in scenario-run: please report it with result.json"
"""What to do about an exception that none of the errors below is."""


def words_of_bug(error: Exception) -> str:
    """Return what happened, and in which line of ours: type, message and the innermost frame."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(_OURS)
    ]
    message = f"{type(error).__name__}: {error}".rstrip(": ")
    if not frames:
        return message
    last = frames[-1]
    place = str(Path(last.filename).relative_to(Path(_OURS).parent))
    return f"{message} ({place}:{last.lineno}, {last.name})"


@dataclass(frozen=True, slots=True)
class Where:
    """
    A place in a file: path as the user gave it, line and column counted from 1.

    `length` is how many characters a caret line should underline.
    """

    path: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        """`path:line:column`, as compilers and editors write it."""
        return f"{self.path}:{self.line}:{self.column}"


class ScenarioRunError(Exception):
    """
    The root of all errors meant for the user.

    `what` happened, `where` in the user's files (if anywhere), and `advice`: what to do now.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: Where | None = None, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.advice = advice

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the keywords when an error crosses a process boundary."""
        return (_rebuild, (type(self), self.what, self.where, self.advice))

    def __str__(self) -> str:
        """One line, or two with the advice."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + "".join(f"\n  {line}" for line in self.advice.splitlines())


def _rebuild(
    kind: type[ScenarioRunError], what: str, where: Where | None, advice: str
) -> ScenarioRunError:
    return kind(what, where=where, advice=advice)


class UsageError(ScenarioRunError):
    """The command line asks for something that cannot be."""

    exit_code = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One mistake in a scenario file.

    `what` is wrong, `where` it stands, `line` is the text of that line for the caret picture,
    `advice` what to write instead, `row` the matrix row in which it shows ("" for all).
    """

    what: str
    where: Where
    line: str = ""
    advice: str = ""
    row: str = ""


class InvalidScenarios(ScenarioRunError):  # noqa: N818 - it names the finding, as UsageError does not
    """All mistakes of all files, in file order; never just the first one."""

    exit_code = 3

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{count(len(problems), 'problem')} in the scenario files")
        self.problems = problems

    def __reduce__(self) -> tuple[object, ...]:
        """As the base class, for the one argument of this one."""
        return (InvalidScenarios, (self.problems,))


class ReportNotWritten(ScenarioRunError):  # noqa: N818
    """The run is over and its outcome is known, but a report could not be stored."""

    exit_code = 1


class EngineError(ScenarioRunError):
    """Something about the container engine prevented judging."""

    exit_code = 4


def and_the_engine_says(advice: str, words: str) -> str:
    """Put the engine's own words after the advice, with their lines."""
    lines = words.strip().splitlines()
    said = lines[0] if len(lines) == 1 else "".join(f"\n  | {line.rstrip()}" for line in lines)
    return "\n".join(filter(None, (advice, f"the engine says: {said}" if lines else "")))


class EngineUnreachable(EngineError):  # noqa: N818
    """No engine answers at the address, or it went away in the middle of a run."""


class ImageNotFound(EngineError):  # noqa: N818
    """The image is neither on the engine nor in a registry it can reach."""


class ImageNotBuilt(EngineError):  # noqa: N818
    """The image's Dockerfile does not build; `advice` ends with the last lines of the build."""


class ContainerNotCreated(EngineError):  # noqa: N818
    """The engine refused to create the container; `what` holds its words."""


class EngineCallFailed(EngineError):  # noqa: N818
    """The engine refused another call on a container; `what` holds its words."""


class TraceUnavailable(EngineError):  # noqa: N818
    """The kernel trace cannot be read; `what` says why. Weaker evidence may do."""


class StepError(ScenarioRunError):
    """A step could not be carried out, so there is nothing to judge in this case."""
