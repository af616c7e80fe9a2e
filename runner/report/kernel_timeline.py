"""
The kernel trace, told as part of a case's story.
"""

from __future__ import annotations

from typing import assert_never

from runner.kernel.signals import SIGKILL
from runner.model.kernel_facts import (
    ChildStatus,
    Delivery,
    ExitCalled,
    Generation,
    KernelFact,
    ParentNotified,
    ProcessEventsOmitted,
    ProcessExited,
    ProcessForked,
    ProcessReaped,
    ProgramExeced,
    SignalAccepted,
    SignalDelivered,
    SignalfdRead,
    SignalGenerated,
    SubreaperSet,
    TraceLost,
    TraceOpened,
)
from runner.words import count

_DONE = {
    Generation.QUEUED: "queued",
    Generation.IGNORED: "discarded at once",
    Generation.ALREADY_PENDING: "already pending, so not queued again",
    Generation.OVERFLOW: "refused: too many are queued",
    Generation.INFO_LOST: "queued without siginfo",
}
_MET = {
    Delivery.DEFAULT: "with the default action",
    Delivery.IGNORED: "and ignored",
    Delivery.HANDLER: "to the handler",
}
_BECOME = {
    ChildStatus.EXITED: "has exited",
    ChildStatus.KILLED: "was killed by a signal",
    ChildStatus.DUMPED: "was killed by a signal, with a core dump",
    ChildStatus.TRAPPED: "was stopped by its tracer",
    ChildStatus.STOPPED: "was stopped",
    ChildStatus.CONTINUED: "was continued",
}


def kernel_words(fact: KernelFact) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a fact
    """Describe one fact."""
    match fact:
        case TraceOpened(host_pid=host_pid):
            return f"complete from here on; init is PID {host_pid} on the host"
        case TraceLost(events=events):
            return f"{events or 'some'} events of the trace are lost"
        case SignalGenerated(signal=signal, sender=sender, target=target, generation=generation):
            of = f"the kernel, at the end of {sender}," if fact.after_end else f"{sender}"
            return f"{signal} from {of} to {target}: {_DONE[generation]}"
        case SignalDelivered(signal=signal, task=task, delivery=delivery, handler=handler):
            at = f" at {handler:#x}" if handler else ""
            if signal == SIGKILL and fact.cause is None:
                return f"{task} ends by a signal whose sender is not in the trace"
            return f"{fact.cause or signal} delivered to {task}, {_MET[delivery]}{at}"
        case SignalAccepted(signal=signal, task=task):
            return f"{task} accepted {signal} by sigwait(3) or the like"
        case SignalfdRead(task=task, fd=fd, signals=signals):
            of = "a descriptor" if fd is None else f"descriptor {fd}"
            return f"{task} has read {count(signals, 'signal')} from {of}"
        case ExitCalled(task=task, status=status):
            return f"{task} calls exit({status})"
        case SubreaperSet(task=task, on=on):
            return f"{task} is {'a' if on else 'no'} subreaper now"
        case ProcessForked(parent=parent, child=child):
            return f"{parent} forked {child}"
        case ProgramExeced(task=task):
            return f"{task} called execve(2)"
        case ProcessExited(task=task):
            return f"{task} has ended"
        case ParentNotified(child=child, parent=parent, status=status):
            return f"{parent} gets SIGCHLD: {child} {_BECOME[status]}"
        case ProcessReaped(task=task):
            return f"{task} was reaped"
        case ProcessEventsOmitted(at_ns=at_ns, until_ns=until_ns, facts=facts):
            for_s = (until_ns - at_ns) / 1e9
            return f"{facts} facts on processes that began and ended are left out, in {for_s:.3f} s"
        case _:
            assert_never(fact)
