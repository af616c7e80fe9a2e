"""
The whole grid of what may become of a signal, as cases for the real kernel.

A cell is one signal, how its target has disposed of it, whether that blocks it, who sends it, and
whether the target is init. Cells that end nothing share a container; each other has its own.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.engine.docker.engine import DockerEngine
from runner.errors import Where
from runner.judge.evaluator import judge
from runner.kernel.prediction import Confidence
from runner.kernel.signals import ALL_SIGNALS, SIGKILL, DefaultAction, Signal
from runner.kernel.target import KERNEL_ONLY, SIGSTOP, Disposition
from runner.model.case import THE_ONLY, Case, CaseContainer
from runner.model.container import BuiltImage, ContainerPlan
from runner.model.expectation import Expectation, LogsHave, OutcomeWas, Pattern, Selector
from runner.model.kernel_facts import KernelFact
from runner.model.result import CaseResult
from runner.model.settings import Settings
from runner.model.signal_outcome import SignalOutcome
from runner.model.step import Addressee, Sender, SendSignals, Step
from runner.model.verdict import Evidence
from runner.run.pipeline import new_run_id, run

_HERE: Final = Where("kernel_grid.py", 1, 1)
_CONFORMANCE: Final = Path(__file__).parents[2] / "images" / "conformance"
_IMAGE: Final = BuiltImage("conformance", str(_CONFORMANCE))
_READY: Final = Expectation((LogsHave(contains=(Pattern('"ready":"conformance"'),)),), within_s=10)
_AS_PREDICTED: Final = Expectation((OutcomeWas(None),), within_s=2)
_LIMIT_S: Final = 600.0  # ends a hang: a case has up to a hundred signals
_OTHER: Final = "other"
_SIDES_A_CASE: Final = 9
_ENDING: Final = {DefaultAction.TERM, DefaultAction.CORE}


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination."""

    signal: Signal
    disposition: Disposition
    blocked: bool
    sender: Sender
    init: bool

    def __str__(self) -> str:
        """As `SIGTERM, default, unblocked, from inside, to init`."""
        to = "init" if self.init else "not init"
        words = (str(self.signal), self.disposition.value, self.mask)
        return f"{', '.join(words)}, from {self.sender.value}, to {to}"

    @property
    def mask(self) -> str:
        """The word of the image for the mask."""
        return "blocked" if self.blocked else "unblocked"

    @property
    def row(self) -> tuple[Disposition, str, Sender, bool]:
        """What cells of one container have in common."""
        return self.disposition, self.mask, self.sender, self.init

    @property
    def ends_alone(self) -> bool:
        """Say whether it ends the first process of a container, and so needs one of its own."""
        if self.sender is Sender.INSIDE or self.blocked:
            return False
        if self.disposition is not Disposition.DEFAULT:
            return False
        return self.signal == SIGKILL or (not self.init and self.signal.default_action in _ENDING)


@dataclass(frozen=True, slots=True)
class Batch:
    """A case whose steps are these cells, in this order."""

    case: Case
    cells: tuple[Cell, ...]

    @property
    def lone(self) -> bool:
        """Say whether each cell has a container of its own."""
        return self.cells[0].ends_alone


@dataclass(frozen=True, slots=True)
class CellResult:
    """
    What was predicted and what became of a cell; None where the signal was not sent.

    `snapshots_only` is the outcome that the same facts give without the kernel trace.
    """

    cell: Cell
    outcome: SignalOutcome | None
    snapshots_only: SignalOutcome | None


def all_cells() -> tuple[Cell, ...]:
    """Give the whole grid: 1,448 cells."""
    return tuple(
        Cell(signal, disposition, blocked, sender, init)
        for init in (True, False)
        for sender in Sender
        for disposition in Disposition
        for blocked in (False, True)
        for signal in ALL_SIGNALS
        if signal not in KERNEL_ONLY or (disposition is Disposition.DEFAULT and not blocked)
    )


def batches(cells: Iterable[Cell]) -> tuple[Batch, ...]:
    """Arrange cells in as few containers as can be."""
    shared: dict[object, list[Cell]] = {}
    alone: list[Cell] = []
    for cell in cells:
        (alone if cell.ends_alone else shared.setdefault(cell.row, [])).append(cell)
    inits = [cell for cell in alone if cell.init]
    others = [cell for cell in alone if not cell.init]
    return (
        *(_shared(sorted(row, key=_stop_last)) for row in shared.values()),
        *(_shared([cell]) for cell in inits),
        *(_sides(others[at : at + _SIDES_A_CASE]) for at in range(0, len(others), _SIDES_A_CASE)),
    )


def sample_of_lone(cells: Iterable[Cell], count: int, seed: int) -> tuple[Cell, ...]:
    """Give all cells that share a container, and so many of those that need their own."""
    everything = tuple(cells)
    lone = [cell for cell in everything if cell.ends_alone]
    chosen = set(random.Random(seed).sample(lone, min(count, len(lone))))  # noqa: S311
    return tuple(cell for cell in everything if not cell.ends_alone or cell in chosen)


def run_grid(
    grid: Sequence[Batch], address: str, *, forks: int, evidence: Evidence | None = None
) -> list[CellResult]:
    """Run the cases, `forks` at a time, and give what became of each cell."""
    settings = Settings(run_id=new_run_id(), quiet_s=0.01, evidence=evidence)
    engine = DockerEngine(address, settings.run_id)
    try:
        results = run(
            [batch.case for batch in grid],
            engine=engine,
            settings=settings,
            forks=forks,
            listener=_Silent(),
        ).cases
    finally:
        engine.close()
    found: list[CellResult] = []
    for batch, result in zip(grid, results, strict=True):
        found += _cells_of(batch, result, settings)
    return found


def disagreements(results: Iterable[CellResult]) -> list[str]:
    """Say where something else became of a signal than was predicted with confidence."""
    return [_line(one, one.outcome) for one in results if one.outcome and one.outcome.mispredicted]


def without_outcome(results: Iterable[CellResult]) -> list[str]:
    """Say of which cells it is not known what became."""
    return [
        _line(one, one.outcome) for one in results if not one.outcome or one.outcome.actual is None
    ]


def uncertain(results: Iterable[CellResult]) -> list[str]:
    """Say where the oracle is not sure."""
    return [
        _line(one, one.outcome)
        for one in results
        if one.outcome is None or one.outcome.confidence is Confidence.UNKNOWN
    ]


def false_by_looks(results: Iterable[CellResult]) -> list[str]:
    """Say where looks alone tell another outcome than the kernel trace."""
    return [
        f"{_line(one, one.snapshots_only)}, but by the record: {_line(one, one.outcome)}"
        for one in results
        if one.snapshots_only
        and one.outcome
        and one.snapshots_only.actual not in {None, one.outcome.actual}
    ]


def counted(results: Sequence[CellResult]) -> str:
    """Say in a line how many cells there were, and of which outcomes."""
    outcomes = Counter(
        one.outcome.actual.value if one.outcome and one.outcome.actual else "not known"
        for one in results
    )
    words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    return f"{len(results)} cells: {words}"


def _stop_last(cell: Cell) -> tuple[bool, Signal]:
    """SIGSTOP ends nothing, yet nothing is taken after it."""
    return (cell.signal == SIGSTOP, cell.signal)


def _shared(cells: Sequence[Cell]) -> Batch:
    """Cells of one row: one process for all, or a child for each where they come from inside."""
    one = cells[0]
    many = not one.init and one.sender is Sender.INSIDE
    plan = ContainerPlan(image=_IMAGE, init=_argv(one, "targets" if many else "cells"))
    containers = {THE_ONLY: CaseContainer(plan, _READY, ready_given=True)}
    on = THE_ONLY
    if not one.init and not many:
        on = _OTHER
        containers = {"app": _app(), _OTHER: _side(plan)}
    name = f"row of {one}, and {len(cells) - 1} more"
    return _batch(name, containers, [(cell, on) for cell in cells])


def _sides(cells: Sequence[Cell]) -> Batch:
    """Cells that end the first process of a container, each its own, beside one PID 1 for all."""
    containers = {"app": _app()}
    for cell in cells:
        plan = ContainerPlan(image=_IMAGE, init=_argv(cell, "cells"))
        containers[f"s{int(cell.signal)}"] = _side(plan)
    name = f"each ends its container: {', '.join(str(cell.signal) for cell in cells)}"
    return _batch(name, containers, [(cell, f"s{int(cell.signal)}") for cell in cells])


def _app() -> CaseContainer:
    plan = ContainerPlan(image=_IMAGE, init=("/conformance", "run"))
    return CaseContainer(plan, _READY, ready_given=True)


def _side(plan: ContainerPlan) -> CaseContainer:
    plan = ContainerPlan(image=plan.image, init=plan.init, pid="app")
    return CaseContainer(plan, _READY, ready_given=True)


def _argv(cell: Cell, command: str) -> tuple[str, ...]:
    return ("/conformance", command, cell.disposition.value, cell.mask)


def _batch(
    name: str, containers: dict[str, CaseContainer], cells: Sequence[tuple[Cell, str]]
) -> Batch:
    steps = tuple(_step(cell, on) for cell, on in cells)
    case = Case(
        name=name,
        scenario=name,
        where=_HERE,
        containers=containers,
        steps=steps,
        timeout_s=_LIMIT_S,
    )
    return Batch(case, tuple(cell for cell, _ in cells))


def _step(cell: Cell, on: str) -> Step:
    inside = cell.sender is Sender.INSIDE
    child = inside and not cell.init
    to = Selector(comm=f"t-{int(cell.signal)}") if child else Addressee.INIT
    send = SendSignals((cell.signal,), to, cell.sender)
    return Step(str(cell), _HERE, send, _AS_PREDICTED, on=on, ignore_errors=True)


def _cells_of(batch: Batch, result: CaseResult, settings: Settings) -> Iterator[CellResult]:
    rest = tuple(fact for fact in result.timeline if not isinstance(fact, KernelFact))
    looked = judge(batch.case, rest, settings)
    for cell, step, blind in zip(batch.cells, result.steps, looked.steps, strict=True):
        yield CellResult(cell, _only(step.signals), _only(blind.signals))


def _only(outcomes: Sequence[SignalOutcome]) -> SignalOutcome | None:
    return outcomes[0] if len(outcomes) == 1 else None


def _line(one: CellResult, outcome: SignalOutcome | None) -> str:
    if outcome is None:
        return f"{one.cell}: not sent"
    predicted = outcome.predicted.value if outcome.predicted else "nothing"
    actual = outcome.actual.value if outcome.actual else "not known"
    sure = f"{outcome.rule}, {outcome.confidence.value}"
    return f"{one.cell}: predicted {predicted} ({sure}), actual {actual}: {outcome.seen}"


class _Silent:
    """A listener that says nothing."""

    def note(self, line: str) -> None:
        """Ignore it."""

    def progress(self, line: str) -> None:
        """Ignore it."""

    def started(self, case: Case) -> None:
        """Ignore it."""

    def finished(self, result: CaseResult) -> None:
        """Ignore it."""

    def result(self, result: CaseResult) -> None:
        """Ignore it."""
