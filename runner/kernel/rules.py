"""
The rules by which Linux treats a signal, R0 to R20, each with its text and source.

The one source for reports and for the pages of the documentation. This module must decide nothing.
"""

from __future__ import annotations

import enum

from runner.kernel import rules_living as living
from runner.kernel import rules_sending as sending
from runner.kernel.rule_text import RuleText


class Rule(enum.Enum):
    """
    One rule; `value` is its text. R0 to R11 are asked in about this order.

    >>> str(Rule.R5)
    'R5 init-drop-at-send'
    """

    R0 = sending.PERMISSION
    R1 = sending.FORCE
    R2 = sending.JOB_CONTROL
    R3 = sending.BLOCKED
    R4 = sending.TRACED
    R5 = sending.INIT_SEND
    R6 = sending.IGNORED
    R7 = sending.COALESCE
    R8 = sending.HANDLER
    R9 = sending.INIT_DEQUEUE
    R10 = living.STOP
    R11 = living.FATAL
    R12 = living.FAULT
    R13 = living.FAULT_HANDLER
    R14 = living.NAMESPACE_END
    R15 = living.REBOOT
    R16 = living.AUTO_REAP
    R17 = living.REPARENT
    R18 = living.INHERIT
    R19 = living.HELD
    R20 = living.BROADCAST

    @property
    def text(self) -> RuleText:
        """All that is said of the rule."""
        return self.value

    @property
    def short_name(self) -> str:
        """In kebab case: `init-drop-at-send`."""
        return self.value.name

    @property
    def title(self) -> str:
        """A heading for people."""
        return self.value.title

    @property
    def sentence(self) -> str:
        """What the kernel does, in one sentence."""
        return self.value.sentence

    @property
    def source(self) -> str:
        """The manual pages and kernel functions that say so."""
        return self.value.source

    @property
    def explanation(self) -> str:
        """What a user of containers sees of it, with an example and what to do."""
        return self.value.explanation

    def __str__(self) -> str:
        """Return number and short name, as in `R5 init-drop-at-send`."""
        return f"{self.name} {self.short_name}"
