"""
What masks, process lists and exit statuses make probable, where the kernel trace was not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.cut_off import ABOUT, of_shell
from runner.judge.explain.programs import called, in_foreground, is_program, is_shell
from runner.judge.explain.step_history import TAKEN, StepHistory
from runner.judge.explain.wording import because, name, names
from runner.kernel.masks import holds
from runner.kernel.signals import Signal
from runner.model.explanation import Explanation
from runner.model.process import Process

_PROOF: Final = "`--evidence kernel`, as root on the engine's machine, would prove it."
_FORWARD: Final = ("tini", "docker-init", "dumb-init", "catatonit")


def of_probable(step: StepHistory) -> Iterator[Explanation]:
    """Yield the probable reason, and what would prove it."""
    asked, init = step.asked, step.init
    if step.traced or asked is None or init is None or not step.about(*ABOUT):
        return
    if asked.predicted not in TAKEN:
        return
    found = _lives_on(step, init) if step.lived_on else _ended(step, init, asked.signal)
    if found is not None:
        yield found


def _lives_on(step: StepHistory, init: Process) -> Explanation | None:
    front = [one for one in step.children if in_foreground(one, init)]
    if is_shell(init) and front:
        return because(
            f"{step.init_words} catches the signal, but a shell runs a trap only when its "
            f"foreground command has ended: probably it waited for {names(front)}.",
            step.lived_on,
            _PROOF,
            rule="R8",
            diagnosis=Diagnosis.D4,
            program=called(front[0]),
        )
    if is_program(init, "uwsgi", "uwsgi-core"):
        return because(
            f"{step.init_words} probably took the signal for a reload, as it does by default.",
            step.lived_on,
            _PROOF,
            rule="R18",
            diagnosis=Diagnosis.D14,
        )
    return None


def _ended(step: StepHistory, init: Process, signal: Signal) -> Explanation | None:
    as_killed = step.ended is not None and step.ended.exit_code == 128 + signal
    if is_shell(init):
        return _did_not_wait(step, signal) if as_killed and step.children else None
    others = [one for one in step.living_before if one.pid != init.pid]
    if is_program(init, "runsvdir") and others:
        return because(
            f"{step.init_words} ended without a signal to its services: {names(others)} were "
            "probably killed when it ended.",
            _PROOF,
            rule="R14",
            diagnosis=Diagnosis.D19,
        )
    for shell in filter(is_shell, others):
        below = [one for one in others if one.ppid == shell.pid]
        if below and _ends_by(shell, signal):
            return _never_received(step, init, signal, shell, below)
    alone = others[0] if len(others) == 1 else None
    forwards = is_program(init, *_FORWARD)
    if as_killed and forwards and alone is not None and _ends_by(alone, signal):
        return because(
            f"{name(alone)} has the default disposition for {signal}, and was probably ended by "
            f"it; {step.init_words} then exited with {128 + signal}, to report that.",
            _PROOF,
            rule="R11",
            diagnosis=Diagnosis.D31,
            signal=str(signal),
            status=str(128 + signal),
        )
    return None


def _ends_by(process: Process, signal: Signal) -> bool:
    """
    Return whether the signal has its default action, and that is to end the process.

    That it was blocked when it was seen is no reason against it: a shell blocks all signals for the
    moment in which it starts a process.
    """
    set_by_itself = process.masks.caught | process.masks.ignored
    return signal.default_action.ends and not holds(set_by_itself, signal)


def _did_not_wait(step: StepHistory, signal: Signal) -> Explanation:
    return because(
        f"{step.init_words} exited with {128 + signal}, as wait(1) does when a trap for {signal} "
        f"ends it: probably {names(step.children)} was still running, and was killed.",
        _PROOF,
        rule="R14",
        diagnosis=Diagnosis.D5,
        program=called(step.children[0]),
    )


def _never_received(
    step: StepHistory, init: Process, signal: Signal, shell: Process, below: list[Process]
) -> Explanation:
    return because(
        f"{name(shell)}, a shell below {step.init_words}, has the default disposition for "
        f"{signal}, and was probably ended by it.",
        f"Probably {names(below)} never received {signal}, and was killed when init ended.",
        _PROOF,
        rule="R14",
        diagnosis=of_shell(init),
        program=called(below[0]),
    )
