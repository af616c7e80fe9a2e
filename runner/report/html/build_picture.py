"""
From the facts of a case to its picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from runner.model.engine_facts import EngineSent, InitEnded
from runner.model.kernel_facts import Role, SignalGenerated
from runner.model.observation import RestartRequested, StopRequested
from runner.model.result import CaseResult
from runner.report.html.bars import bars
from runner.report.html.lanes import lanes_of
from runner.report.html.picture import Band, Kind, Picture, Row
from runner.report.html.rows import rows_of_case, rows_of_container
from runner.report.html.sent_signals import arrows
from runner.report.html.timeline_facts import ContainerFacts, facts_of

MOST_ROWS: Final = 120
_HEAD: Final = 80


def picture_of(result: CaseResult) -> Picture:
    """Return what is drawn of a case."""
    facts = facts_of(result.timeline)
    lanes = lanes_of(facts)
    rows = list(rows_of_case(facts, result))
    bands: list[Band] = []
    for container in facts.containers.values():
        rows += rows_of_container(container, lanes)
        rows += arrows(container, lanes, result.steps)
        bands += _grace_periods(container, facts.end_ns)
    merged = list(_merged(sorted(rows, key=_in_order)))
    shown = _cut(merged)
    start_ns = facts.start_ns
    return Picture(
        lanes.lanes,
        tuple(
            replace(
                row, at_ns=row.at_ns - start_ns, until_ns=max(row.at_ns, row.until_ns) - start_ns
            )
            for row in shown
        ),
        tuple(
            replace(bar, from_ns=bar.from_ns - start_ns, until_ns=bar.until_ns - start_ns)
            for bar in bars(facts, lanes)
        ),
        tuple(
            replace(band, from_ns=band.from_ns - start_ns, until_ns=band.until_ns - start_ns)
            for band in bands
        ),
        len(merged) - len(shown),
        lanes.omitted,
    )


def _grace_periods(container: ContainerFacts, end_ns: int) -> Iterator[Band]:
    """Yield each grace period: from the first signal that the engine sends for a stop."""
    asked = [*container.of(StopRequested), *container.of(RestartRequested)]
    signals = sorted(
        [one.at_ns for one in container.of(EngineSent) if not container.traced]
        + [one.at_ns for one in container.of(SignalGenerated) if one.sender.role is Role.HOST]
    )
    lives = (container.life(host_pid) for host_pid in container.init_host_pids)
    traced = [life.end.at_ns for life in lives if life is not None and life.end is not None]
    ends = sorted([*traced, *(one.at_ns for one in container.of(InitEnded))])
    for stop in asked:
        from_ns = next((one for one in signals if one >= stop.at_ns), stop.at_ns)
        over_ns = from_ns + round(stop.grace_s * 1e9)
        ended_ns = next((one for one in ends if one >= from_ns), end_ns)
        yield Band(from_ns, min(over_ns, ended_ns), f"{stop.grace_s:g} s")


def _in_order(row: Row) -> tuple[int, int]:
    """At one time, a step comes before what happens in it, and its verdict after."""
    rank = {Kind.STEP: 0, Kind.PASSED: 2, Kind.WRONG: 2}
    return row.at_ns, rank.get(row.kind, 1)


def _merged(rows: Iterable[Row]) -> Iterator[Row]:
    """Let one row stand for the same several times in a row."""
    last: Row | None = None
    for row in rows:
        if last is not None and _same(last, row):
            last = replace(last, times=last.times + 1, until_ns=row.at_ns)
            continue
        if last is not None:
            yield last
        last = row
    if last is not None:
        yield last


def _same(one: Row, other: Row) -> bool:
    fields = ("kind", "text", "lane", "to", "label", "fate")
    return all(getattr(one, name) == getattr(other, name) for name in fields)


def _cut(rows: Sequence[Row]) -> Sequence[Row]:
    """Leave out the middle of a long story: it begins and ends with what matters."""
    if len(rows) <= MOST_ROWS:
        return rows
    return [*rows[:_HEAD], *rows[len(rows) - (MOST_ROWS - _HEAD) :]]
