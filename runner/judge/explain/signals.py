"""
Signals that never came to a handler: dropped, ignored, blocked, or sent to a stopped process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from runner.judge.explain.step_history import SHELLS, StepHistory, because, names
from runner.kernel.masks import holds, signals_in
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.processes import ProcessState
from runner.kernel.signals import SIGKILL, Signal
from runner.kernel.target import SIGSTOP
from runner.model.expectation import (
    DeliveredWas,
    ForwardedWas,
    InitExited,
    InitIs,
    InitKilledBy,
    LogsHave,
    OutcomeWas,
    ShutdownWas,
)
from runner.model.explanation import Explanation
from runner.model.process import Process
from runner.model.signal_outcome import SignalOutcome
from runner.model.step import Sender, Stop
from runner.model.verdict import Evidence

_ABOUT: Final = (
    InitExited,
    InitKilledBy,
    InitIs,
    ShutdownWas,
    LogsHave,
    ForwardedWas,
    DeliveredWas,
    OutcomeWas,
)


def of_signals(step: StepHistory) -> Iterator[Explanation]:
    """Yield why the signal did nothing to init."""
    outcome, init = step.asked, step.init
    if outcome is None or init is None or init.pid != outcome.pid or not step.about(*_ABOUT):
        return
    actual = outcome.actual
    if actual is None and outcome.evidence is Evidence.PROC and step.escalated:
        # Its target is gone by now; but what the masks predicted, the escalation confirms.
        actual = outcome.predicted if outcome.confidence is Confidence.CERTAIN else None
    say = _SAID.get(actual) if actual is not None else None
    if say is not None:
        yield from say(step, outcome, init)


def _dropped(step: StepHistory, outcome: SignalOutcome, init: Process) -> Iterator[Explanation]:
    if outcome.signal in {SIGKILL, SIGSTOP} and outcome.sender is Sender.INSIDE:
        yield because(
            f"{outcome.signal} was dropped: from inside its PID namespace not even that acts on "
            "init. kill(2) succeeds all the same.",
            rule="R5",
            advice="send it from the host: `from: host`, as the engine does",
        )
        return
    rule = outcome.rule if outcome.rule in {"R5", "R9"} else ""
    how = f"{outcome.signal} was dropped"
    if outcome.evidence is not Evidence.KERNEL:
        how = f"By the masks in /proc (no kernel trace), {outcome.signal} must have been dropped"
    first = (
        f"{how}: {step.init_words} has the default disposition for it, and to PID 1 the kernel "
        "does not deliver such a signal. kill(2) succeeds all the same."
    )
    yield because(
        first,
        _children_never_saw(step, outcome.signal, init),
        step.lived_on,
        rule=rule,
        advice=_advice_for_dropped(step, outcome.signal, init),
    )


def _children_never_saw(step: StepHistory, signal: Signal, init: Process) -> str:
    if not step.children or not step.traced:
        return ""
    if any(one.signal == signal for one in step.sent_to(step.children)):
        return ""
    if init.comm in SHELLS:
        children = names(step.children)
        return f"Its child {children} never received {signal}: the shell forwarded nothing."
    return f"Nothing was forwarded to {names(step.children)}."


def _advice_for_dropped(step: StepHistory, signal: Signal, init: Process) -> str:
    if not signal.default_action.ends:
        return ""
    if init.comm in SHELLS and step.children:
        return (
            'use the exec form (CMD ["program", "argument"]) or `exec program` in the script, and '
            f"let the program handle {signal}, or run it below an init (Compose's `init: true`)"
        )
    caught = [one for one in signals_in(init.masks.caught) if one.default_action.ends]
    other = next((one for one in caught if one.signal_name in {"SIGQUIT", "SIGINT"}), None)
    also = f", or try STOPSIGNAL {other}, which it catches" if other is not None else ""
    if not isinstance(step.action, Stop) or init.comm in SHELLS:
        also = ""
    return f"install a handler for {signal}, or run it below an init (Compose's `init: true`){also}"


def _ignored(step: StepHistory, outcome: SignalOutcome, init: Process) -> Iterator[Explanation]:
    if not holds(init.masks.ignored, outcome.signal):
        return
    yield because(
        f"{step.init_words} ignores {outcome.signal} (SigIgn in /proc/1/status), so it was "
        "discarded.",
        step.lived_on,
        rule="R6",
        advice=f"look for `trap '' {outcome.signal.signal_name.removeprefix('SIG')}` and the like "
        "in what started it: an ignored signal stays ignored through execve(2)",
    )


def _pending(step: StepHistory, outcome: SignalOutcome, init: Process) -> Iterator[Explanation]:
    if init.state is ProcessState.STOPPED:
        yield because(
            f"{step.init_words} was stopped (state T) when {outcome.signal} came: it stays pending "
            "until SIGCONT.",
            step.lived_on,
            rule="R19",
            advice="send SIGCONT first",
        )
    elif holds(init.blocked_by_all, outcome.signal):
        yield because(
            f"{step.init_words} blocks {outcome.signal} (SigBlk in /proc/1/status): it stayed "
            "pending and was never delivered.",
            step.lived_on,
            rule="R3",
            advice="unblock it (sigprocmask), or take it with sigwait or a signalfd; the mask may "
            "be inherited from what started the program",
        )


_SAID: Final[
    Mapping[Outcome, Callable[[StepHistory, SignalOutcome, Process], Iterator[Explanation]]]
] = {
    Outcome.DROPPED_INIT: _dropped,
    Outcome.IGNORED: _ignored,
    Outcome.PENDING: _pending,
}


def mispredictions(outcomes: tuple[SignalOutcome, ...]) -> Iterator[Explanation]:
    """Say of each signal of which something else became than the rules predict."""
    for outcome in outcomes:
        if outcome.mispredicted and outcome.predicted is not None and outcome.actual is not None:
            sure = "must have" if outcome.confidence is Confidence.CERTAIN else "should have"
            yield because(
                f"Prediction and outcome differ: by {outcome.rule}, {outcome.signal} to PID "
                f"{outcome.pid} {sure} been "
                f"{outcome.predicted.value}, but was {outcome.actual.value}: {outcome.seen} "
                f"(evidence: {outcome.evidence.value}).",
                rule=outcome.rule,
                advice="the program may have changed its dispositions meanwhile; if not, the "
                "oracle is wrong: please report it with result.json",
            )
