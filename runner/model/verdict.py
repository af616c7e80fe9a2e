"""
Verdicts: what was concluded from the facts, and what it rests on.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final, Literal, TypeGuard


class Evidence(enum.Enum):
    """
    What a finding rests on, strongest first.

    `KERNEL`: the kernel's signal tracepoints. `PROC`: /proc and what kill(2) answered.
    `ENGINE`: the engine's state, events and exit code, and the container's output.
    """

    KERNEL = "kernel"
    PROC = "proc"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One check held against the facts.

    `expected` and `seen` are phrases for a sentence, `at_s` when it was seen, in seconds after
    the step took effect. `open` says that it did not hold yet when another check failed for good:
    it was not decided.
    """

    expected: str
    seen: str
    holds: bool
    evidence: Evidence
    at_s: float
    open: bool = False

    @property
    def wrong(self) -> bool:
        """Whether something else was seen, for good."""
        return not self.holds and not self.open


@dataclass(frozen=True, slots=True)
class Passed:
    """Everything expected was seen. Without findings: the step had nothing to expect."""

    findings: tuple[Finding, ...] = ()
    kind: Literal["passed"] = "passed"


@dataclass(frozen=True, slots=True)
class Failed:
    """Something else was seen. `why` says in which way the time ran out or the end was sure."""

    findings: tuple[Finding, ...]
    why: str
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Errored:
    """Nothing could be judged. `engine` says that the engine was the cause."""

    what: str
    advice: str = ""
    engine: bool = False
    kind: Literal["errored"] = "errored"


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not run, on purpose or because an earlier step ended the case."""

    reason: str
    kind: Literal["skipped"] = "skipped"


NOT_BEGUN: Final = "an earlier case failed, and --fail-fast is set"
"""The reason of a case that was skipped because another one went wrong."""

Verdict = Passed | Failed | Errored | Skipped


def went_wrong(verdict: Verdict) -> TypeGuard[Failed | Errored]:
    """Return whether a step or a case has failed, or could not be judged."""
    return isinstance(verdict, Failed | Errored)


@dataclass(frozen=True, slots=True)
class Undecided:
    """
    Not yet known.

    `wake_ns` is when to ask again if nothing new is seen until then. `snapshot_ns` is when to take
    a fresh snapshot of the processes; None: none is needed. `trace_ns` is until when the kernel
    trace has to be known, `engine_ns` until when what the engine tells.
    """

    wake_ns: int
    snapshot_ns: int | None = None
    trace_ns: int | None = None
    engine_ns: int | None = None


Decision = Passed | Failed | Errored | Undecided
