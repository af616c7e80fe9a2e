"""
What is said about a signal before it is sent: the words of the oracle.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from runner.kernel.rules import Rule


class Outcome(enum.Enum):
    """
    What becomes of a signal.

    CORE_DUMPED means an end by a signal whose default action is Core; whether a file is written
    depends on RLIMIT_CORE and core_pattern. CONSUMED: taken by sigwait(3) or read from a signalfd.
    """

    HANDLER_RUNS = "handler_runs"
    IGNORED = "ignored"
    DROPPED_INIT = "dropped_init"
    PENDING = "pending"
    CONSUMED = "consumed"
    TERMINATED = "terminated"
    CORE_DUMPED = "core_dumped"
    STOPPED = "stopped"
    CONTINUED = "continued"
    REJECTED = "rejected"


class Confidence(enum.Enum):
    """
    How far a prediction goes.

    CERTAIN: the kernel's rules decide. UP_TO_HANDLER: the program gets the signal, and what it
    then does is its own. UNKNOWN: the likeliest outcome, for a fact is missing.
    """

    CERTAIN = "certain"
    UP_TO_HANDLER = "up_to_handler"
    UNKNOWN = "unknown"


class SideEffect(enum.Enum):
    """What else a signal does; the job-control ones happen even where it is dropped (R2)."""

    RESUMES = "resumes"
    """A stopped process runs again."""
    DELETES_STOPS = "deletes_stops"
    """Pending stop signals are gone."""
    DELETES_CONT = "deletes_cont"
    """A pending SIGCONT is gone."""
    RELEASES_PENDING = "releases_pending"
    """Signals that waited for the process to be resumed are taken now."""
    RUNS_HANDLER = "runs_handler"
    """SIGCONT also runs its handler, unless a signal released with it ends the process."""
    STAYS_PENDING = "stays_pending"
    """SIGCONT resumes, and is itself blocked."""
    IS_CONSUMED = "is_consumed"
    """SIGCONT resumes, and is itself taken by sigwait(3) or read from a signalfd."""
    COALESCED = "coalesced"
    """It was pending already; this one is lost."""
    DOOMS = "dooms"
    """The end is decided, and comes when the process is thawed."""
    TRACER_SEES = "tracer_sees"
    """A debugger gets it first and may take it away; the outcome is that of passing it on."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What becomes of one signal, the rule that decides, and how sure that is."""

    outcome: Outcome
    rule: Rule
    confidence: Confidence = Confidence.CERTAIN
    side_effects: tuple[SideEffect, ...] = ()

    def unsure(self) -> Prediction:
        """Return the same with a fact missing."""
        return replace(self, confidence=Confidence.UNKNOWN)

    def also(self, *effects: SideEffect) -> Prediction:
        """Return the same with more side effects, in front of those known."""
        return replace(self, side_effects=(*effects, *self.side_effects))
