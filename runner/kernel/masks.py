"""
Signal masks, as proc_pid_status(5) shows them: bit n-1 stands for signal n.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runner.kernel.signals import ALL_SIGNALS, Signal


def signals_in(mask: int) -> tuple[Signal, ...]:
    """
    List the signals whose bit is set, in order; 32 and 33 (the C library's own) are left out.
    """
    return tuple(signal for signal in ALL_SIGNALS if mask >> (signal - 1) & 1)


def holds(mask: int, signal: Signal) -> bool:
    """Return whether the signal's bit is set."""
    return bool(mask >> (signal - 1) & 1)


def union(masks: Iterable[int]) -> int:
    """Return the mask of the signals that are in any of the masks."""
    result = 0
    for mask in masks:
        result |= mask
    return result


@dataclass(frozen=True, slots=True)
class SignalMasks:
    """
    The five masks of one process.

    `blocked` and `thread_pending` (SigBlk, SigPnd) are those of the main thread; the other
    three (SigIgn, SigCgt, ShdPnd) belong to the whole process.
    """

    blocked: int = 0
    ignored: int = 0
    caught: int = 0
    thread_pending: int = 0
    pending: int = 0
