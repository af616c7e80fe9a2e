"""
What reports call a step that has no name of its own.
"""

from __future__ import annotations

from typing import assert_never

from runner.model.expectation import (
    Check,
    DeliveredWas,
    ExecEndedWith,
    Expectation,
    ForwardedWas,
    HealthIs,
    InitExited,
    InitIs,
    InitKilledBy,
    InitSettled,
    InitShows,
    KillAnswered,
    LogsHave,
    OomKilled,
    OutcomeWas,
    ProcessCount,
    ProcessIs,
    RestartsAre,
    ShutdownWas,
)
from runner.model.selection import selector_words
from runner.model.step import (
    Action,
    Addressee,
    Exec,
    GroupOf,
    Look,
    Pause,
    Restart,
    SendSignals,
    Start,
    Stop,
    Target,
    Unpause,
    Wait,
    Write,
)


def step_title(  # noqa: C901, PLR0911 - one line a kind
    action: Action, expectation: Expectation | None, *, until_ready: bool
) -> str:
    """Say in a few words what a step does."""
    match action:
        case SendSignals():
            return _signal_title(action)
        case Stop(grace_s=grace_s, signal=signal):
            grace = f" (grace {grace_s:g} s)" if grace_s is not None else ""
            return "stop" + (f" with {signal}" if signal else "") + grace
        case Exec(argv=argv, detach=detach):
            return f"exec {' '.join(argv)}" + (" (detached)" if detach else "")
        case Restart(grace_s=grace_s):
            return "restart" + (f" (grace {grace_s:g} s)" if grace_s is not None else "")
        case Start():
            return "start"
        case Write(text=text, close=close):
            return f"write {text!r}" + (" and close" if close else "")
        case Pause():
            return "pause"
        case Unpause():
            return "unpause"
        case Wait():
            return "wait for ready" if until_ready else f"wait for {_nouns(expectation)}"
        case Look():
            return f"expect {_nouns(expectation)}"
        case _:
            assert_never(action)


def _signal_title(action: SendSignals) -> str:
    what = " ".join(map(str, action.signals))
    times = f" {action.times} times" if action.times > 1 else ""
    return f"signal {what}{times} to {_target_words(action.to)} from {action.sender.value}"


def _target_words(to: Target) -> str:
    match to:
        case Addressee():
            return to.value
        case GroupOf(selector=selector):
            return f"the process group of {selector_words(selector)}"
        case _:
            return selector_words(to)


def _nouns(expectation: Expectation | None) -> str:
    checks = expectation.checks if expectation else ()
    return ", ".join(dict.fromkeys(_noun(check) for check in checks))


def _noun(check: Check) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a noun
    match check:
        case InitSettled():
            return "ready"
        case InitIs(state=state):
            return f"init {state.value}"
        case InitExited(codes=codes):
            return "init exited " + " or ".join(map(str, codes))
        case InitShows():
            return "facts of init"
        case ProcessIs(selector=selector):
            return selector_words(selector)
        case ProcessCount():
            return "processes"
        case KillAnswered():
            return "the answer of kill"
        case LogsHave():
            return "logs"
        case ShutdownWas():
            return "shutdown"
        case ExecEndedWith():
            return "the end of the exec"
        case OomKilled():
            return "oom_killed"
        case InitKilledBy():
            return "what killed init"
        case DeliveredWas():
            return "delivered"
        case OutcomeWas():
            return "outcome"
        case ForwardedWas(signal=signal):
            return f"{signal} forwarded"
        case RestartsAre():
            return "restarts"
        case HealthIs():
            return "health"
        case _:
            assert_never(check)
