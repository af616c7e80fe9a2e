"""
One expectation over time: when it may be called met, when it must be called not met.

- It must become true by `within` after the step took effect (default 5 s; after a stop, 5 s more
  than the grace period) and then stay true for `for`. If `for` is given and it breaks before that,
  it is not met.
- Without `for`, checks that say that nothing happened must stay true for the quiet period, unless
  the kernel trace has decided them; if they break, they may become true again by `within`.
- Of a stop, what must not happen must not have happened when the stop is over.
- Becoming true earlier than `not_before` is not met.
- It is not met at once where no later fact can make it true; checks that are not decided by then
  are waited for a moment, so that a report says of each how it stood.

What was true for long enough is met, also if it ended before all was known that it rests on: its
facts are judged as they were, with those that come late, until it was long enough.

Time counts from when the step took effect: from the generation of its last signal, or from the
engine's answer. What is seen of the world arrives by several ways, each with a delay of its own:
nothing is decided at a time before everything that the checks rest on is known until that time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from runner.history.container_history import NEVER, ContainerHistory
from runner.judge.condition import SNAPSHOT, CheckContext, CheckResult
from runner.judge.conditions import condition_of, describe, evaluate
from runner.judge.held_since import HeldSince
from runner.judge.known_until import (
    ASK_AGAIN_NS,
    TOO_BUSY,
    any_traced,
    asks_engine,
    evidence_until,
    rest_on_snapshots,
    snapshot_until_ns,
    waiting_for,
)
from runner.judge.true_interval import TrueInterval, ended_after
from runner.model.expectation import DEFAULT_WITHIN_S, Check, Expectation, InitIs
from runner.model.observation import Observation, StopRequested, Way
from runner.model.verdict import Decision, Errored, Failed, Finding, Passed, Undecided

# Changes are reported by the probe as they come; this is for what is no change, such as rest.
_SNAPSHOT_EVERY_NS: Final = 10_000_000

_LINGER_NS: Final = 1_000_000_000
"""So long are checks waited for that are not decided when another one has failed for good."""

_Results = Sequence[tuple[Check, CheckResult]]


@dataclass(frozen=True, slots=True)
class ExpectationTimer:
    """
    The state of one expectation while its step is current.

    `step` is its number, `began_ns` when it began, `acted_ns` when it had acted; `of_step` is as in
    `CheckContext`. `may_take_snapshots` says that there is more evidence than the engine's.
    `patience_s` is the `within` of an expectation that names none. `true_since_ns` is since when
    all that is `held` has been true without a break; `broke` says that it was true before and is
    not any more, and `over` what was true for long enough. `failed_ns` is when a check failed for
    good, or could not be judged any more.
    """

    expectation: Expectation
    quiet_s: float
    step: int
    began_ns: int
    acted_ns: int
    of_step: bool
    may_take_snapshots: bool
    patience_s: float = DEFAULT_WITHIN_S
    held: HeldSince = field(default_factory=HeldSince)
    true_since_ns: int | None = None
    broke: bool = False
    failed_ns: int | None = None
    over: TrueInterval | None = None

    def after(
        self,
        history: ContainerHistory,
        at_ns: int,
        *,
        before: ContainerHistory | None = None,
        fact: Observation | None = None,
    ) -> ExpectationTimer:
        """Take the history at a new fact into account; it was `before` that fact."""
        effective_ns = self._effective_ns(history)
        results = self._results(history, at_ns)
        true = effective_ns is not None and all(result.holds for _, result in results)
        failed = any(result.final and not result.holds for _, result in results)
        failed_ns = at_ns if failed and self.failed_ns is None else self.failed_ns
        over = self._over_after(fact)
        if not true and over is None and before is not None and fact is not None:
            over = self._long_enough(before, history, fact)
        held = self.held.after([result for _, result in results], at_ns)
        since_ns = max(effective_ns or 0, held.all_ns or 0) if true else None
        return dataclasses.replace(
            self,
            held=held,
            true_since_ns=since_ns,
            broke=self.broke or (not true and self._breaks(results)),
            failed_ns=failed_ns,
            over=over,
        )

    def _over_after(self, fact: Observation | None) -> TrueInterval | None:
        over = self.over.after(fact) if self.over is not None and fact is not None else self.over
        if over is None or over is self.over:
            return over
        results = self._results(over.history, over.until_ns)
        return over if all(result.holds for _, result in results) else None

    def _long_enough(
        self, before: ContainerHistory, history: ContainerHistory, fact: Observation
    ) -> TrueInterval | None:
        """Return what was true until that fact, if in time and perhaps for long enough."""
        since_ns, effective_ns = self.true_since_ns, self._effective_ns(before)
        if since_ns is None or effective_ns is None:
            return None
        not_before_ns = effective_ns + _ns(self.expectation.not_before_s or 0.0)
        if not not_before_ns <= since_ns <= effective_ns + _ns(self._within_s):
            return None
        results = self._results(before, fact.at_ns)
        open_checks = [one for one, result in results if not result.final]
        until_ns = self._held_ns(before, since_ns, open_checks)
        if until_ns is None or not ended_after(fact, history, until_ns):
            return None
        return TrueInterval(before, until_ns)

    def _breaks(self, results: _Results) -> bool:
        """
        Return whether what was true is seen not to be any more.

        What shows only after a while, as a zombie that lasts, may have been so from the beginning.
        """
        true_since_ns = self.true_since_ns
        if true_since_ns is None:
            return False
        return any(
            result.known and not result.holds and result.at_ns > true_since_ns
            for _, result in results
        )

    def decide(self, history: ContainerHistory, now_ns: int) -> Decision:
        """Return how the expectation stands now."""
        decision = self._as_it_is(history, now_ns)
        if self.over is None or isinstance(decision, Passed):
            return decision
        decision = self._as_it_was(history, self.over, now_ns) or decision
        if isinstance(decision, Failed):
            what = "it was true and is not any more; whether for long enough is not known"
            return Errored(f"this cannot be judged: {what}", advice=TOO_BUSY)
        return decision

    def _as_it_was(
        self, history: ContainerHistory, over: TrueInterval, now_ns: int
    ) -> Undecided | Passed | None:
        """Decide by what was true for long enough; None: that will not be known."""
        checks, until_ns = self.expectation.checks, over.until_ns
        # Of init, the record has each stop and each resumption.
        by_snapshots = [one for one in checks if not (history.traced and isinstance(one, InitIs))]
        snapshots = rest_on_snapshots(
            history, by_snapshots, may_take_snapshots=self.may_take_snapshots
        )
        if snapshots and snapshot_until_ns(over.history) < until_ns:
            return None
        missing: set[Way] = set()
        if history.traced and history.trace_ns < until_ns:
            missing.add(Way.TRACE)
        if asks_engine(history, checks) and history.engine_ns < until_ns:
            missing.add(Way.ENGINE)
        if missing & history.late:
            return None
        if not missing:
            return Passed(self._findings(over.history, self._results(over.history, until_ns)))
        return waiting_for(missing, until_ns, now_ns + ASK_AGAIN_NS)

    def _as_it_is(self, history: ContainerHistory, now_ns: int) -> Decision:
        results = self._results(history, now_ns)
        if any(result.final and not result.holds for _, result in results):
            return self._while_sure(history, results, now_ns)
        effective_ns = self._effective_ns(history)
        if effective_ns is None:
            return Undecided(wake_ns=now_ns + ASK_AGAIN_NS)
        if all(result.holds for _, result in results):
            return self._while_true(history, results, now_ns, effective_ns)
        return self._while_false(history, results, now_ns, effective_ns)

    def _effective_ns(self, history: ContainerHistory) -> int | None:
        span = history.span
        if self.of_step and span is not None and span.step == self.step:
            return span.effective_ns
        return self.acted_ns

    def counts_until_ns(self, history: ContainerHistory, now_ns: int) -> int:
        """Return until when facts count: of what was not so in time, those until its deadline."""
        effective_ns = self._effective_ns(history)
        if effective_ns is None or self.broke:
            return now_ns
        deadline_ns = effective_ns + _ns(self._within_s)
        in_time = self.true_since_ns is not None and self.true_since_ns <= deadline_ns
        return now_ns if in_time else min(now_ns, deadline_ns)

    def _while_sure(self, history: ContainerHistory, results: _Results, now_ns: int) -> Decision:
        """No later fact can make it true; what is not decided yet may be on its way."""
        until_ns = (now_ns if self.failed_ns is None else self.failed_ns) + _LINGER_NS
        waiting = any(not (result.holds or result.final) for _, result in results)
        # The record is quicker than the engine, which says how init has ended.
        how_is_open = history.init_exited is not None and history.ended is None
        if (waiting or how_is_open) and now_ns < until_ns:
            return self._undecided(history, results, until_ns)
        if any(result.final and result.known and not result.holds for _, result in results):
            return Failed(self._findings(history, results), "no later event can change that")
        unknown = next(s for _, s in results if s.final and not s.known)
        return Errored(f"this cannot be judged: {unknown.seen}")

    def _true_since_ns(self, results: _Results, effective_ns: int) -> int:
        """
        Return since when all are true.

        Without a fact since, time alone has made them so, as what is queued and not taken is
        pending after a while: true since what they rest on. Else one would wait for ever again.
        """
        if self.true_since_ns is not None:
            return self.true_since_ns
        return max(effective_ns, *(result.at_ns for _, result in results))

    def _while_true(
        self, history: ContainerHistory, results: _Results, now_ns: int, effective_ns: int
    ) -> Decision:
        """Decide while all hold; those that are not final a later fact could still change."""
        findings = self._findings(history, results)
        true_since_ns = self._true_since_ns(results, effective_ns)
        after_s = (true_since_ns - effective_ns) / 1e9
        out_of_time = tuple(dataclasses.replace(one, holds=False) for one in findings)
        not_before_s = self.expectation.not_before_s
        if not_before_s is not None and true_since_ns < effective_ns + _ns(not_before_s):
            why = f"met after {after_s:.3f} s, earlier than {not_before_s:g} s"
            return Failed(out_of_time, why)
        deadline_ns = effective_ns + _ns(self._within_s)
        if true_since_ns > deadline_ns:
            return Failed(out_of_time, f"met only after {after_s:.3f} s, not {self._in_time}")
        open_checks = [check for check, result in results if not result.final]
        held_ns = self._held_ns(history, true_since_ns, open_checks)
        if held_ns is None:
            return Undecided(wake_ns=now_ns + ASK_AGAIN_NS)
        # Of what has happened, nothing more need be known; but that a snapshot shows it may be old.
        at_once = held_ns == true_since_ns
        rest_on = (
            [one for one in open_checks if condition_of(one).rests_on(one) == SNAPSHOT]
            if at_once
            else open_checks
        )
        late = evidence_until(
            history, rest_on, held_ns, now_ns, may_take_snapshots=self.may_take_snapshots
        )
        wanted_ns = self._trace_wanted_ns(history, results) if history.ended is not None else None
        if isinstance(late, Undecided) and wanted_ns is not None:
            return dataclasses.replace(late, trace_ns=wanted_ns)
        return late or Passed(findings)

    def _while_false(
        self, history: ContainerHistory, results: _Results, now_ns: int, effective_ns: int
    ) -> Decision:
        if self.broke and self.expectation.for_s is not None:
            why = f"it did not hold for {self.expectation.for_s:g} s"
            return Failed(self._findings(history, results), why)
        deadline_ns = effective_ns + _ns(self._within_s)
        if now_ns < deadline_ns:
            return self._undecided(history, results, deadline_ns)
        wrong = [check for check, result in results if not result.holds]
        late = evidence_until(
            history, wrong, deadline_ns, now_ns, may_take_snapshots=self.may_take_snapshots
        )
        if late is not None:
            return late
        blind = next((s for _, s in results if not s.known), None)
        if blind is not None:
            return Errored(f"this cannot be judged: {blind.seen}")
        return Failed(self._findings(history, results), f"not met {self._in_time}")

    def _undecided(self, history: ContainerHistory, results: _Results, wake_ns: int) -> Undecided:
        return Undecided(
            wake_ns,
            snapshot_ns=self._next_snapshot_ns(history),
            trace_ns=self._trace_wanted_ns(history, results),
        )

    def _trace_wanted_ns(self, history: ContainerHistory, results: _Results) -> int | None:
        """
        Return until when the record has to be known, where that may decide what is open.

        What is in the trace, and the end of init, may have more to it that has not arrived yet.
        """
        end_ns = history.last_end.at_ns if history.last_end is not None else NEVER
        wanted_ns = max(end_ns, history.kernel_fact_ns)
        open_checks = [check for check, result in results if not result.final]
        if history.trace_ns > wanted_ns or not any_traced(history, open_checks):
            return None
        return wanted_ns

    def _next_snapshot_ns(self, history: ContainerHistory) -> int | None:
        checks = self.expectation.checks
        snapshots = rest_on_snapshots(history, checks, may_take_snapshots=self.may_take_snapshots)
        since_ns = self._effective_ns(history)
        if since_ns is None or not (snapshots and history.can_be_looked_at):
            return None
        return max(since_ns, snapshot_until_ns(history) + _SNAPSHOT_EVERY_NS)

    @property
    def _within_s(self) -> float:
        within_s, not_before_s = self.expectation.within_s, self.expectation.not_before_s
        return max(self.patience_s, not_before_s or 0.0) if within_s is None else within_s

    @property
    def _in_time(self) -> str:
        return f"within {self._within_s:g} s"

    def _held_ns(
        self, history: ContainerHistory, since_ns: int, open_checks: Sequence[Check]
    ) -> int | None:
        """Return until when what is true must stay so; None where that is not known yet."""
        held_ns = since_ns + _ns(self._hold_s(open_checks))
        span = history.span
        stops = span is not None and self.of_step and isinstance(span.asked, StopRequested)
        lasting = any(condition_of(one).until_stopped(one) for one in open_checks)
        if span is None or not (stops and lasting) or self.expectation.for_s is not None:
            return held_ns
        over_ns = span.stop_answered_ns
        return max(held_ns, over_ns) if over_ns is not None else None

    def _hold_s(self, open_checks: Sequence[Check]) -> float:
        lasting_s = max(
            (condition_of(one).lasts_longer_s(one, self.quiet_s) for one in open_checks),
            default=0.0,
        )
        if self.expectation.for_s is not None:
            return self.expectation.for_s + lasting_s
        quiet = any(condition_of(one).needs_quiet(one) for one in open_checks)
        return (self.quiet_s if quiet else 0.0) + lasting_s

    def _results(self, history: ContainerHistory, now_ns: int) -> list[tuple[Check, CheckResult]]:
        effective_ns = self._effective_ns(history)
        since_ns = now_ns if effective_ns is None else effective_ns
        context = CheckContext(history, self.began_ns, since_ns, now_ns, self.of_step, self.quiet_s)
        return [(check, evaluate(check, context)) for check in self.expectation.checks]

    def _findings(self, history: ContainerHistory, results: _Results) -> tuple[Finding, ...]:
        effective_ns = self._effective_ns(history)
        since_ns = self.acted_ns if effective_ns is None else effective_ns
        failed = any(result.final and not result.holds for _, result in results)
        return tuple(
            self._finding(check, result, since_ns, failed=failed) for check, result in results
        )

    def _finding(
        self, check: Check, result: CheckResult, since_ns: int, *, failed: bool
    ) -> Finding:
        # What happened while the step was acting is seen at its very beginning.
        from_ns = since_ns if result.at_ns < self.began_ns else min(since_ns, result.at_ns)
        unknown = result.final and not result.known
        return Finding(
            expected=describe(check),
            seen=result.seen,
            holds=result.holds,
            evidence=result.evidence,
            at_s=round((result.at_ns - from_ns) / 1e9, 6),
            open=failed and not result.holds and (unknown or not result.final),
        )


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
