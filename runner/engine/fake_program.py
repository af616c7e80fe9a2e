"""
How the programs of the fake engine behave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from runner.kernel.signals import ALL_SIGNALS, SIGKILL, SIGSTOP, Signal
from runner.model.container import WrongInit

_NOT_FOUND: Final = 127


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
    prints what is written to it, and ends with 0 at the end of its input. Exec'd, it starts
    `starts_after_s` after the engine's answer.
    """

    prints: str = ""
    caught: Mapping[Signal, Reaction] = field(default_factory=dict[Signal, Reaction])
    ignored: tuple[Signal, ...] = ()
    exits: int | None = None
    exits_after_s: float = 0.0
    echoes: bool = False
    starts_after_s: float = 0.001


_CATCHABLE: Final = tuple(
    one for one in ALL_SIGNALS if one not in {SIGKILL, SIGSTOP} and one.signal_name != "SIGCHLD"
)


def below(kind: WrongInit, program: FakeProgram | None) -> FakeProgram:
    """
    Return how a wrong init behaves with that program as its child; None: it is not there.

    They are one program here, so that `caught` and `ignored` are those of the init, and the child
    is heard and not seen.
    """
    child = program or FakeProgram(exits=_NOT_FOUND)
    match kind:
        case WrongInit.IGNORES:
            return replace(child, caught={}, ignored=_CATCHABLE)
        case WrongInit.NEVER_FORWARDS:
            return replace(child, caught=dict.fromkeys(_CATCHABLE, Reaction()), ignored=())
        case WrongInit.EXITS_AT_ONCE | WrongInit.DOES_NOT_WAIT:
            return replace(child, caught=dict.fromkeys(_CATCHABLE, Reaction(exits=0)), ignored=())
        case WrongInit.WRONG_STATUS:
            caught = {one: _one_more(_reaction(child, one)) for one in _CATCHABLE}
            exits = None if child.exits is None else (child.exits + 1) % 256
            return replace(child, caught=caught, ignored=(), exits=exits)


def _reaction(program: FakeProgram, signal: Signal) -> Reaction:
    """Return what an ordinary process does when a signal is forwarded to it."""
    if signal in program.caught:
        return program.caught[signal]
    ends = signal.default_action.ends and signal not in program.ignored
    return Reaction(exits=128 + signal) if ends else Reaction()


def _one_more(reaction: Reaction) -> Reaction:
    if reaction.exits is None:
        return reaction
    return replace(reaction, exits=(reaction.exits + 1) % 256)
