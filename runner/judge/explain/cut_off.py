"""
Processes that were killed when init ended: where the signal on its way to them got lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.programs import called, is_program, is_shell
from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because, listed, name
from runner.model.expectation import (
    DeliveredWas,
    ExecEndedWith,
    ForwardedWas,
    InitExited,
    InitKilledBy,
    LogsHave,
    OutcomeWas,
    ProcessIs,
    ShutdownWas,
)
from runner.model.explanation import Explanation
from runner.model.killed import KilledProcess
from runner.model.process import INIT_PID, Process

ABOUT: Final = (
    InitExited,
    InitKilledBy,
    ShutdownWas,
    LogsHave,
    ForwardedWas,
    DeliveredWas,
    OutcomeWas,
    ProcessIs,
    ExecEndedWith,
)


def of_cut_off(step: StepHistory) -> Iterator[Explanation]:
    """Yield why processes were killed when init ended, though the stop was to let them end."""
    asked, init = step.asked, step.init
    if asked is None or init is None or step.escalated or not step.about(*ABOUT):
        return
    not_received = [one for one in step.killed if one.received is False]
    if not_received:
        yield _never_received(step, init, str(asked.signal), not_received)
    elif step.killed:
        yield _did_not_wait(step, init, str(asked.signal))


def _never_received(
    step: StepHistory, init: Process, signal: str, not_received: Sequence[KilledProcess]
) -> Explanation:
    shell, program = _shell_that_ended(step, not_received), _program(step, not_received[0])
    verb = "was" if len(not_received) == 1 else "were"
    who = _named(step, not_received)
    killed = f"{who} never received {signal}, and {verb} killed when init ended."
    if shell is not None:
        first = (
            f"{name(shell)}, a shell below {step.init_words}, received {signal} and ended by it."
        )
        return because(first, killed, rule="R14", diagnosis=of_shell(init), program=program)
    sent_on = [str(one.target) for one in step.sent_on() if str(one.signal) == signal]
    first = f"{step.init_words} ended, and did not forward {signal}."
    if sent_on:
        first = f"{step.init_words} forwarded {signal} to {listed(sent_on)} alone, and ended."
    return because(first, killed, rule="R14", diagnosis=_of_init(init), program=program)


def _program(step: StepHistory, killed: KilledProcess) -> str:
    known = step.seen_before(killed.pid)
    return killed.comm if known is None else called(known)


def _named(step: StepHistory, killed: Sequence[KilledProcess]) -> str:
    seen = [step.seen_before(one.pid) for one in killed]
    words = [
        str(one) if known is None else name(known) for one, known in zip(killed, seen, strict=True)
    ]
    return listed(words)


def _shell_that_ended(step: StepHistory, not_received: Sequence[KilledProcess]) -> Process | None:
    """Find the shell between init and the killed processes that the signal has ended."""
    for one in not_received:
        known = step.seen_before(one.pid)
        parent = step.seen_before(known.ppid) if known is not None else None
        while parent is not None and parent.pid != INIT_PID:
            if is_shell(parent) and step.ended_since(parent):
                return parent
            parent = step.seen_before(parent.ppid)
    return None


def of_shell(init: Process) -> Diagnosis:
    """Return the diagnosis where a shell below this init keeps the signal from a program."""
    if is_program(init, "npm", "yarn", "pnpm"):
        return Diagnosis.D9
    if is_program(init, "supervisord"):
        return Diagnosis.D20
    if is_program(init, "su", "sudo"):
        return Diagnosis.D6
    return Diagnosis.D2


def _of_init(init: Process) -> Diagnosis | None:
    if is_program(init, "runsvdir"):
        return Diagnosis.D19
    if is_program(init, "su", "sudo"):
        return Diagnosis.D6
    return None


def _did_not_wait(step: StepHistory, init: Process, signal: str) -> Explanation:
    """All that were killed had received the signal: init did not wait for them."""
    killed = _named(step, step.killed)
    verb = "was" if len(step.killed) == 1 else "were"
    return because(
        f"{killed} had received {signal}, and {verb} still running when {step.init_words} ended; "
        "the kernel then killed all that was left.",
        rule="R14",
        diagnosis=Diagnosis.D5 if is_shell(init) else None,
        program=_program(step, step.killed[0]),
    )
