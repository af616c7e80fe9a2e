"""
Signals that never came to a handler: dropped, ignored, blocked, or sent to a stopped process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.programs import (
    called,
    has_command_string,
    in_foreground,
    is_idle,
    is_program,
    is_shell,
)
from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because, names
from runner.kernel.masks import holds
from runner.kernel.prediction import Confidence, Outcome
from runner.kernel.signals import SIGKILL, DefaultAction, Signal
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

_SAFE: Final = ("mysqld_safe", "mariadbd-safe")
_SIGQUIT: Final = Signal.parse("SIGQUIT")
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
    if outcome is None or init is None or not step.about(*_ABOUT):
        return
    say = _SAID.get(step.became) if step.became is not None else None
    if say is not None:
        yield from say(step, outcome, init)


def _dropped(step: StepHistory, outcome: SignalOutcome, init: Process) -> Iterator[Explanation]:
    if outcome.signal in {SIGKILL, SIGSTOP} and outcome.sender is Sender.INSIDE:
        yield because(
            f"{outcome.signal} was dropped: from inside its PID namespace not even that acts on "
            "init. kill(2) succeeds all the same.",
            rule="R5",
            diagnosis=Diagnosis.D26,
            signal=str(outcome.signal),
        )
        return
    if outcome.signal.default_action is DefaultAction.IGN:
        yield from _ignored(step, outcome, init)
        return
    rule = outcome.rule if outcome.rule in {"R5", "R9"} else ""
    how = f"{outcome.signal} was dropped"
    if outcome.evidence is not Evidence.KERNEL:
        how = f"By the masks in /proc (no kernel trace), {outcome.signal} must have been dropped"
    first = (
        f"{how}: {step.init_words} has the default disposition for it, and to PID 1 the kernel "
        "does not deliver such a signal. kill(2) succeeds all the same."
    )
    diagnosis, program = _why_dropped(step, outcome.signal, init)
    since = f"It has installed a handler for {outcome.signal} since."
    yield because(
        first,
        since if diagnosis is Diagnosis.D15 else _children_never_saw(step, outcome.signal, init),
        step.lived_on,
        rule=rule,
        diagnosis=diagnosis,
        signal=str(outcome.signal),
        program=program,
    )


def _children_never_saw(step: StepHistory, signal: Signal, init: Process) -> str:
    if not step.children or not step.traced:
        return ""
    if any(one.signal == signal for one in step.sent_to(step.children)):
        return ""
    if is_shell(init):
        children = names(step.children)
        return f"Its child {children} never received {signal}: the shell forwarded nothing."
    return f"Nothing was forwarded to {names(step.children)}."


def _why_dropped(step: StepHistory, signal: Signal, init: Process) -> tuple[Diagnosis, str]:
    """Return the diagnosis of an init without a handler, and the program that it is about."""
    now = step.after.init if step.after is not None else None
    if now is not None and holds(now.masks.caught, signal):
        return Diagnosis.D15, called(init)
    if is_idle(init) and len(step.living_before) > 1:
        return Diagnosis.D8, called(init)
    if not is_shell(init) or not step.children:
        quits = holds(init.masks.caught, _SIGQUIT) and isinstance(step.action, Stop)
        other = quits and not is_shell(init)
        return Diagnosis.D34 if other else Diagnosis.D10, called(init)
    front = [one for one in step.children if in_foreground(one, init)]
    idle = [one for one in step.children if is_idle(one)]
    if idle and len(step.living_before) > len(idle) + 1:
        return Diagnosis.D8, called(idle[0])
    first = (front or step.children)[0]
    if len(front) > 1 or any(is_program(one, "tee") for one in step.children):
        return Diagnosis.D7, called(first)
    return Diagnosis.D3 if has_command_string(init) else Diagnosis.D1, called(first)


def _ignored(step: StepHistory, outcome: SignalOutcome, init: Process) -> Iterator[Explanation]:
    if holds(init.masks.ignored, outcome.signal):
        yield because(
            f"{step.init_words} ignores {outcome.signal} (SigIgn in /proc/1/status), so it was "
            "discarded.",
            step.lived_on,
            rule="R6",
            diagnosis=Diagnosis.D17 if is_program(init, *_SAFE) else Diagnosis.D36,
            signal=str(outcome.signal),
            short=outcome.signal.signal_name.removeprefix("SIG"),
        )
    elif outcome.signal.default_action is DefaultAction.IGN:
        yield because(
            f"{outcome.signal} is ignored by default, and {step.init_words} has no handler for it.",
            step.lived_on,
            rule="R6",
            diagnosis=Diagnosis.D18,
            signal=str(outcome.signal),
        )


def _pending(step: StepHistory, outcome: SignalOutcome, init: Process) -> Iterator[Explanation]:
    if step.stopped:
        yield because(
            f"{step.init_words} was stopped (state T) when {outcome.signal} came: it stays pending "
            "until SIGCONT.",
            step.lived_on,
            rule="R19",
            diagnosis=Diagnosis.D25,
        )
    elif holds(init.blocked_by_all, outcome.signal):
        yield because(
            f"{step.init_words} blocks {outcome.signal} (SigBlk in /proc/1/status): it stayed "
            "pending and was never delivered.",
            step.lived_on,
            rule="R3",
            diagnosis=Diagnosis.D24,
            signal=str(outcome.signal),
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
                "The program may have changed its dispositions meanwhile; if not, the oracle is "
                "wrong: please report it with result.json.",
                rule=outcome.rule,
            )
