"""
Results: what reports are made of.
"""

from __future__ import annotations

from dataclasses import dataclass

from runner.errors import Where
from runner.model.case import Case
from runner.model.explanation import Explanation
from runner.model.killed import KilledWithInit
from runner.model.observation import Timeline
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Evidence, Passed, Verdict


@dataclass(frozen=True, slots=True)
class StepResult:
    """
    One step of a case. `began_s` is counted from the creation of the container, in seconds.
    `ignored` says that it did not pass, and that this was to be ignored. `signals` says of each
    signal of the step what was predicted and what became of it. `killed` are the processes that the
    kernel killed when init ended during the step; None: it did not end, or they are not known.
    `shutdown_s` is the time from a stop, a restart or the last signal to init until init has ended;
    None: nobody asked, or it did not end.
    """

    title: str
    where: Where
    verdict: Verdict
    began_s: float = 0.0
    took_s: float = 0.0
    ignored: bool = False
    signals: tuple[SignalOutcome, ...] = ()
    killed: KilledWithInit | None = None
    shutdown_s: float | None = None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """
    One case with its facts and its verdicts.

    `verdict` is that of the first step that failed or errored, else passed. `earlier` are the
    verdicts of tries before this one, none of which passed; everything else is of the last try.
    `explanations` say why it went wrong, and what became of a signal against the kernel's rules.
    """

    case: Case
    verdict: Verdict
    steps: tuple[StepResult, ...]
    timeline: Timeline
    took_s: float
    earlier: tuple[Verdict, ...] = ()
    explanations: tuple[Explanation, ...] = ()

    @property
    def mispredictions(self) -> tuple[SignalOutcome, ...]:
        """The signals of which something else became than was predicted with confidence."""
        return tuple(one for step in self.steps for one in step.signals if one.mispredicted)

    @property
    def flaky(self) -> bool:
        """Whether it passed, but not at the first try."""
        return bool(self.earlier) and isinstance(self.verdict, Passed)


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """
    What the engine says of itself and its machine. "" where it does not say.

    `evidence` is the strongest kind that a run on it has, and `evidence_why` says why.
    """

    name: str
    version: str
    api: str = ""
    address: str = ""
    cgroup: str = ""
    kernel: str = ""
    arch: str = ""
    os: str = ""
    rootless: bool = False
    evidence: Evidence = Evidence.PROC
    evidence_why: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many cases ended how; `flaky` are those of the passed ones that did not at once."""

    passed: int = 0
    failed: int = 0
    errored: int = 0
    skipped: int = 0
    flaky: int = 0

    @property
    def cases(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.errored + self.skipped


@dataclass(frozen=True, slots=True)
class RunResult:
    """
    One run of the program.

    `started_at` is UTC, ISO 8601. `interrupted` says that not all cases could be run.
    """

    run_id: str
    version: str
    started_at: str
    took_s: float
    engine: EngineFacts
    cases: tuple[CaseResult, ...]
    interrupted: bool = False

    @property
    def totals(self) -> Totals:
        """Count the cases by their verdicts."""
        kinds = [case.verdict.kind for case in self.cases]
        return Totals(
            passed=kinds.count("passed"),
            failed=kinds.count("failed"),
            errored=kinds.count("errored"),
            skipped=kinds.count("skipped"),
            flaky=sum(case.flaky for case in self.cases),
        )
