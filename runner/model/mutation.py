"""
What mutation testing of scenarios finds: a mutant is a case with a wrong init in one container.

The words are those of mutation testing: a mutant whose case does not pass is killed, one whose case
passes survives.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from runner.errors import BUG_ADVICE
from runner.model.case import Case, scenario_name
from runner.model.container import WrongInit
from runner.model.engine_facts import EngineLost
from runner.model.observation import CaseBroken, Interrupted
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Errored, Passed, Skipped


class Outcome(enum.Enum):
    """What became of a mutant; `NOT_JUDGED` says that no scenario can be blamed or praised."""

    KILLED = "killed"
    SURVIVED = "survived"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A case, and which of its containers has which wrong init."""

    original: Case
    container: str
    wrong_init: WrongInit

    @property
    def name(self) -> str:
        """How it is called within its case."""
        place = f" in {self.container}" if self.container else ""
        return f"{self.wrong_init.value}{place}"

    @property
    def case(self) -> Case:
        """The case that is run: its wrong init takes the place of the engine's, if it has one."""
        container = self.original.containers[self.container]
        plan = dataclasses.replace(container.plan, wrong_init=self.wrong_init, docker_init=False)
        mutated = {self.container: dataclasses.replace(container, plan=plan)}
        return dataclasses.replace(
            self.original,
            name=f"{self.original.name} ({self.name})",
            containers={**self.original.containers, **mutated},
        )


@dataclass(frozen=True, slots=True)
class MutantResult:
    """A mutant, and the result of its case."""

    mutant: Mutant
    result: CaseResult

    @property
    def outcome(self) -> Outcome:
        """
        Whether it was killed: its case failed, or errored for another reason than that the engine
        was lost, the run was interrupted, or we have a bug.
        """
        verdict = self.result.verdict
        if isinstance(verdict, Passed):
            return Outcome.SURVIVED
        lost = any(
            isinstance(fact, EngineLost | Interrupted | CaseBroken) for fact in self.result.timeline
        )
        ours = isinstance(verdict, Errored) and verdict.advice == BUG_ADVICE
        unknown = lost or ours or isinstance(verdict, Skipped)
        return Outcome.NOT_JUDGED if unknown else Outcome.KILLED


@dataclass(frozen=True, slots=True)
class CaseMutation:
    """
    A case with the results of its mutants.

    `as_it_is` is its result without a wrong init; `left_out` says why it has no mutants, "" if it
    has some.
    """

    as_it_is: CaseResult
    left_out: str
    mutants: tuple[MutantResult, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How many mutants there are, and what became of them; `left_out` cases have none."""

    killed: int
    survived: int
    not_judged: int
    left_out: int
    took_s: float

    @property
    def mutants(self) -> int:
        """All of them."""
        return self.killed + self.survived + self.not_judged

    @classmethod
    def of(cls, cases: Sequence[CaseMutation]) -> Score:
        """Count the mutants of some cases."""
        mutants = [one for case in cases for one in case.mutants]
        outcomes = [one.outcome for one in mutants]
        return cls(
            killed=outcomes.count(Outcome.KILLED),
            survived=outcomes.count(Outcome.SURVIVED),
            not_judged=outcomes.count(Outcome.NOT_JUDGED),
            left_out=sum(bool(case.left_out) for case in cases),
            took_s=sum(one.result.took_s for one in mutants),
        )


@dataclass(frozen=True, slots=True)
class ScenarioMutation:
    """A scenario: all its rows together."""

    path: str
    name: str
    cases: tuple[CaseMutation, ...]

    @property
    def score(self) -> Score:
        """Return what became of the mutants of all rows."""
        return Score.of(self.cases)

    def of(self, outcome: Outcome) -> Iterator[MutantResult]:
        """Yield the mutants of which that became."""
        for case in self.cases:
            yield from (one for one in case.mutants if one.outcome is outcome)


@dataclass(frozen=True, slots=True)
class MutationResult:
    """
    A whole run with mutants. `as_it_is` is the run without them; `took_s` is the time of both.
    """

    as_it_is: RunResult
    cases: tuple[CaseMutation, ...]
    took_s: float
    interrupted: bool = False

    @property
    def scenarios(self) -> tuple[ScenarioMutation, ...]:
        """The cases by scenario, in their order."""
        return scenarios_of(self.cases)

    @property
    def score(self) -> Score:
        """Return what became of all mutants."""
        return Score.of(self.cases)


def scenarios_of(cases: Sequence[CaseMutation]) -> tuple[ScenarioMutation, ...]:
    """Put the rows of each scenario together."""

    def scenario_of(one: CaseMutation) -> tuple[str, str]:
        case = one.as_it_is.case
        return case.where.path, scenario_name(case)

    grouped = groupby(cases, scenario_of)
    return tuple(ScenarioMutation(path, name, tuple(rows)) for (path, name), rows in grouped)
