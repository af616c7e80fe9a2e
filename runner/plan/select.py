"""
Which cases are run: by tag and by name, in Ansible's words.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence

from runner.model.case import Case
from runner.plan.limit import read_limit
from runner.plan.tags import TagChoice, by_tags


def select(
    cases: Sequence[Case],
    *,
    tags: Sequence[str] = (),
    skip_tags: Sequence[str] = (),
    limit: Sequence[str] = (),
) -> tuple[Case, ...]:
    """
    Give the cases that are meant, in order, with those of their steps skipped that are not.

    `tags` and `skip_tags` are as for `TagChoice`. `limit` is one or more patterns separated by
    colons or commas: `a:b` either, `:&c` and also, `:!d` but not; each a glob on the case's name,
    its scenario's name, or its file. `@FILE` is a list of names.

    Raises:
        UsageError: as `read_limit`.
    """
    chosen = by_tags(cases, TagChoice(frozenset(tags), frozenset(skip_tags)))
    given = [one for one in limit if one]
    if not given:
        return chosen
    within = read_limit(given, cases)
    return tuple(case for case in chosen if within.allows(case))


def shard(cases: Sequence[Case], number: int, count: int) -> tuple[Case, ...]:
    """
    Give one of `count` parts of the cases, numbered from 1.

    Which part a case is in depends on its name alone, so that it stays where it is when others
    come and go.
    """

    def part(case: Case) -> int:
        digest = hashlib.sha256(case.name.encode("utf-8", "replace")).digest()
        return int.from_bytes(digest[:8], "big") % count

    return tuple(case for case in cases if part(case) == number - 1)


def repeated(cases: Sequence[Case], times: int) -> tuple[Case, ...]:
    """Give every case so many times, each under a name of its own."""
    if times == 1:
        return tuple(cases)
    return tuple(
        dataclasses.replace(case, name=f"{case.name} (run {number} of {times})")
        for case in cases
        for number in range(1, times + 1)
    )
