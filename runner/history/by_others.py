"""
What somebody else has done to a container from outside, through the engine or with kill(2).

A stop, kill, pause or removal by another user of the engine, or the end of the container's shim,
after which the engine sends SIGKILL. The engine's report of a signal is ours where a step has sent
it, or as one of the two of a stop or restart: its stop signal, and SIGKILL after the grace period.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from runner.history.container_history import ContainerHistory
from runner.model.engine_facts import EngineSent, Paused
from runner.model.kernel_facts import KernelFact, Role, SignalGenerated
from runner.model.step import Sender

_OF_A_STOP: Final = 2


def with_engine_signal(history: ContainerHistory, fact: EngineSent) -> ContainerHistory:
    """Take a report of the engine into account that is of no signal step."""
    stop = next((one for one in reversed(history.spans) if one.asked is not None), None)
    if stop is not None and len(stop.engine_sent) < _OF_A_STOP:
        return history
    return _with(history, fact)


def with_pause(history: ContainerHistory, fact: Paused) -> ContainerHistory:
    """Take a report into account that the container is paused."""
    return history if any(one.pauses for one in history.spans) else _with(history, fact)


def with_kernel_fact(history: ContainerHistory, fact: KernelFact) -> ContainerHistory:
    """Take a fact of the kernel trace into account: the same signals may be seen there first."""
    if not isinstance(fact, SignalGenerated) or history.shares_host:
        return history
    to_init = fact.target.role is Role.INIT and history.init_exited is None
    if not (to_init and fact.sender.role is Role.HOST and fact.code <= 0):
        return history
    if history.started is None or fact.at_ns < history.started.at_ns:
        return history  # what a runtime does on its way into the container
    return history if _asked_for(history, fact) else _with(history, fact)


def _asked_for(history: ContainerHistory, fact: SignalGenerated) -> bool:
    """Return whether a step has asked the engine for it, or may be about to say so."""
    sent = [one.fact for span in history.spans for one in span.sent]
    if any(one.sender is Sender.HOST and one.signal == fact.signal for one in sent):
        return True
    acting = history.span is not None and history.span.sends and history.span.acted_ns is None
    return acting or any(span.asked is not None for span in history.spans)


def _with(
    history: ContainerHistory, fact: EngineSent | Paused | SignalGenerated
) -> ContainerHistory:
    return dataclasses.replace(history, by_others=history.by_others or fact)
