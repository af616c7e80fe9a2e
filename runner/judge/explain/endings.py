"""
Ends of init that were not wanted: by which signal, from whom, or by an exit of its own.

An exit code alone never tells: 137 is what SIGKILL gives, and what exit(137) gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runner.diagnoses.table import Diagnosis
from runner.judge.explain.programs import SHELLS, is_shell
from runner.judge.explain.step_history import StepHistory
from runner.judge.explain.wording import because, name
from runner.kernel.prediction import Outcome
from runner.kernel.signals import SIGKILL, Signal, UnknownSignal
from runner.model.engine_facts import InitEnded
from runner.model.explanation import Explanation
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    Generation,
    ParentNotified,
    ProcessExited,
    Role,
    SignalDelivered,
    SignalGenerated,
)
from runner.model.verdict import Evidence

_NOT_FOUND: Final = 127
_SHORTLY_NS: Final = 1_000_000_000
_ENDS: Final = {Outcome.TERMINATED, Outcome.CORE_DUMPED}


def of_end(step: StepHistory) -> Iterator[Explanation]:
    """Yield what ended init."""
    ended = step.ended
    if ended is None and step.history.out_of_memory is not None:
        yield because(
            "The engine reports that the kernel's OOM killer was invoked in the container.",
            _limit(step),
            diagnosis=Diagnosis.D30,
        )
    if ended is None or step.restarted or not step.end_was_wrong:
        return
    notice = _last_notice(step)
    if not step.traced or notice is None:
        yield from _by_engine(step, ended)
    elif notice.status is ChildStatus.EXITED:
        yield from _exited(step, ended)
    else:
        yield from _killed(step)


def _last_notice(step: StepHistory) -> ParentNotified | None:
    of_init = [
        one for one in step.life if isinstance(one, ParentNotified) and one.child.role is Role.INIT
    ]
    ends = [
        one
        for one in of_init
        if one.status in {ChildStatus.EXITED, ChildStatus.KILLED, ChildStatus.DUMPED}
    ]
    return ends[-1] if ends else None


def _signal_of(code: int) -> Signal | None:
    try:
        return Signal(code - 128)
    except UnknownSignal:
        return None


def _exited(step: StepHistory, ended: InitEnded) -> Iterator[Explanation]:
    """By the kernel trace no signal has killed init."""
    signal = _signal_of(ended.exit_code)
    if signal is not None:
        child = _child_killed_by(step, signal)
        if child is not None:
            yield _passed_on(step, ended, signal, child)
            return
        if _handled(step, signal):
            yield _by_convention(step, ended, signal)
            return
        yield because(
            f"Init exited by itself with status {ended.exit_code}: by the kernel "
            f"trace no {signal} killed it, though that would give the same number.",
            _memory_words(step),
        )
    elif _a_command_was_not_found(step, ended):
        yield _not_found()


def _handled(step: StepHistory, signal: Signal) -> bool:
    """Return whether that is the signal that init was to act on, and has taken."""
    return step.asked is not None and step.asked.signal == signal and step.taken


def _by_convention(step: StepHistory, ended: InitEnded, signal: Signal) -> Explanation:
    """Return why a handled signal and 128 + its number are no contradiction."""
    alone = len(step.living_before) == 1
    nothing = "No process was killed when it ended." if step.traced else "It was the only process."
    cut_off = step.killed if step.traced else not alone
    return because(
        f"{step.init_words} handled {signal}, and {'' if step.traced else 'probably '}exited by "
        f"itself with {ended.exit_code}, that is 128 + {int(signal)}, to say what made it end.",
        "" if cut_off else nothing,
        rule="R8",
        diagnosis=None if cut_off else Diagnosis.D16,
        status=str(ended.exit_code),
    )


def _not_found() -> Explanation:
    return because(
        "Init was started, and exited by itself with 127: that is what a shell gives when it does "
        "not find a command.",
        diagnosis=Diagnosis.D29,
    )


def _a_command_was_not_found(step: StepHistory, ended: InitEnded) -> bool:
    """Return whether a shell says so; of one that ended before a snapshot, its output tells."""
    shell = is_shell(step.init) if step.init is not None else step.init_comm in SHELLS
    return ended.exit_code == _NOT_FOUND and (shell or "not found" in step.output)


def _child_killed_by(step: StepHistory, signal: Signal) -> ParentNotified | None:
    """Find a child of init that this signal has killed right before init exited."""
    exits = [
        one.at_ns
        for one in step.life
        if isinstance(one, ProcessExited) and one.task.role is Role.INIT
    ]
    notices = [
        one
        for one in step.life
        if isinstance(one, ParentNotified)
        and one.parent.role is Role.INIT
        and one.status in {ChildStatus.KILLED, ChildStatus.DUMPED}
        and exits
        and exits[-1] - _SHORTLY_NS <= one.at_ns <= exits[-1]
    ]
    for one in reversed(notices):
        if _fatal_to(step, one.child.host_pid, one.at_ns) == signal:
            return one
    return None


def _fatal_to(step: StepHistory, host_pid: int, by_ns: int) -> Signal | None:
    found = _last_fatal(step, host_pid, by_ns)
    return found.signal if found is not None else None


def _last_fatal(step: StepHistory, host_pid: int, by_ns: int) -> SignalGenerated | None:
    """Find the last signal that may have killed a process: one that met no handler."""
    found: SignalGenerated | None = None
    for fact in step.life:
        if fact.at_ns > by_ns:
            break
        match fact:
            case SignalGenerated(generation=Generation.QUEUED) if fact.target.host_pid == host_pid:
                found = fact if fact.signal.default_action.ends else found
            case SignalDelivered() if fact.task.host_pid == host_pid:
                harmless = found is not None and fact.signal == found.signal and _met(found, fact)
                found = None if harmless else found
            case _:
                pass
    return found


def _met(sent: SignalGenerated, taken: SignalDelivered) -> bool:
    """Return whether a signal ended nothing: a handler took it, or it was sent to init (R9)."""
    if sent.signal == SIGKILL:
        return False
    to_init = taken.task.role is Role.INIT and sent.code <= 0
    return to_init or taken.delivery is not Delivery.DEFAULT


def _passed_on(
    step: StepHistory, ended: InitEnded, signal: Signal, notice: ParentNotified
) -> Explanation:
    child = name(notice.child)
    by_init = any(
        one.signal == signal and one.target.host_pid == notice.child.host_pid
        for one in step.sent_on()
    )
    sent = (
        f"init forwarded {signal} to its child {child}"
        if by_init
        else (f"its child {child} got {signal}")
    )
    return because(
        f"Init itself was not killed: {sent}, which has the default disposition for it and was "
        f"ended by it.",
        f"Init ({notice.parent.comm}) then exited with {ended.exit_code}, 128 + {int(signal)}, to "
        "report that.",
        rule="R11",
        diagnosis=None if step.killed or not by_init else Diagnosis.D31,
        signal=str(signal),
        status=str(ended.exit_code),
    )


def _killed(step: StepHistory) -> Iterator[Explanation]:
    """By the kernel trace a signal has killed init."""
    notice = _last_notice(step)
    found = _last_fatal(step, notice.child.host_pid, notice.at_ns) if notice is not None else None
    if found is None:
        return
    if found.signal == SIGKILL and found.from_kernel:
        yield from _out_of_memory(step)
    elif found.code > 0:
        yield because(
            f"A fault of init itself ended it: the kernel sent it {found.signal}. A real fault "
            "ends even PID 1.",
            rule="R12",
        )
    elif step.escalated and found.signal == SIGKILL:
        yield because(
            f"Init had not ended when {step.grace} was over, so the engine sent SIGKILL.",
            rule="R1",
        )
    elif any(one.signal == found.signal and one.actual in _ENDS for one in step.outcomes):
        yield because(
            f"The {found.signal} of this test ended init: it was sent by {found.sender}.",
            rule="R1" if found.signal == SIGKILL else "R11",
        )
    else:
        yield because(f"{found.signal} ended init; it was sent by {found.sender}.", rule="R11")


def _out_of_memory(step: StepHistory) -> Iterator[Explanation]:
    """
    SIGKILL came from the kernel itself; only with the engine's word that is a lack of memory.

    The OOM killer runs in whatever process of the container asked for memory last: often init, but
    also a child or the probe.
    """
    limit = _limit(step)
    if not step.oom:
        yield because(
            "The kernel itself has sent SIGKILL to init, as the OOM killer does; the engine has "
            "not reported one.",
            limit,
        )
        return
    yield because(
        "The kernel's OOM killer ended init: SIGKILL came from the kernel itself, and the engine "
        "reports a lack of memory.",
        limit,
        diagnosis=Diagnosis.D30,
    )


def _limit(step: StepHistory) -> str:
    return f"Its limit is {step.plan.mem_limit // 2**20} MiB." if step.plan.mem_limit else ""


def _memory_words(step: StepHistory) -> str:
    if not step.oom:
        return ""
    return "The OOM killer was invoked in the container, but it did not kill init."


def _by_engine(step: StepHistory, ended: InitEnded) -> Iterator[Explanation]:
    """Without the kernel trace only what the engine says is known."""
    if _a_command_was_not_found(step, ended):
        yield _not_found()
        return
    signal = _signal_of(ended.exit_code)
    if signal is None or not signal.default_action.ends:
        return
    sure = [one for one in step.outcomes if one.signal == signal and one.actual in _ENDS]
    if _handled(step, signal):
        yield _by_convention(step, ended, signal)
    elif step.escalated and signal == SIGKILL:
        yield because(
            f"The engine sent SIGKILL when {step.grace} was over (evidence: engine).",
            rule="R1",
        )
    elif signal == SIGKILL and step.oom:
        yield because(
            "The engine reports that the OOM killer was invoked in the container; whether it "
            "killed init cannot be told without the kernel trace.",
            diagnosis=Diagnosis.D30,
        )
    elif sure and sure[-1].evidence is not Evidence.ENGINE:
        yield because(f"The {signal} of this test ended init ({sure[-1].seen}).", rule="R11")
    else:
        yield because(
            f"Whether {signal} ended init, or exit(2) with {ended.exit_code}, cannot "
            "be told from the exit code: `--evidence kernel`, as root on the engine's machine, "
            "tells the two apart.",
        )
