"""
Small changes of the code that some test must notice, as `make mutants`.

Each is one expression of `kernel`, `history`, `language` or `judge` changed, see
`tests/support/mutation.py`. Those of a random draw are tried one by one with the tests that go
through the line: in a fork of a pytest that has collected them, in a copy of the project. What is
outside of functions, and what survives there, gets a new process. Of what survives that, the type
checker is asked. Exit codes: 0; 1 if fewer than 90 % are noticed; 130 if interrupted.

Why not mutmut (3.8.1): it has no draw by a seed, leaves functions with a decorator alone (all
properties, and the validators of `language`), and chooses tests by function. Why not cosmic-ray
(8.7.0): it has no draw by a seed either, and runs one command, that is all tests, in a new process
for each mutant, on the file in place.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import queue
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.support.covering_tests import OF_MODELS, Covered, choose, covering_tests
from tests.support.mutant_copy import ROOT, Copy, Fate
from tests.support.mutation import Mutant, mutants_of
from tests.support.type_checked import refused

ROOMS: Final = ("kernel", "history", "language", "judge")
STORED: Final = ROOT / "build" / "mutants" / "covering.json"
ONE_IN: Final = 10
"""How many mutants there must be for each that survives."""
PROGRESS_EACH: Final = 25


@dataclass
class Tally:
    """What was seen so far, by room; the type checker is asked last, of those that survive."""

    total: int
    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    survivors: list[Mutant] = field(default_factory=list)

    def add(self, mutant: Mutant, fate: Fate) -> None:
        """Count a mutant that the tests were run on."""
        self.tried[mutant.room] += 1
        if fate is Fate.SURVIVED:
            self.survivors.append(mutant)
        if fate is not Fate.KILLED:
            say(f"  {fate.value}: {mutant}")

    def refuse(self, mutants: Sequence[Mutant]) -> None:
        """Take away those that the type checker refuses."""
        self.refused.update(mutant.room for mutant in mutants)
        self.survivors = [one for one in self.survivors if one not in mutants]

    @property
    def enough(self) -> bool:
        """Say whether 90 % were noticed."""
        return len(self.survivors) * ONE_IN <= self.tried.total()

    def __str__(self) -> str:
        words = ("mutants", "by tests", "by types", "survived", "killed")
        lines = ["room      " + "".join(f"{word:>10}" for word in words)]
        left = Counter(mutant.room for mutant in self.survivors)
        rows = [(room, self.tried[room], self.refused[room], left[room]) for room in ROOMS]
        rows.append(("all", self.tried.total(), self.refused.total(), left.total()))
        for room, tried, by_types, survived in rows:
            by_tests, share = tried - by_types - survived, 1 - survived / max(tried, 1)
            numbers = "".join(f"{number:10}" for number in (tried, by_tests, by_types, survived))
            lines.append(f"{room:10}{numbers}{share:10.1%}")
        return "\n".join(lines)


def drawn(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Draw some mutants, all if the count is 0 or there are fewer."""
    chance = random.Random(seed)  # noqa: S311
    return chance.sample(mutants, min(count or len(mutants), len(mutants)))


def all_mutants(under: Sequence[str]) -> list[Mutant]:
    """List the mutants of the files of the rooms, or of those whose path begins with a word."""
    return [
        mutant
        for room in ROOMS
        for file in sorted((ROOT / "runner" / room).rglob("*.py"))
        for path in [str(file.relative_to(ROOT))]
        if not under or path.startswith(tuple(under))
        for mutant in mutants_of(path, file.read_text(encoding="utf-8"))
    ]


def chosen_for(mutant: Mutant, covered: Mapping[str, Covered]) -> list[str]:
    """Choose tests: those that come to the expression, or to its statement; to the file at all."""
    if mutant.in_function:
        own, around = range(mutant.line, mutant.line + 1), range(mutant.first, mutant.last + 1)
        return choose(covered, mutant.path, [own, around])
    of_models = [OF_MODELS] if OF_MODELS in covered else []
    return [*of_models, *choose(covered, mutant.path, [range(mutant.text.count("\n") + 1)])]


def run(mutants: Sequence[Mutant], folder: Path, given: argparse.Namespace) -> Tally:
    """Try mutants in as many copies at once as there are jobs."""
    tally, began_s = Tally(len(mutants)), time.monotonic()
    first = Copy.of_project(folder / "1")
    covered = covering_tests(first.folder, STORED, given.jobs, refresh=given.refresh)
    copies = [first, *(first.another(folder / str(job)) for job in range(2, given.jobs + 1))]
    free: queue.SimpleQueue[Copy] = queue.SimpleQueue()

    def attempt(mutant: Mutant) -> tuple[Mutant, Fate]:
        tests = chosen_for(mutant, covered)
        copy = free.get()
        try:
            return mutant, copy.attempt(mutant, tests)
        finally:
            free.put(copy)

    with contextlib.ExitStack() as stack:
        for one in copies:
            stack.enter_context(one.collected())
            free.put(one)
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(given.jobs))
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        for future in concurrent.futures.as_completed(pool.submit(attempt, one) for one in mutants):
            tally.add(*future.result())
            if tally.tried.total() % PROGRESS_EACH == 0:
                took_s = time.monotonic() - began_s
                say(f"  {took_s:5.0f} s  {tally.tried.total()} of {tally.total}")
    left = tally.survivors
    tally.refuse([one for one, no in zip(left, refused(first.folder, left), strict=True) if no])
    return tally


def say(text: str) -> None:
    """Print at once: who waits wants to see it go on."""
    print(text, flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--count", type=int, default=500, help="how many, 0 for all (default: 500)")
    parser.add_argument("--seed", type=int, help="of the draw (default: another each time)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default: 2)")
    parser.add_argument(
        "--refresh", action="store_true", help="learn anew which tests go through which line"
    )
    parser.add_argument("under", nargs="*", help="only files whose path begins so (default: all)")
    return parser.parse_args()


def main() -> int:
    """Draw, try, and say what came of it."""
    given = _arguments()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    every = all_mutants(given.under)
    mutants = drawn(every, given.count, seed)
    say(f"{len(mutants)} of {len(every)} mutants, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="scenario-run-mutants-") as name:
        try:
            tally = run(mutants, Path(name), given)
        except KeyboardInterrupt:
            say("interrupted")
            return 130
    say(f"{tally}\nseed {seed}")
    for mutant in sorted(tally.survivors, key=lambda one: (one.path, one.line)):
        say(f"  {mutant}")
    return 0 if tally.enough else 1


if __name__ == "__main__":
    sys.exit(main())
