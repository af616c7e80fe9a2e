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
    process_record,
    processes,
    signals,
    timing,
)
from runner.judge.sight import Sight, View
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


def sight_of(check: Check, view: View) -> Sight:  # noqa: C901, PLR0911, PLR0912 - one line a noun
    """Look at a check."""
    match check:
        case InitSettled():
            return init.sight_of_settling(check, view)
        case InitIs():
            return init.sight_of_state(check, view)
        case InitExited():
            return init.sight_of_exit(check, view)
        case InitShows():
            return init.sight_of_facts(check, view)
        case ProcessIs():
            return processes.sight_of_process(check, view)
        case ProcessCount():
            return processes.sight_of_count(check, view)
        case KillAnswered():
            return signals.sight_of_answer(check, view)
        case LogsHave():
            return logs.sight_of_logs(check, view)
        case ShutdownWas():
            return timing.sight_of_shutdown(check, view)
        case ExecEndedWith():
            return execs.sight_of_exec(check, view)
        case OomKilled():
            return container.sight_of_oom(check, view)
        case InitKilledBy():
            return killed.sight_of_killer(check, view)
        case DeliveredWas():
            return outcomes.sight_of_delivery(check, view)
        case OutcomeWas():
            return outcomes.sight_of_outcome(check, view)
        case ForwardedWas():
            return forwarding.sight_of_forwarding(check, view)
        case RestartsAre():
            return container.sight_of_restarts(check, view)
        case HealthIs():
            return container.sight_of_health(check, view)
        case _:
            assert_never(check)


def words_of(check: Check) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a noun
    """Say what a check expects."""
    match check:
        case InitSettled():
            return "init ready"
        case InitIs():
            return init.words_of_state(check)
        case InitExited():
            return init.words_of_exit(check)
        case InitShows():
            return init.words_of_facts(check)
        case ProcessIs():
            return processes.words_of_process(check)
        case ProcessCount():
            return processes.words_of_count(check)
        case KillAnswered():
            return signals.words_of_answer(check)
        case LogsHave():
            return logs.words_of_logs(check)
        case ShutdownWas():
            return timing.words_of_shutdown(check)
        case ExecEndedWith():
            return execs.words_of_exec(check)
        case OomKilled():
            return container.words_of_oom(check)
        case InitKilledBy():
            return killed.words_of_killer(check)
        case DeliveredWas():
            return outcomes.words_of_delivery(check)
        case OutcomeWas():
            return outcomes.words_of_outcome(check)
        case ForwardedWas():
            return forwarding.words_of_forwarding(check)
        case RestartsAre():
            return container.words_of_restarts(check)
        case HealthIs():
            return container.words_of_health(check)
        case _:
            assert_never(check)


def says_nothing_happened(check: Check) -> bool:  # noqa: C901, PLR0911 - one line a noun
    """
    Say whether the check is true of things left as they are.

    Such a check is true at the first look even when its refutation is a millisecond away, so it
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


def needs_look(check: Check) -> bool:
    """Say whether the check rests on looks at the processes."""
    return isinstance(
        check,
        InitSettled | InitIs | InitShows | ProcessIs | ProcessCount | DeliveredWas | OutcomeWas,
    )


def needs_only_look(check: Check) -> bool:
    """Say whether the check rests on looks at the processes alone."""
    return needs_look(check) and not needs_record(check)


def lasts_longer_s(check: Check, quiet_s: float) -> float:
    """Give how long a thing must last to count, beside the time that the check must hold."""
    if isinstance(check, ProcessCount) and check.zombies is not None:
        return processes.zombies_last_s(check, quiet_s)
    return 0.0


def needs_record(check: Check) -> bool:
    """Say whether the check rests on the kernel's record, where that is read."""
    if isinstance(check, ProcessIs | InitShows):
        return process_record.split(check.facts)[0] is not None
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
