"""
`--compare`: what became of the cases of one run in another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from runner.model.summary import CaseSummary, RunSummary
from runner.model.verdict import went_wrong
from runner.report.sentences import sentences
from runner.report.text import one_line, seconds
from runner.words import count

_MOVED_S: Final = 0.05
_MOVED_PART: Final = 0.2
"""A shutdown time has moved if it differs by more than both: less is the machine's noise."""


@dataclass(frozen=True, slots=True)
class _Both:
    """A case of both runs."""

    old: CaseSummary
    new: CaseSummary

    @property
    def was_wrong(self) -> bool:
        return went_wrong(self.old.verdict)

    @property
    def is_wrong(self) -> bool:
        return went_wrong(self.new.verdict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """
    The cases of two runs, by file and name.

    `broken` are those that failed or errored only in the new one, `fixed` those that did only in
    the old one and have passed since, `moved` those of which a shutdown took another time.
    """

    broken: tuple[_Both, ...]
    fixed: tuple[_Both, ...]
    still_wrong: tuple[_Both, ...]
    moved: tuple[_Both, ...]
    added: tuple[CaseSummary, ...]
    removed: tuple[CaseSummary, ...]

    @property
    def worse(self) -> bool:
        """Whether something is wrong that was not: a case broke, or a new one failed."""
        return bool(self.broken) or any(went_wrong(one.verdict) for one in self.added)


def compare(old: RunSummary, new: RunSummary) -> Comparison:
    """Hold the cases of two runs against each other."""
    before, after = _by_file_and_name(old), _by_file_and_name(new)
    both = [_Both(before[name], one) for name, one in after.items() if name in before]
    return Comparison(
        broken=tuple(one for one in both if one.is_wrong and not one.was_wrong),
        fixed=tuple(one for one in both if one.was_wrong and one.new.verdict.kind == "passed"),
        still_wrong=tuple(one for one in both if one.was_wrong and one.is_wrong),
        moved=tuple(one for one in both if any(_has_moved(*pair) for pair in _shutdowns(one))),
        added=tuple(one for name, one in after.items() if name not in before),
        removed=tuple(one for name, one in before.items() if name not in after),
    )


def lines_of(comparison: Comparison) -> Iterator[str]:
    """Yield the lines to print; the last one sums up."""
    for both in comparison.broken:
        yield f"BROKEN  {_called(both.new)}"
        yield f"        {both.old.verdict.kind}, now {_how(both.new)}"
    for both in comparison.fixed:
        yield f"FIXED   {_called(both.new)}"
        yield f"        now passed; was {_how(both.old)}"
    for both in comparison.still_wrong:
        yield f"STILL   {_called(both.new)}"
        yield f"        {_how(both.new)}"
    for one in comparison.added:
        yield f"NEW     {_called(one)}"
        yield f"        {_how(one)}"
    for one in comparison.removed:
        yield f"GONE    {_called(one)}"
        yield f"        was {_how(one)}"
    for both in comparison.moved:
        times = [f"{seconds(old)} -> {seconds(new)}" for old, new in _shutdowns(both)]
        yield f"TIME    {_called(both.new)}"
        yield f"        shutdown took {', '.join(times)}"
    yield _summary(comparison)


def _summary(comparison: Comparison) -> str:
    numbers = [
        f"{len(comparison.broken)} broken",
        f"{len(comparison.fixed)} fixed",
        f"{len(comparison.still_wrong)} still failing",
        f"{len(comparison.added)} new",
        f"{len(comparison.removed)} gone",
        f"{count(len(comparison.moved), 'shutdown time')} moved",
    ]
    return ", ".join(numbers)


def _by_file_and_name(run: RunSummary) -> Mapping[tuple[str, str], CaseSummary]:
    return {(one.where.path, one.name): one for one in run.cases}


def _shutdowns(both: _Both) -> list[tuple[float, float]]:
    """Return the old and the new time of each shutdown; none where their number differs."""
    old, new = both.old.shutdown_s, both.new.shutdown_s
    return list(zip(old, new, strict=True)) if len(old) == len(new) else []


def _has_moved(old: float, new: float) -> bool:
    return abs(new - old) > max(_MOVED_S, _MOVED_PART * old)


def _called(one: CaseSummary) -> str:
    return f"{one.where.path}:{one.where.line}  {one_line(one.name)}"


def _how(one: CaseSummary) -> str:
    said = sentences(one.verdict) if one.verdict.kind != "passed" else []
    return f"{one.verdict.kind}: {one_line(said[0])}" if said else one.verdict.kind
