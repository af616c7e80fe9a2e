"""
The shape of what is said of one diagnosis; this module must hold no diagnosis itself.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """What to write, and where: a Dockerfile, a Compose file, Kubernetes, a script."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Cure:
    """
    A change after which the same expectation passes: a test makes it and sees that.

    `advice` is a phrase in the imperative. In it `{signal}` stands for the signal that was sent,
    `{program}` for the program that should have got it, `{command}` for that in a line of code, and
    `{status}` for an exit status. `but` says what it does not do, "" where it loses nothing.
    """

    advice: str
    changes: tuple[Change, ...]
    but: str = ""


@dataclass(frozen=True, slots=True)
class DiagnosisText:
    """
    What people read of a diagnosis; the pages of the documentation are made of it.

    `happens` says what happens and `shown_by` which facts show it. `cures` are the best first.
    `does_not_help` are changes that are often tried, with what they do instead. `rules`
    are those of the kernel that are behind it, as in `R5`; `source` says where it is written.
    """

    title: str
    happens: str
    shown_by: str
    cures: tuple[Cure, ...]
    does_not_help: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    source: str = ""

    def advice(self, **values: str) -> str:
        """Return what to do in one phrase: the best cure, and the next one where there is one."""
        return "; or ".join(cure.advice.format(**values) for cure in self.cures[:2])
