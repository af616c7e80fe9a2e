"""The shape of what is said of one kernel rule; this module must hold no rule itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleText:
    """
    What people read of a rule; the pages of the documentation are made of it.

    `name` is in kebab case and names the rule in reports. `sentence` says what the kernel does,
    `source` where that is written (a manual page, or a function of the kernel), `explanation`
    what a user of containers sees of it, with an example and what to do.
    """

    name: str
    title: str
    sentence: str
    source: str
    explanation: str
