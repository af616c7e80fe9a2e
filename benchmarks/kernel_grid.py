"""
The oracle against the kernel: all 1,448 cells of the grid, as `make grid`.

For each signal, disposition and mask, sent from inside and from the host to init and to another
process: what was predicted against the kernel trace, then against masks and states alone.
Exits 1 where they disagree. Needs an engine on this machine and root.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from runner.engine.docker.address import engine_address
from runner.model.verdict import Evidence
from tests.support.kernel_grid import (
    CellResult,
    all_cells,
    batches,
    counted,
    disagreements,
    false_by_looks,
    run_grid,
    uncertain,
    without_outcome,
)


def main() -> int:
    """Run the grid, print a table, and say whether all agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--forks", type=int, default=4, help="cases at a time (default: 4)")
    parser.add_argument("--rounds", type=int, default=1, help="rounds (default: 1)")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the uncertain ones")
    given = parser.parse_args()
    agreed = True
    for _ in range(given.rounds):
        agreed &= one_round(given.forks, verbose=given.verbose)
    print("all agree" if agreed else "NOT all agree")
    return 0 if agreed else 1


def one_round(forks: int, *, verbose: bool) -> bool:
    """Run the grid with each kind of evidence; say whether all agree."""
    grid, address = batches(all_cells()), engine_address()
    began_s = time.monotonic()
    by_record = run_grid(grid, address, forks=forks, evidence=Evidence.KERNEL)
    print(f"evidence kernel, {len(grid)} cases, {time.monotonic() - began_s:.1f} s")
    print(f"  {counted(by_record)}")
    agreed = _listed("disagree", disagreements(by_record))
    agreed &= _listed("have no outcome", without_outcome(by_record))
    _listed("are uncertain", uncertain(by_record), shown=verbose)
    agreed &= _listed("are told wrong by the snapshots of that run", false_by_looks(by_record))
    began_s = time.monotonic()
    by_snapshots = run_grid(grid, address, forks=forks, evidence=Evidence.PROC)
    print(f"evidence proc, {len(grid)} cases, {time.monotonic() - began_s:.1f} s")
    print(f"  {counted(by_snapshots)}")
    agreed &= _listed(
        "are told otherwise than by the record", false_by_looks(_both(by_record, by_snapshots))
    )
    _listed("cannot be decided", without_outcome(by_snapshots), shown=verbose)
    return agreed


def _both(by_record: Sequence[CellResult], by_snapshots: Sequence[CellResult]) -> list[CellResult]:
    return [
        CellResult(one.cell, one.outcome, other.outcome)
        for one, other in zip(by_record, by_snapshots, strict=True)
    ]


def _listed(what: str, lines: Sequence[str], *, shown: bool = True) -> bool:
    print(f"  {len(lines)} {what}")
    for line in lines if shown else ():
        print(f"    {line}")
    return not lines


if __name__ == "__main__":
    sys.exit(main())
