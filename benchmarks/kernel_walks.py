"""
The oracle against the kernel: random walks of 30 signals, as `make walks`.

Between signals, the target's masks and dispositions change; after each, pending sets, state and
what was taken are compared with `tests.support.kernel_sequence`. Half the walks have init as the
target. Exits 1 where they disagree. Needs an engine on this machine and root.
"""

from __future__ import annotations

import argparse
import sys
import time

from runner.engine.docker.address import engine_address
from tests.support.kernel_walks import walk


def main() -> int:
    """Walk, print what was found, and say whether all agree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--seeds", type=int, default=200, help="walks of each kind (default: 200)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (default: 1)")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    agreed = True
    for init in (True, False):
        began_s = time.monotonic()
        signals, wrong = walk(engine_address(), seeds, init=init)
        took_s = time.monotonic() - began_s
        kind = "init" if init else "not init"
        print(f"{kind}: seeds {seeds[0]} to {seeds[-1]}, {signals} signals, {took_s:.1f} s")
        for line in wrong:
            print(f"  {line}")
        print(f"  {len(wrong)} walks disagree")
        agreed &= not wrong
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
