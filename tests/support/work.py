"""How much work a function does, in units that are the same on a slow and on a busy machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu_s(work: Callable[[], object]) -> float:
    """
    The CPU time that a function takes in this process, in seconds; waiting does not count.

    Nor does the garbage collector, whose work grows with all that the process holds, as it does in
    the middle of thousands of tests.
    """
    gc.collect()
    gc.disable()
    try:
        began_s = time.process_time()
        work()
        return time.process_time() - began_s
    finally:
        gc.enable()


def reference_s() -> float:
    """The CPU time that a million small additions take here and now, in seconds."""
    return cpu_s(lambda: sum(number * number for number in range(1_000_000)))
