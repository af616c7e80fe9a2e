"""
What was true for a while and is over: it counts if it lasted long enough, whenever that is known.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from runner.history.container_history import ContainerHistory
from runner.history.fold import with_fact
from runner.model.engine_facts import InitEnded
from runner.model.kernel_facts import KernelFact
from runner.model.observation import LineTooLong, LogMatched, Observation, ProcessSnapshot


@dataclass(frozen=True, slots=True)
class TrueInterval:
    """
    What was true and is over, but would have been so for long enough at `until_ns`.

    `history` is as it was then.
    """

    history: ContainerHistory
    until_ns: int

    def after(self, fact: Observation) -> TrueInterval:
        """Take a fact into account that may be of that time: output has no time of its own."""
        printed = isinstance(fact, LogMatched | LineTooLong)
        if fact.at_ns >= self.until_ns and not printed:
            return self
        return dataclasses.replace(self, history=with_fact(self.history, fact))


def ended_after(fact: Observation, history: ContainerHistory, at_ns: int) -> bool:
    """
    Return whether what a fact has ended may have been so until that time.

    What the engine reports has happened earlier than it arrives. `history` has the fact.
    """
    if isinstance(fact, InitEnded):
        end_ns = history.end_ns
        return end_ns is not None and end_ns >= at_ns
    return isinstance(fact, KernelFact | ProcessSnapshot) and fact.at_ns >= at_ns
