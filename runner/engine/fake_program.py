"""
How the programs of the fake engine behave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.kernel.signals import Signal


@dataclass(frozen=True, slots=True)
class Reaction:
    """
    What a handler does: print a line, write to the output of the probe, and exit if `exits` is a
    code; `after_s` later.
    """

    prints: str = ""
    to_probe: str = ""
    exits: int | None = None
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FakeProgram:
    """
    How a program behaves: what it prints at its start, how it reacts to the signals it catches,
    and, if `exits` is a code, that it ends by itself `exits_after_s` later. With `echoes`, it
    prints what is written to it, and ends with 0 at the end of its input.
    """

    prints: str = ""
    caught: Mapping[Signal, Reaction] = field(default_factory=dict[Signal, Reaction])
    ignored: tuple[Signal, ...] = ()
    exits: int | None = None
    exits_after_s: float = 0.0
    echoes: bool = False
