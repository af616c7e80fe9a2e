"""
Programs that have conventions of their own for a signal, and what init did by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.programs import graceful_signal, is_program
from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because
from runner.kernel.masks import holds
from runner.kernel.signals import SIGTERM
from runner.model.expectation import (
    ExecEndedWith,
    InitExited,
    InitIs,
    InitKilledBy,
    LogsHave,
    ShutdownWas,
)
from runner.model.explanation import Explanation
from runner.model.kernel_facts import ProgramExeced, Role, SignalGenerated
from runner.model.process import Process
from runner.model.signal_outcome import SignalOutcome

_ABOUT: Final = (InitExited, InitIs, InitKilledBy, ShutdownWas, LogsHave, ExecEndedWith)


def of_convention(step: StepHistory) -> Iterator[Explanation]:
    """Yield what a program did by a convention of its own, where that was not as expected."""
    asked, init = step.asked, step.init
    if asked is not None and init is not None and _taken(step):
        found = _reloaded(step, asked) or _of_server(step, asked, init)
        if found is not None:
            yield found


def of_raised_again(step: StepHistory) -> Iterator[Explanation]:
    """Yield that init has sent the signal to itself to end by it, which does nothing to PID 1."""
    asked = step.asked
    found = _raised_again(step, asked) if asked is not None and _taken(step) else None
    if found is not None:
        yield found


def _taken(step: StepHistory) -> bool:
    """Return whether init has taken the asked signal, and what it did may be the reason."""
    return step.init is not None and step.taken and step.about(*_ABOUT)


def _reloaded(step: StepHistory, asked: SignalOutcome) -> Explanation | None:
    generated = step.generated
    since_ns = generated.at_ns if generated is not None else asked.at_ns
    execs = [
        one
        for one in step.all(ProgramExeced)
        if one.task.role is Role.INIT and since_ns < one.at_ns < step.until_ns
    ]
    if not step.traced or not execs:
        return None
    known = step.init is not None and is_program(step.init, "uwsgi", "uwsgi-core")
    return because(
        f"{step.init_words} took {asked.signal} for a reload: it has called execve(2) since, and "
        f"is {execs[-1].task.comm} now.",
        step.lived_on,
        rule="R18",
        diagnosis=Diagnosis.D14 if known else None,
    )


def _raised_again(step: StepHistory, asked: SignalOutcome) -> Explanation | None:
    own = [
        one
        for one in step.all(SignalGenerated)
        if one.sender.role is Role.INIT
        and one.target.role is Role.INIT
        and one.signal == asked.signal
        and one.at_ns < step.until_ns
    ]
    if not step.traced or not own:
        return None
    status = f"Init then exited with {step.ended.exit_code}." if step.ended is not None else ""
    return because(
        f"{step.init_words} handled {asked.signal}, and then sent {asked.signal} to itself, to "
        f"end by "
        "it; to PID 1 the kernel does not deliver a signal with the default disposition.",
        status or step.lived_on,
        rule="R5",
        diagnosis=Diagnosis.D11,
        signal=str(asked.signal),
    )


def _of_server(step: StepHistory, asked: SignalOutcome, init: Process) -> Explanation | None:
    if asked.signal != SIGTERM:
        return None
    if is_program(init, "postgres") and step.lived_on:
        return because(
            "Postgres takes SIGTERM for its smart shutdown: it waits until the last client has "
            "left.",
            step.lived_on,
            rule="R8",
            diagnosis=Diagnosis.D12,
        )
    graceful = graceful_signal(init)
    if graceful is None or step.escalated or not holds(init.masks.caught, graceful):
        return None
    return because(
        f"{step.init_words} took SIGTERM for its fast stop, which cuts the requests that are under "
        f"way; {graceful} is its graceful stop, and it has a handler for that.",
        rule="R8",
        diagnosis=Diagnosis.D13,
        graceful=str(graceful),
    )
