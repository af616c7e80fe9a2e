"""
`--limit`: patterns for the names of cases, and files that list names.

A name may stand in several files: `FILE::NAME` is the case in that one, as in pytest.
"""

from __future__ import annotations

import fnmatch
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runner.errors import UsageError
from runner.model.case import Case
from runner.plan.names import advice_on_pattern
from runner.words import nearest

_ALL_NAMES: Final = "--list shows the names"


@dataclass(frozen=True, slots=True)
class Limit:
    """
    Which cases may be run.

    `names` are whole names of cases. `wanted`, `also` and `but_not` are patterns: a case has to be
    named or fit one of `wanted` (if there are any), fit all of `also`, and none of `but_not`.
    """

    names: frozenset[str] = frozenset()
    wanted: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()

    def allows(self, case: Case) -> bool:
        """Return whether the case is within the limit."""
        choice = bool(self.names or self.wanted or not (self.also or self.but_not))
        chosen = not self.names.isdisjoint(_own_names(case)) or any(
            _fits(case, word) for word in self.wanted
        )
        return (
            (chosen or not choice)
            and all(_fits(case, word) for word in self.also)
            and not any(_fits(case, word) for word in self.but_not)
        )


def read_limit(given: Sequence[str], cases: Sequence[Case]) -> Limit:
    """
    Read what was given to `--limit`: patterns, or `@FILE` with one name a line (`@-`: stdin).

    Raises:
        UsageError: a file cannot be read or is empty, or a name or pattern means no case at all.
    """
    names: set[str] = set()
    words: list[str] = []
    for one in given:
        if one.startswith("@"):
            names |= _names_in(one, cases)
        else:
            words += _words(one, cases)
    return Limit(
        frozenset(names),
        tuple(word for word in words if word[0] not in "!&"),
        tuple(word[1:].strip() for word in words if word[0] == "&"),
        tuple(word[1:].strip() for word in words if word[0] == "!"),
    )


def _words(limit: str, cases: Sequence[Case]) -> Iterator[str]:
    # A name may hold colons and commas of its own; then the whole limit is that name.
    if any(limit in _names_of(case) for case in cases):
        yield limit
        return
    whole = any(_fits(case, limit) for case in cases)
    if whole:
        yield limit
    for word in (part.strip() for part in re.split(r"(?<!:):(?!:)|,", limit)):
        if not word:
            continue
        if not whole and word[0] not in "!&" and not any(_fits(case, word) for case in cases):
            known = [name for case in cases for name in _names_of(case) if "::" not in name]
            advice = advice_on_pattern(word, known, otherwise=_ALL_NAMES)
            raise UsageError(f"--limit: no case fits '{word}'", advice=advice)
        yield word


def _names_in(given: str, cases: Sequence[Case]) -> set[str]:
    names = [line.strip() for line in _text_of(given).split("\n") if line.strip()]
    if not names:
        raise UsageError(f"--limit {given}: there is no name in it", advice="one name a line")
    known = {name for case in cases for name in _own_names(case)}
    unknown = [name for name in names if name not in known]
    if unknown:
        others = f" (nor {len(unknown) - 1} more of its names)" if len(unknown) > 1 else ""
        raise UsageError(
            f"--limit {given}: no case has the name '{unknown[0]}'{others}",
            advice=nearest(unknown[0], sorted(case.name for case in cases), otherwise=_ALL_NAMES),
        )
    return set(names)


def _text_of(given: str) -> str:
    try:
        if given == "@-":
            return sys.stdin.read()
        return Path(given[1:]).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"--limit {given}: {error.strerror}", advice="a file with one name a line"
        ) from error
    except ValueError as error:
        raise UsageError(f"--limit {given}: {error}", advice="save the file as UTF-8") from error


def _fits(case: Case, pattern: str) -> bool:
    return any(name == pattern or fnmatch.fnmatchcase(name, pattern) for name in _names_of(case))


def _names_of(case: Case) -> tuple[str, ...]:
    path = case.where.path
    return *_own_names(case), case.scenario, path, Path(path).name


def _own_names(case: Case) -> tuple[str, ...]:
    """Return the name of a case, alone and with its file."""
    path = case.where.path
    return case.name, f"{path}::{case.name}", f"{Path(path).name}::{case.name}"
