"""
Signals that never came to a handler: dropped, ignored, blocked, or sent to a stopped process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from runner.judge.explain.plot import SHELLS, Plot, because, names
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
from runner.model.fate import SignalFate
from runner.model.process import Process
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


def of_signals(plot: Plot) -> Iterator[Explanation]:
    """Say why the signal did nothing to init."""
    fate, init = plot.asked, plot.init
    if fate is None or init is None or init.pid != fate.pid or not plot.about(*_ABOUT):
        return
    outcome = fate.outcome
    if outcome is None and fate.evidence is Evidence.PROC and plot.escalated:
        # Its target is gone by now; but what the masks foretold, the escalation confirms.
        outcome = fate.predicted if fate.confidence is Confidence.CERTAIN else None
    say = _SAID.get(outcome) if outcome is not None else None
    if say is not None:
        yield from say(plot, fate, init)


def _dropped(plot: Plot, fate: SignalFate, init: Process) -> Iterator[Explanation]:
    if fate.signal in {SIGKILL, SIGSTOP} and fate.sender is Sender.INSIDE:
        yield because(
            f"{fate.signal} was dropped: from inside its PID namespace not even that acts on init. "
            "kill(2) succeeds all the same.",
            rule="R5",
            advice="send it from the host: `docker kill`, or `from: host`",
        )
        return
    rule = fate.rule if fate.rule in {"R5", "R9"} else ""
    how = f"{fate.signal} was dropped"
    if fate.evidence is not Evidence.KERNEL:
        how = f"By the masks in /proc (no kernel record), {fate.signal} must have been dropped"
    first = (
        f"{how}: {plot.init_words} has the default disposition for it, and to PID 1 the kernel "
        "does not deliver such a signal. kill(2) succeeds all the same."
    )
    yield because(
        first,
        _children_never_saw(plot, fate.signal, init),
        plot.lived_on,
        rule=rule,
        advice=_advice_for_dropped(plot, fate.signal, init),
    )


def _children_never_saw(plot: Plot, signal: Signal, init: Process) -> str:
    if not plot.children or not plot.recorded:
        return ""
    if any(one.signal == signal for one in plot.sent_to(plot.children)):
        return ""
    if init.comm in SHELLS:
        return f"Its child {names(plot.children)} never saw {signal}: the shell sent nothing on."
    return f"Nothing was sent on to {names(plot.children)}."


def _advice_for_dropped(plot: Plot, signal: Signal, init: Process) -> str:
    if not signal.default_action.ends:
        return ""
    if init.comm in SHELLS and plot.children:
        return (
            'use the exec form (CMD ["program", "argument"]) or `exec program` in the script, and '
            f"let the program handle {signal}, or run it below an init (`docker run --init`)"
        )
    caught = [one for one in signals_in(init.masks.caught) if one.default_action.ends]
    other = next((one for one in caught if one.signal_name in {"SIGQUIT", "SIGINT"}), None)
    also = f", or try STOPSIGNAL {other}, which it catches" if other is not None else ""
    if not isinstance(plot.action, Stop) or init.comm in SHELLS:
        also = ""
    return f"install a handler for {signal}, or run it below an init (`docker run --init`){also}"


def _ignored(plot: Plot, fate: SignalFate, init: Process) -> Iterator[Explanation]:
    if not holds(init.masks.ignored, fate.signal):
        return
    yield because(
        f"{plot.init_words} ignores {fate.signal} (SigIgn in /proc/1/status), so it was discarded.",
        plot.lived_on,
        rule="R6",
        advice=f"look for `trap '' {fate.signal.signal_name.removeprefix('SIG')}` and the like in "
        "what started it: an ignored signal stays so through exec",
    )


def _pending(plot: Plot, fate: SignalFate, init: Process) -> Iterator[Explanation]:
    if init.state is ProcessState.STOPPED:
        yield because(
            f"{plot.init_words} was stopped (state T) when {fate.signal} came: it stays pending "
            "until SIGCONT.",
            plot.lived_on,
            rule="R19",
            advice="send SIGCONT first",
        )
    elif holds(init.blocked_by_all, fate.signal):
        yield because(
            f"{plot.init_words} blocks {fate.signal} (SigBlk in /proc/1/status): it stayed pending "
            "and was never taken.",
            plot.lived_on,
            rule="R3",
            advice="unblock it (sigprocmask), or take it with sigwait or a signalfd; the mask may "
            "be inherited from what started the program",
        )


_SAID: Final[Mapping[Outcome, Callable[[Plot, SignalFate, Process], Iterator[Explanation]]]] = {
    Outcome.DROPPED_INIT: _dropped,
    Outcome.IGNORED: _ignored,
    Outcome.PENDING: _pending,
}


def surprises(fates: tuple[SignalFate, ...]) -> Iterator[Explanation]:
    """Say of each signal of which something else became than the rules foretell."""
    for fate in fates:
        if fate.surprising and fate.predicted is not None and fate.outcome is not None:
            sure = "must have" if fate.confidence is Confidence.CERTAIN else "should have"
            yield because(
                f"A surprise: by {fate.rule}, {fate.signal} to PID {fate.pid} {sure} come to "
                f"{fate.predicted.value}, but it came to {fate.outcome.value}: {fate.seen} "
                f"(evidence: {fate.evidence.value}).",
                rule=fate.rule,
                advice="the program may have changed its dispositions meanwhile; if not, the "
                "oracle is wrong: please report it with result.json",
            )
