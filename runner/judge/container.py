"""
The nouns `oom_killed`, `restarts` and `health`: what the engine says of the container.
"""

from __future__ import annotations

from runner.judge.bounds import bounds_words, within
from runner.judge.check_result import CheckContext, CheckResult
from runner.model.expectation import HealthIs, OomKilled, RestartsAre
from runner.model.verdict import Evidence

_NOT_YET = "starting"


def evaluate_oom(check: OomKilled, context: CheckContext) -> CheckResult:
    """Hold `oom_killed` against the engine's report, which comes before that of the end."""
    fact = context.history.out_of_memory
    seen = "the OOM killer was at work" if fact else "the OOM killer was not at work"
    at_ns = fact.at_ns if fact else context.now_ns
    over = fact is not None or context.history.gone_for_good
    return CheckResult((fact is not None) is check.killed, seen, Evidence.ENGINE, at_ns, final=over)


def evaluate_restarts(check: RestartsAre, context: CheckContext) -> CheckResult:
    """Hold `restarts` against the engine's count."""
    fact = context.history.restarted
    count = fact.count if fact else 0
    at_ns = max(fact.at_ns, context.since_ns) if fact else context.now_ns
    too_many = check.count.at_most is not None and count > check.count.at_most
    final = too_many or context.history.gone_for_good
    seen = f"{count} restart{'' if count == 1 else 's'}"
    return CheckResult(within(check.count, count), seen, Evidence.ENGINE, at_ns, final=final)


def evaluate_health(check: HealthIs, context: CheckContext) -> CheckResult:
    """Hold `health` against the engine's last report."""
    fact = context.history.health
    status = fact.status if fact else _NOT_YET
    at_ns = max(fact.at_ns, context.since_ns) if fact else context.now_ns
    final = context.history.gone_for_good
    return CheckResult(
        status == check.status, f"it is {status}", Evidence.ENGINE, at_ns, final=final
    )


def describe_oom(check: OomKilled) -> str:
    """Say what is expected."""
    return "OOM killed" if check.killed else "not OOM killed"


def describe_restarts(check: RestartsAre) -> str:
    """Say what is expected."""
    return f"{bounds_words(check.count)} restarts"


def describe_health(check: HealthIs) -> str:
    """Say what is expected."""
    return f"health {check.status}"
