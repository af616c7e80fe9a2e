"""
`oom_killed`: whether the kernel's OOM killer was invoked in the container.

The engine reports it by another way than the end of init: mostly 50 ms before that, and on a busy
machine also after it. The kernel trace has the SIGKILL itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from runner.history.container_history import ContainerHistory
from runner.judge.condition import ENGINE, TRACE, CheckContext, CheckResult, Condition
from runner.kernel.signals import SIGKILL
from runner.model.expectation import OomKilled
from runner.model.kernel_facts import KernelFact, SignalGenerated
from runner.model.verdict import Evidence


def evaluate(check: OomKilled, context: CheckContext) -> CheckResult:
    """Compare it with the engine's report, and with who has sent a SIGKILL."""
    history, now_ns = context.history, context.now_ns
    fact = history.out_of_memory
    if fact is not None:
        seen = "the OOM killer was invoked"
        return CheckResult(check.killed, seen, Evidence.ENGINE, fact.at_ns, final=True)
    if _killed_by_the_kernel(history):
        seen = "the kernel itself has sent SIGKILL, and the engine has not reported its OOM killer"
        return CheckResult(False, seen, Evidence.ENGINE, now_ns, known=False)
    # Without the trace a report may still come, also after that of the end.
    final = history.traced and history.trace_is_whole
    seen = "the OOM killer was not invoked"
    return CheckResult(not check.killed, seen, Evidence.ENGINE, now_ns, final)


def _killed_by_the_kernel(history: ContainerHistory) -> bool:
    """Return whether a process got a SIGKILL that no process has sent, as from the OOM killer."""
    records: Iterable[tuple[KernelFact, ...]] = (
        history.early_kernel_facts,
        *(span.kernel_facts for span in history.spans),
    )
    return any(
        isinstance(fact, SignalGenerated)
        and fact.signal == SIGKILL
        and fact.from_kernel
        and not fact.after_end
        for record in records
        for fact in record
    )


CONDITION: Final = Condition(
    OomKilled,
    evaluate,
    describe=lambda check: "OOM killed" if check.killed else "not OOM killed",
    rests_on=lambda _: TRACE | ENGINE,
    needs_quiet=lambda check: not check.killed,
    until_stopped=lambda check: not check.killed,
)
