"""
What somebody else did to a container while its case ran: nothing can be said of the container then.
"""

from __future__ import annotations

from typing import Final

from runner.history.case_history import CaseHistory
from runner.model.engine_facts import EngineSent, Paused
from runner.model.kernel_facts import SignalGenerated
from runner.model.verdict import Errored

_ADVICE: Final = "the containers of a run are its own: run it again while nobody else uses them"


def why_disturbed(history: CaseHistory) -> Errored | None:
    """
    Return that somebody else has acted on one of the containers; None: nobody has.

    A container in the machine's PID namespace may send signals to the others.
    """
    one_is_on_host = any(one.shares_host for one in history.containers.values())
    for one in history.containers.values():
        own = isinstance(one.by_others, SignalGenerated) and one_is_on_host
        if one.by_others is not None and not own:
            return Errored(f"this cannot be judged: {_words(one.by_others)}", advice=_ADVICE)
    return None


def _words(fact: EngineSent | Paused | SignalGenerated) -> str:
    """Return the same words whether the engine's report or the kernel trace was first."""
    if isinstance(fact, Paused):
        return "somebody else has paused the container"
    return f"somebody else has sent {fact.signal} to init from outside the container"
