"""
What the kernel trace costs.

Single-signal cases (create, start, one signal, end, remove; no quiet period) through the whole of
scenario-run, reports included: with the kernel trace and without it (`--evidence proc`). The two
take turns, so that noise hits both. Goal: with it, at least 0.9 of the rate without it, with one
case at a time and with four.

Run it as root where the engine is: `make bench-evidence`. It prints ratios; absolute times vary
with the machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from engine_overhead import IMAGES, SINGLE_SIGNAL, quiet

from runner.cli import main as cli

GOAL = 0.9


def round_s(folder: Path, evidence: str, *, workers: int) -> float:
    """Run the files of the folder; give the seconds."""
    arguments = [str(folder), "--forks", str(workers), "--report-dir", str(folder / "reports")]
    began_s = time.monotonic()
    with quiet():
        code = cli.main([*arguments, "--evidence", evidence])
    if code != 0:
        sys.exit(f"scenario-run --evidence {evidence} ended with {code}")
    return time.monotonic() - began_s


def ratio(folder: Path, *, rounds: int, workers: int) -> float:
    """Measure both in turn; give the median of time without / time with."""
    ratios: list[float] = []
    for number in range(rounds):
        # The one that goes first changes, so that neither always meets the warmer machine.
        order = ("kernel", "proc") if number % 2 else ("proc", "kernel")
        took_s = {evidence: round_s(folder, evidence, workers=workers) for evidence in order}
        ratios.append(took_s["proc"] / took_s["kernel"])
        print(
            f"  proc {took_s['proc']:6.2f} s   kernel {took_s['kernel']:6.2f} s   "
            f"ratio {ratios[-1]:.2f}"
        )
    return statistics.median(ratios)


def main() -> int:
    """Measure, print, and say whether the goal is reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--cases", type=int, default=20, help="cases a round (default: 20)")
    parser.add_argument("--rounds", type=int, default=11, help="rounds (default: 11)")
    arguments = parser.parse_args()
    reached = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = "---\n".join(
            SINGLE_SIGNAL.format(number=number, image=IMAGES / "sig-proc")
            for number in range(arguments.cases)
        )
        (folder / "single.yml").write_text(text, encoding="utf-8")
        round_s(folder, "kernel", workers=4)  # builds what is not built yet
        for workers in (1, 4):
            print(f"{arguments.cases} single-signal cases, {workers} at a time:")
            median = ratio(folder, rounds=arguments.rounds, workers=workers)
            reached &= median >= GOAL
            print(f"  median ratio at {workers}: {median:.2f} (goal: at least {GOAL:.2f})\n")
    print("all goals reached" if reached else "NOT all goals reached")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
