"""
All checks in one table: how each is looked at, worded, and what it needs.
"""

from __future__ import annotations

from typing import assert_never

from runner.judge import (
    container,
    execs,
    forwarding,
    init,
    killed,
    logs,
    outcomes,
    process_by_trace,
    processes,
    signals,
    timing,
)
from runner.judge.check_result import CheckContext, CheckResult
from runner.model.expectation import (
    Check,
    DeliveredWas,
    ExecEndedWith,
    ForwardedWas,
    HealthIs,
    InitExited,
    InitIs,
    InitKilledBy,
    InitSettled,
    InitShows,
    InitState,
    KillAnswered,
    LogsHave,
    OomKilled,
    OutcomeWas,
    ProcessCount,
    ProcessFacts,
    ProcessIs,
    RestartsAre,
    ShutdownWas,
)


def evaluate(check: Check, context: CheckContext) -> CheckResult:  # noqa: C901, PLR0911, PLR0912 - one line a noun
    """Look at a check."""
    match check:
        case InitSettled():
            return init.evaluate_settling(check, context)
        case InitIs():
            return init.evaluate_state(check, context)
        case InitExited():
            return init.evaluate_exit(check, context)
        case InitShows():
            return init.evaluate_facts(check, context)
        case ProcessIs():
            return processes.evaluate_process(check, context)
        case ProcessCount():
            return processes.evaluate_count(check, context)
        case KillAnswered():
            return signals.evaluate_answer(check, context)
        case LogsHave():
            return logs.evaluate_logs(check, context)
        case ShutdownWas():
            return timing.evaluate_shutdown(check, context)
        case ExecEndedWith():
            return execs.evaluate_exec(check, context)
        case OomKilled():
            return container.evaluate_oom(check, context)
        case InitKilledBy():
            return killed.evaluate_killer(check, context)
        case DeliveredWas():
            return outcomes.evaluate_delivery(check, context)
        case OutcomeWas():
            return outcomes.evaluate_outcome(check, context)
        case ForwardedWas():
            return forwarding.evaluate_forwarding(check, context)
        case RestartsAre():
            return container.evaluate_restarts(check, context)
        case HealthIs():
            return container.evaluate_health(check, context)
        case _:
            assert_never(check)


def describe(check: Check) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a noun
    """Say what a check expects."""
    match check:
        case InitSettled():
            return "init ready"
        case InitIs():
            return init.describe_state(check)
        case InitExited():
            return init.describe_exit(check)
        case InitShows():
            return init.describe_facts(check)
        case ProcessIs():
            return processes.describe_process(check)
        case ProcessCount():
            return processes.describe_count(check)
        case KillAnswered():
            return signals.describe_answer(check)
        case LogsHave():
            return logs.describe_logs(check)
        case ShutdownWas():
            return timing.describe_shutdown(check)
        case ExecEndedWith():
            return execs.describe_exec(check)
        case OomKilled():
            return container.describe_oom(check)
        case InitKilledBy():
            return killed.describe_killer(check)
        case DeliveredWas():
            return outcomes.describe_delivery(check)
        case OutcomeWas():
            return outcomes.describe_outcome(check)
        case ForwardedWas():
            return forwarding.describe_forwarding(check)
        case RestartsAre():
            return container.describe_restarts(check)
        case HealthIs():
            return container.describe_health(check)
        case _:
            assert_never(check)


def says_nothing_happened(check: Check) -> bool:  # noqa: C901, PLR0911 - one line a noun
    """
    Say whether the check is true of things left as they are.

    Such a check is true at the first snapshot even when its refutation is a millisecond away, so it
    must have held for the quiet period.
    """
    match check:
        case InitIs(state=state):
            return state in {InitState.RUNNING, InitState.PAUSED}
        case InitShows(facts=facts):
            return not facts.pending
        case ProcessIs(exists=exists, facts=facts):
            return exists and not _has_happened(facts)
        case ProcessCount() | RestartsAre():
            return True
        case LogsHave(absent=absent):
            return bool(absent)
        case OomKilled(killed=was_killed):
            return not was_killed
        case DeliveredWas(delivered=delivered):
            return not delivered
        case OutcomeWas(outcome=outcome):
            return outcome is None or outcome in outcomes.LASTING
        case ForwardedWas(times=times):
            return times.at_most is not None
        case _:
            return False


def lasts_through_stop(check: Check) -> bool:
    """
    Say whether the check, expected of a stop, says that something has not happened by its end.

    What it says of a present state it can say of the time before that only.
    """
    match check:
        case ProcessIs(facts=facts):
            unheard = facts.received is not None and not _has_happened(facts)
            return unheard or facts.killed_with_init is False
        case LogsHave() | ForwardedWas() | DeliveredWas() | OutcomeWas() | OomKilled():
            return says_nothing_happened(check)
        case _:
            return False


def _has_happened(facts: ProcessFacts) -> bool:
    if facts.state is not None or facts.pending:
        return True
    if facts.exited is not None or facts.killed_by or facts.killed_with_init:
        return True
    received = facts.received
    return bool(received) and all(one.times.at_most is None for one in received or ())


def needs_snapshot(check: Check) -> bool:
    """Say whether the check rests on looks at the processes."""
    return isinstance(
        check,
        InitSettled | InitIs | InitShows | ProcessIs | ProcessCount | DeliveredWas | OutcomeWas,
    )


def needs_only_snapshot(check: Check) -> bool:
    """Say whether the check rests on snapshots of the processes alone."""
    return needs_snapshot(check) and not needs_trace(check)


def lasts_longer_s(check: Check, quiet_s: float) -> float:
    """Give how long a thing must last to count, beside the time that the check must hold."""
    if isinstance(check, ProcessCount) and check.zombies is not None:
        return processes.zombies_last_s(check, quiet_s)
    return 0.0


def needs_trace(check: Check) -> bool:
    """Say whether the check rests on the kernel trace, where that is read."""
    if isinstance(check, ProcessIs | InitShows):
        return process_by_trace.split(check.facts)[0] is not None
    return isinstance(
        check, InitIs | DeliveredWas | OutcomeWas | ForwardedWas | InitKilledBy | ShutdownWas
    )


def needs_engine(check: Check) -> bool:
    """Say whether the check rests on what the engine tells: output, ends, its own state."""
    return isinstance(
        check,
        InitExited
        | InitKilledBy
        | LogsHave
        | ShutdownWas
        | ExecEndedWith
        | OomKilled
        | RestartsAre
        | HealthIs,
    )
