"""
Signals that init has caught, while the container did not end, or not in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.chains import chain
from runner.judge.explain.programs import called, in_foreground, is_shell
from runner.judge.explain.step_history import TAKEN, StepHistory
from runner.judge.explain.wording import because, name, names
from runner.kernel.masks import holds
from runner.kernel.prediction import Outcome
from runner.model.expectation import InitExited, InitKilledBy, LogsHave, ShutdownWas
from runner.model.explanation import Explanation
from runner.model.kernel_facts import (
    ChildStatus,
    ParentNotified,
    ProcessExited,
    ProcessForked,
    ProgramExeced,
    Role,
)
from runner.model.process import Process
from runner.model.signal_outcome import SignalOutcome
from runner.model.verdict import Evidence

_ABOUT: Final = (InitExited, InitKilledBy, ShutdownWas)
_LONG_NS: Final = 100_000_000
_MUCH_SOONER: Final = 4
_ENDED: Final = {ChildStatus.EXITED, ChildStatus.KILLED, ChildStatus.DUMPED}


def of_handler(step: StepHistory) -> Iterator[Explanation]:
    """Yield what became of a shutdown that began: init has got the signal and lived on for long."""
    about = step.about(*_ABOUT) or (step.about(LogsHave) and step.escalated)
    outcome, init = step.asked, step.init
    if outcome is None or init is None or not about:
        return
    if step.became is Outcome.HANDLER_RUNS:
        found = _stays(step, outcome, init) if step.lived_on else _waited(step, outcome, init)
        if found is not None:
            yield found
    elif outcome.actual in {None, Outcome.CONSUMED} and step.lived_on:
        found = chain(step, outcome) if step.traced else _ignored_by_child(step, outcome)
        if found is not None:
            yield found


def _stays(step: StepHistory, outcome: SignalOutcome, init: Process) -> Explanation | None:
    """Init has caught the signal, and did not end by it."""
    got = f"{step.init_words} caught {outcome.signal}"
    if outcome.evidence is Evidence.KERNEL:
        got = f"{outcome.signal} was delivered to a handler of {step.init_words}"
    if _handler_runs_on(step, outcome):
        return because(
            f"{got}, and that handler was still running at the last snapshot: {outcome.signal} was "
            "blocked meanwhile, as it is while a handler runs.",
            step.lived_on,
            rule="R8",
            diagnosis=Diagnosis.D32 if step.escalated else None,
        )
    waited_for = [one for one in step.children if in_foreground(one, init)]
    waited_for = [one for one in waited_for if not step.ended_since(one)]
    if step.traced and is_shell(init) and waited_for and not _acted(step):
        return _deferred(step, got, waited_for)
    busy = _started_since(step) if step.traced else _new_child(step, init)
    if busy:
        return because(
            f"{got}, and init had started {busy} since, which was still running.",
            step.lived_on,
            rule="R8",
            diagnosis=Diagnosis.D32 if step.escalated else None,
        )
    found = chain(step, outcome) if step.traced else _ignored_by_child(step, outcome)
    return found or because(
        f"{got}, and init did not exit."
        if outcome.evidence is Evidence.KERNEL
        else f"{got} by its masks in /proc (no kernel trace), and did not exit.",
        step.lived_on,
        rule="R8",
        diagnosis=Diagnosis.D38 if step.traced or not step.children else None,
        signal=str(outcome.signal),
    )


def _ignored_by_child(step: StepHistory, outcome: SignalOutcome) -> Explanation | None:
    """Return which child ignores the signal, where it is not known whether init forwarded it."""
    deaf = [one for one in step.children if holds(one.masks.ignored, outcome.signal)]
    if not deaf or outcome.predicted not in TAKEN:
        return None
    return because(
        f"{names(deaf)} probably did not end, as it ignores {outcome.signal} (SigIgn). Whether "
        f"{step.init_words} has forwarded it, `--evidence kernel` would tell.",
        step.lived_on,
        rule="R6",
        diagnosis=Diagnosis.D37,
        signal=str(outcome.signal),
    )


def _started_since(step: StepHistory) -> str:
    """Name a process that init has started since it got the signal, and that has not ended."""
    since_ns = step.generated.at_ns if step.generated else step.began_ns
    ended = {one.task.host_pid for one in step.all(ProcessExited) if one.at_ns < step.until_ns}
    comms = {one.task.host_pid: one.task.comm for one in step.all(ProgramExeced)}
    for one in step.all(ProcessForked):
        mine = one.parent.role is Role.INIT and since_ns < one.at_ns < step.until_ns
        if mine and one.child.host_pid not in ended:
            return f"{one.child.pid} {comms.get(one.child.host_pid, one.child.comm)}"
    return ""


def _new_child(step: StepHistory, init: Process) -> str:
    """Name a child of init that the last snapshot shows, and the one before the signal does not."""
    known = {(one.pid, one.started) for one in step.living_before}
    after = step.after.processes if step.after is not None else ()
    new = [one for one in after if one.ppid == init.pid and one.state.alive]
    return next((name(one) for one in new if (one.pid, one.started) not in known), "")


def _acted(step: StepHistory) -> bool:
    """Return whether init has started a process or sent a signal since it got the signal."""
    since_ns = step.generated.at_ns if step.generated else step.began_ns
    return step.forked_since(since_ns) or bool(step.sent_on())


def _deferred(step: StepHistory, got: str, living: list[Process]) -> Explanation:
    verb = "was" if len(living) == 1 else "were"
    return because(
        f"{got}, but a shell runs the trap only when its foreground command has ended, and "
        f"{names(living)} {verb} still running.",
        "By the kernel trace init has started nothing and sent no signal since.",
        step.lived_on,
        rule="R8",
        diagnosis=Diagnosis.D4,
        program=called(living[0]),
    )


def _handler_runs_on(step: StepHistory, outcome: SignalOutcome) -> bool:
    """
    Return whether init blocks the signal at the last snapshot, and did not before.

    A signal is blocked while its handler runs, unless that asked for SA_NODEFER (sigaction(2)).
    """
    # A snapshot that began before the signal came may show what it has done.
    before, now = step.init, step.after.init if step.after is not None else None
    if before is None or now is None or (now.pid, now.started) != (before.pid, before.started):
        return False
    blocks = holds(now.masks.blocked, outcome.signal) and not holds(
        before.masks.blocked, outcome.signal
    )
    return blocks and holds(now.masks.caught, outcome.signal)


def _waited(step: StepHistory, outcome: SignalOutcome, init: Process) -> Explanation | None:
    """Init has ended late, and soon after a child of it had, measured by how late that was."""
    notice, exited_ns = _last_child(step), step.exited_ns
    if not step.about(ShutdownWas) or notice is None or exited_ns is None:
        return None
    known = [one for one in step.children if one.pid == notice.child.pid]
    gap_ns, wait_ns = exited_ns - notice.at_ns, notice.at_ns - outcome.at_ns
    if not known or gap_ns * _MUCH_SOONER > wait_ns or wait_ns < _LONG_NS:
        return None
    sent = any(one.signal == outcome.signal for one in step.sent_to(known))
    passed = f"{outcome.signal} had been forwarded to it." if sent else ""
    never = f"Nobody had forwarded {outcome.signal} to it."
    return because(
        f"{step.init_words} caught {outcome.signal}, but ended only when its child "
        f"{name(notice.child)} had: that took {wait_ns / 1e9:.3f} s, and init "
        f"{gap_ns / 1e6:.1f} ms more.",
        passed or never,
        rule="R8",
        diagnosis=None if sent else Diagnosis.D4 if is_shell(init) else Diagnosis.D35,
        signal=str(outcome.signal),
        program=notice.child.comm,
    )


def _last_child(step: StepHistory) -> ParentNotified | None:
    """Find the last child of init that ended before init did."""
    notices = [
        one
        for one in step.all(ParentNotified)
        if one.parent.role is Role.INIT and one.status in _ENDED and one.at_ns <= step.until_ns
    ]
    return notices[-1] if notices else None
