"""
Which cases are run, and how: by tag, by name, from a step on, in parts, more than once.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Sequence
from pathlib import Path

from runner.model.case import Case, absolute
from runner.model.repeated import repeated
from runner.plan.limit import read_limit
from runner.plan.start import start_at
from runner.plan.tags import TagChoice, by_tags, skip_what_expects_nothing


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """
    What was asked for. As it stands here, it is every case, once. `tags` and `skip_tags` are as for
    `TagChoice`. `limit` is one or more patterns separated by colons or commas: `a:b` either, `:&c`
    and also, `:!d` but not; each a glob on the case's name, its scenario's name, or its file;
    `@FILE` is a list of names. `only` are the cases that may be selected, by the absolute path of
    the file and the name; None for all. `start_at_step` is the name of a step, or a glob. `shard`
    is the number of a part, from 1, and how many there are. `timeout_s` goes for every case.
    """

    tags: Sequence[str] = ()
    skip_tags: Sequence[str] = ()
    limit: Sequence[str] = ()
    only: Collection[tuple[str, str]] | None = None
    start_at_step: str = ""
    shard: tuple[int, int] = (1, 1)
    repeat: int = 1
    timeout_s: float | None = None


def select(cases: Sequence[Case], wanted: Selection) -> tuple[Case, ...]:
    """
    Return the cases that are meant, in order, with those of their steps skipped that are not.

    Raises:
        UsageError: as `read_limit` and `start_at`.
    """
    chosen = by_tags(cases, TagChoice(frozenset(wanted.tags), frozenset(wanted.skip_tags)))
    patterns = [one for one in wanted.limit if one]
    if patterns:
        within = read_limit(patterns, cases)
        chosen = tuple(case for case in chosen if within.allows(case))
    if wanted.only is not None:
        chosen = tuple(case for case in chosen if absolute(case.key) in wanted.only)
    if wanted.start_at_step:
        chosen = start_at(chosen, wanted.start_at_step)
    chosen = tuple(map(skip_what_expects_nothing, chosen))
    chosen = repeated(shard(chosen, *wanted.shard), wanted.repeat)
    if wanted.timeout_s is not None:
        chosen = tuple(dataclasses.replace(one, timeout_s=wanted.timeout_s) for one in chosen)
    return chosen


def shard(cases: Sequence[Case], number: int, count: int) -> tuple[Case, ...]:
    """
    Return one of `count` parts of the cases, numbered from 1.

    Which part a case is in depends on its name and that of its file alone, so that it stays where
    it is when others come and go, and wherever the folder is.
    """

    def part(case: Case) -> int:
        words = f"{Path(case.where.path).name}::{case.name}"
        digest = hashlib.sha256(words.encode("utf-8", "replace")).digest()
        return int.from_bytes(digest[:8], "big") % count

    return tuple(case for case in cases if part(case) == number - 1)
