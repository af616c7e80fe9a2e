"""
Signals that init has caught, while the container did not end, or not in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.judge.explain.chains import chain
from runner.judge.explain.plot import SHELLS, Plot, because, name, names
from runner.kernel.masks import holds
from runner.kernel.prediction import Outcome
from runner.kernel.signals import Signal
from runner.model.expectation import InitExited, InitKilledBy, LogsHave, ShutdownWas
from runner.model.explanation import Explanation
from runner.model.fate import SignalFate
from runner.model.kernel_facts import (
    ParentTold,
    Place,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Told,
)
from runner.model.observation import ProcessesSeen
from runner.model.process import Process
from runner.model.verdict import Evidence

_SIGINT: Final = Signal.parse("SIGINT")
_SIGQUIT: Final = Signal.parse("SIGQUIT")

_ABOUT: Final = (InitExited, InitKilledBy, ShutdownWas)
_LONG_NS: Final = 100_000_000
_MUCH_SOONER: Final = 4
_ENDED: Final = {Told.EXITED, Told.KILLED, Told.DUMPED}


def of_handler(plot: Plot) -> Iterator[Explanation]:
    """Say what became of a shutdown that began: init has got the signal and lived on for long."""
    about = plot.about(*_ABOUT) or (plot.about(LogsHave) and plot.escalated)
    fate, init = plot.asked, plot.init
    if fate is None or init is None or init.pid != fate.pid or not about:
        return
    if fate.outcome is Outcome.HANDLER_RUNS:
        lived_on = plot.escalated or plot.exited_ns is None
        found = _stays(plot, fate, init) if lived_on else _waited(plot, fate, init)
        if found is not None:
            yield found
    elif plot.recorded and fate.outcome in {None, Outcome.CONSUMED} and plot.lived_on:
        found = chain(plot, fate)
        if found is not None:
            yield found


def _stays(plot: Plot, fate: SignalFate, init: Process) -> Explanation | None:
    """Init has caught the signal, and did not end by it."""
    got = f"{plot.init_words} caught {fate.signal}"
    if fate.evidence is Evidence.KERNEL:
        got = f"{fate.signal} was delivered to a handler of {plot.init_words}"
    if _handler_runs_on(plot, fate):
        return because(
            f"{got}, and that handler was still running at the last look: {fate.signal} was "
            "blocked meanwhile, as it is while a handler runs.",
            plot.lived_on,
            rule="R8",
            advice="give it more time (`docker stop -t`, Compose's stop_grace_period), or let the "
            "handler do less",
        )
    waited_for = [one for one in plot.children if _in_foreground(one, init)]
    waited_for = [one for one in waited_for if not plot.ended_since(one)]
    if plot.recorded and init.comm in SHELLS and waited_for and not _acted(plot):
        return _deferred(plot, got, waited_for)
    if plot.recorded and (busy := _started_since(plot)):
        return because(
            f"{got}, and init had started {busy} since, which was still running.",
            plot.lived_on,
            rule="R8",
            advice="give it more time (`docker stop -t`, Compose's stop_grace_period), or let the "
            "handler do less",
        )
    found = chain(plot, fate) if plot.recorded else None
    return found or because(
        f"{got}, and init did not exit."
        if fate.evidence is Evidence.KERNEL
        else f"{got} by its masks in /proc (no kernel record), and did not exit.",
        plot.lived_on,
        rule="R8",
        advice="let the handler end the program, or give it more time; that a signal is caught "
        "does not say what the handler does",
    )


def _in_foreground(child: Process, shell: Process) -> bool:
    """
    Say whether a shell without job control must be waiting for this child.

    What it starts with `&` ignores SIGINT and SIGQUIT (POSIX, Shell Command Language 2.11).
    """
    keyboard = holds(child.masks.ignored, _SIGINT) and holds(child.masks.ignored, _SIGQUIT)
    return child.pgid == shell.pgid and not keyboard


def _started_since(plot: Plot) -> str:
    """Name a process that init has started since it got the signal, and that has not ended."""
    since_ns = plot.generated.at_ns if plot.generated else plot.began_ns
    ended = {one.task.host_pid for one in plot.all(ProcessExited) if one.at_ns < plot.until_ns}
    called = {one.task.host_pid: one.task.comm for one in plot.all(ProgramExeced)}
    for one in plot.all(ProcessForked):
        mine = one.parent.place is Place.INIT and since_ns < one.at_ns < plot.until_ns
        if mine and one.child.host_pid not in ended:
            return f"{one.child.pid} {called.get(one.child.host_pid, one.child.comm)}"
    return ""


def _acted(plot: Plot) -> bool:
    """Say whether init has started a process or sent a signal since it got the signal."""
    since_ns = plot.generated.at_ns if plot.generated else plot.began_ns
    return plot.forked_since(since_ns) or bool(plot.sent_on())


def _deferred(plot: Plot, got: str, living: list[Process]) -> Explanation:
    verb = "was" if len(living) == 1 else "were"
    return because(
        f"{got}, but a shell runs the trap only when its foreground command has ended, and "
        f"{names(living)} {verb} still running.",
        "By the kernel's record init has started nothing and sent no signal since.",
        plot.lived_on,
        rule="R8",
        advice="start the command in the background and wait for it: `command & wait $!`; in the "
        "trap, pass the signal on (`kill $!`) and exit",
    )


def _handler_runs_on(plot: Plot, fate: SignalFate) -> bool:
    """
    Say whether init blocks the signal at the last look, and did not before.

    A signal is blocked while its handler runs, unless that asked for SA_NODEFER (sigaction(2)).
    """
    before, since_ns = plot.init, plot.before.at_ns if plot.before is not None else fate.at_ns
    # A look that began before the signal came may show what it has done.
    looks = [one for one in plot.all(ProcessesSeen) if since_ns < one.at_ns <= plot.until_ns]
    now = looks[-1].init if looks else None
    if before is None or now is None or (now.pid, now.started) != (before.pid, before.started):
        return False
    blocks = holds(now.masks.blocked, fate.signal) and not holds(before.masks.blocked, fate.signal)
    return blocks and holds(now.masks.caught, fate.signal)


def _waited(plot: Plot, fate: SignalFate, init: Process) -> Explanation | None:
    """Init has ended late, and soon after a child of it had, measured by how late that was."""
    told, exited_ns = _last_child(plot), plot.exited_ns
    if not plot.about(ShutdownWas) or not plot.recorded or told is None or exited_ns is None:
        return None
    known = [one for one in plot.children if one.pid == told.child.pid]
    gap_ns, wait_ns = exited_ns - told.at_ns, told.at_ns - fate.at_ns
    if not known or gap_ns * _MUCH_SOONER > wait_ns or wait_ns < _LONG_NS:
        return None
    sent = any(one.signal == fate.signal for one in plot.sent_to(known))
    passed = f"{fate.signal} had been sent on to it." if sent else ""
    never = f"Nobody had sent {fate.signal} on to it."
    how = "pass the signal on to the child, and exit"
    if init.comm in SHELLS:
        how = "start the command in the background and wait for it (`command & wait $!`); in the "
        how += "trap, pass the signal on (`kill $!`) and exit"
    return because(
        f"{plot.init_words} caught {fate.signal}, but ended only when its child "
        f"{name(told.child)} had: that took {wait_ns / 1e9:.3f} s, and init "
        f"{gap_ns / 1e6:.1f} ms more.",
        passed or never,
        rule="R8",
        advice="let the child end sooner, or give it more time" if sent else how,
    )


def _last_child(plot: Plot) -> ParentTold | None:
    """Find the last child of init that ended before init did."""
    told = [
        one
        for one in plot.all(ParentTold)
        if one.parent.place is Place.INIT and one.told in _ENDED and one.at_ns <= plot.until_ns
    ]
    return told[-1] if told else None
