"""
Shipped scenarios and twins, again and again on a busy machine, as `make soak`.

In random order, under each load in turn: busy loops, births, a slow engine. A claim that is so
must pass and one that is not so must fail, however busy the machine is. What is false is kept with
its timeline. Exit codes: 0; 2 if a verdict was false; 1 if more than one case in 200 could not be
judged, a run broke, or something was left behind; 4 if no engine answers; 130 if interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

from runner.engine.docker.address import engine_address, open_client
from runner.engine.labels import PID, STARTED, start_time_of
from runner.engine.trace.settings import PREFIX
from runner.engine.trace.tracefs import TRACEFS
from runner.errors import EngineUnreachable
from tests.support.load import LoadRefusedError, births, busy_loops, daemon_of, slow_engine
from tests.support.twins import ROOT, SHIPPED, TWINS, Kind, Outcome, outcomes

FORKS: Final = 4
FILES_A_RUN: Final = 6
ERRORED_ONE_IN: Final = 200
BROKEN_ENOUGH: Final = 3
"""Runs without a result after which there is no point in going on."""
HANGS_AFTER_S: Final = 900
"""Only ends a hang: a run takes about a minute."""
ENDS_WITHIN_S: Final = 120
"""How long a run that was told to end may take before it is killed."""
MARK: Final = "SOAK_MARK"
"""A variable that all our processes inherit; another value in each soak. Not a setting of ours."""
INSTANCES: Final = TRACEFS / "instances"

Load: TypeAlias = Callable[[], AbstractContextManager[Sequence[int]]]

LOADS: Final[Mapping[str, Load]] = {
    "busy-loops": busy_loops,
    "births": births,
    "slow-engine": lambda: slow_engine(engine_address()),
}


@dataclass
class Tally:
    """What was seen so far. `owners` are the runs that we have started, as PID-START_TIME."""

    kept_in: Path
    counts: Counter[Kind] = field(default_factory=Counter)
    undecided: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    interrupted: bool = False

    def add(self, seen: Outcome, load: str, reports: Path) -> None:
        """Count a case; print what is not as it must be, and keep what is false."""
        self.counts[seen.kind] += 1
        if seen.kind is Kind.UNDECIDED:
            self.undecided.append(f"{seen.name} ({load}): {seen.words}")
            say(f"    undecided: {self.undecided[-1]}")
        elif seen.kind is Kind.FALSE:
            folder = self.kept_in / f"{self.counts[Kind.FALSE]:03}"
            say(f"    FALSE: {seen.path}: {seen.name} ({load}): {seen.words}")
            say(f"      kept in {folder}")
            folder.mkdir(parents=True)
            (folder / "case.json").write_text(json.dumps(seen.stored, indent=1), encoding="utf-8")
            for name in ("report.md", "console.txt"):
                shutil.copy(reports / name, folder)

    def broke(self, what: str, load: str, console: Path) -> None:
        """Count a run that has no result."""
        said = console.read_text(encoding="utf-8", errors="replace").strip()
        self.broken.append(f"{what} ({load})")
        say(f"    BROKEN: {what} ({load}):\n{said[-4000:]}")

    @property
    def exit_code(self) -> int:
        """2 if a verdict was false, 1 if too few could be judged, 0 otherwise."""
        if self.counts[Kind.FALSE]:
            return 2
        if self.interrupted:
            return 130
        allowed = max(1, self.counts.total() // ERRORED_ONE_IN)
        too_many = len(self.undecided) > allowed
        return 1 if too_many or self.broken or not self.counts.total() else 0

    def __str__(self) -> str:
        words = ", ".join(f"{self.counts[kind]} {kind.value}" for kind in Kind)
        return f"{self.counts.total()} cases: {words}; {len(self.broken)} runs broken"


class Deck:
    """Files in random order: none comes again before all have come."""

    def __init__(self, files: Sequence[Path], chance: random.Random) -> None:
        self._files, self._chance = files, chance
        self._left: list[Path] = []

    def draw(self) -> list[Path]:
        """Give the files of one run; the last one before all have come may be a small one."""
        if not self._left:
            self._left = self._chance.sample(self._files, len(self._files))
        drawn, self._left = self._left[:FILES_A_RUN], self._left[FILES_A_RUN:]
        return drawn


def say(text: str) -> None:
    """Print at once: who watches a soak wants to see it go on."""
    print(text, flush=True)


def soak(minutes: float, decks: Sequence[Deck], loads: Sequence[str], tally: Tally) -> None:
    """Run some files of each deck under each load in turn, until the time is over."""
    began_s = time.monotonic()
    for deck, load in itertools.cycle(itertools.product(decks, loads)):
        if time.monotonic() - began_s >= minutes * 60 or len(tally.broken) >= BROKEN_ENOUGH:
            return
        with LOADS[load]():
            run(deck.draw(), load, tally)
        say(f"  {time.monotonic() - began_s:5.0f} s  {load:11}  {tally}")


def usable(loads: Sequence[str]) -> list[str]:
    """Give those of the loads that can be made here; say which one cannot, and why."""
    try:
        daemon_of(engine_address())
    except LoadRefusedError as error:
        if "slow-engine" in loads:
            say(f"  without the load slow-engine: {error}")
        return [one for one in loads if one != "slow-engine"]
    return list(loads)


def run(files: Sequence[Path], load: str, tally: Tally) -> None:
    """Run files as people do, and hold what came out against what is true."""
    with tempfile.TemporaryDirectory(prefix="scenario-run-soak-") as name:
        reports = Path(name)
        with (reports / "console.txt").open("w") as console:
            code = _run_to_its_end(files, reports, console.fileno(), tally)
        try:
            result = json.loads((reports / "result.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            words = "hung" if code is None else f"ended with {code} and without a result"
            tally.broke(f"{words}: {' '.join(map(str, files))}", load, reports / "console.txt")
            return
        for seen in outcomes(result):
            tally.add(seen, load, reports)


def _run_to_its_end(files: Sequence[Path], reports: Path, console: int, tally: Tally) -> int | None:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "runner", "-f", str(FORKS), "--report-dir", reports, *files],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=console,
        stderr=console,
        start_new_session=True,  # Ctrl-C is for us, and we tell it
    )
    # A PID alone is used again, and soon where births go on.
    tally.owners.add(f"{process.pid}-{start_time_of(process.pid)}")
    try:
        return process.wait(HANGS_AFTER_S)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a run that goes on: it removes its containers at SIGTERM."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def left_behind(owners: set[str], mark: str) -> Iterator[str]:
    """Say what is still there of us: processes with our mark, containers, trace instances."""
    for one in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if f"{MARK}={mark}".encode() in one.read_bytes().split(b"\0"):
                yield f"process {one.parent.name}"
    with contextlib.closing(open_client(engine_address())) as client:
        for container in client.containers(all=True, filters={"label": [PID, STARTED]}):
            labels = container["Labels"]
            if f"{labels[PID]}-{labels[STARTED]}" in owners:
                yield f"container {container['Names'][0]}"
    for instance in INSTANCES.glob(f"{PREFIX}*"):
        if instance.name.removeprefix(PREFIX) in owners:
            yield f"trace instance {instance.name}"


def _short(path: Path) -> Path:
    """Give a path as it looks from the project's folder, where the runs have their own."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--minutes", type=float, default=15, help="for how long (default: 15)")
    parser.add_argument("--seed", type=int, help="of the random order (default: another each time)")
    parser.add_argument(
        "--keep", type=Path, help="where what is false goes (default: reports/soak)"
    )
    parser.add_argument(
        "--load", action="append", choices=LOADS, help="only under this load (may be repeated)"
    )
    parser.add_argument("files", type=Path, nargs="*", help="only these (default: all)")
    return parser.parse_args()


def main() -> int:
    """Soak, and say what came of it."""
    given = _arguments()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    chance = random.Random(seed)  # noqa: S311
    files = [[one.resolve() for one in given.files]] if given.files else [TWINS, SHIPPED]
    decks = [Deck([_short(one) for one in some], chance) for some in files]
    started = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    tally = Tally((given.keep or ROOT / "reports" / "soak") / started)
    say(f"soak for {given.minutes:g} minutes, seed {seed}")
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    # Inherited by all that we start, and by what they start.
    mark = os.environ[MARK] = uuid.uuid4().hex
    try:
        open_client(engine_address()).close()
        loads = usable(given.load or list(LOADS))
        soak(given.minutes, decks, loads, tally)
    except EngineUnreachable as error:
        say(f"{error}")
        return 4
    except KeyboardInterrupt:
        say("interrupted")
        tally.interrupted = True
    left = list(left_behind(tally.owners, mark))
    say(f"{tally}; seed {seed}")
    for one in left:
        say(f"  left behind: {one}")
    return tally.exit_code or (1 if left else 0)


if __name__ == "__main__":
    sys.exit(main())
