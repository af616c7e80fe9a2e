"""
The nouns `oom_killed`, `restarts` and `health`: what the engine says of the container.
"""

from __future__ import annotations

from runner.judge.bounds import bounds_words, within
from runner.judge.sight import Sight, View
from runner.model.expectation import HealthIs, OomKilled, RestartsAre
from runner.model.verdict import Evidence

_NOT_YET = "starting"


def sight_of_oom(check: OomKilled, view: View) -> Sight:
    """Hold `oom_killed` against the engine's report, which comes before that of the end."""
    fact = view.history.out_of_memory
    seen = "the OOM killer was at work" if fact else "the OOM killer was not at work"
    at_ns = fact.at_ns if fact else view.now_ns
    over = fact is not None or view.history.gone_for_good
    return Sight((fact is not None) is check.killed, seen, Evidence.ENGINE, at_ns, final=over)


def sight_of_restarts(check: RestartsAre, view: View) -> Sight:
    """Hold `restarts` against the engine's count."""
    fact = view.history.restarted
    count = fact.count if fact else 0
    at_ns = max(fact.at_ns, view.since_ns) if fact else view.now_ns
    too_many = check.count.at_most is not None and count > check.count.at_most
    final = too_many or view.history.gone_for_good
    seen = f"{count} restart{'' if count == 1 else 's'}"
    return Sight(within(check.count, count), seen, Evidence.ENGINE, at_ns, final=final)


def sight_of_health(check: HealthIs, view: View) -> Sight:
    """Hold `health` against the engine's last report."""
    fact = view.history.health
    status = fact.status if fact else _NOT_YET
    at_ns = max(fact.at_ns, view.since_ns) if fact else view.now_ns
    final = view.history.gone_for_good
    return Sight(status == check.status, f"it is {status}", Evidence.ENGINE, at_ns, final=final)


def words_of_oom(check: OomKilled) -> str:
    """Say what is expected."""
    return "OOM killed" if check.killed else "not OOM killed"


def words_of_restarts(check: RestartsAre) -> str:
    """Say what is expected."""
    return f"{bounds_words(check.count)} restarts"


def words_of_health(check: HealthIs) -> str:
    """Say what is expected."""
    return f"health {check.status}"
