"""
Following a case fact by fact: how its steps stand, and the verdicts that come of it.

`CaseEvaluator` is what the executor asks while a case runs; `judge` takes a whole timeline through
the same one.
"""

from __future__ import annotations

from typing import Final

from runner.history.case_history import CaseHistory, open_history
from runner.judge.by_others import why_disturbed
from runner.judge.case_verdict import case_verdict, step_results
from runner.judge.expectation_timer import ExpectationTimer
from runner.judge.explain import with_explanations
from runner.judge.killed import with_killed
from runner.judge.shutdown_time import with_shutdown_times
from runner.judge.signals.outcomes import outcomes_by_step
from runner.judge.signals.strict import with_signals
from runner.judge.step_verdict import JudgedStep, verdict_of_early_end, verdict_on
from runner.judge.strict_shutdown import strict_expectation, with_strict
from runner.judge.vacuity import why_out_of_turn
from runner.model.case import Case
from runner.model.expectation import DEFAULT_WITHIN_S, Expectation
from runner.model.fact import InContainer
from runner.model.observation import (
    CaseBroken,
    EngineLost,
    Interrupted,
    Observation,
    SignalSent,
    StepActed,
    StepBegan,
    StepBroken,
    StepEnded,
    TimedOut,
    Timeline,
)
from runner.model.result import CaseResult
from runner.model.settings import Settings
from runner.model.step import Stop
from runner.model.verdict import (
    Decision,
    Errored,
    Evidence,
    Passed,
    Undecided,
    Verdict,
    went_wrong,
)

_ASK_AGAIN_NS: Final = 60_000_000_000
"""A stop that is not answered wakes up by its answer; this is for none that ever comes."""


class CaseEvaluator:
    """
    Holds the `history` of a case and how it stands: the same facts give the same decisions.

    `judged` are the verdicts on steps so far, by their numbers.
    """

    def __init__(self, case: Case, settings: Settings) -> None:
        self.history: CaseHistory = open_history(case)
        self._settings = settings
        self._timer: ExpectationTimer | None = None
        self._strict: ExpectationTimer | None = None
        self._ended_early: Errored | None = None
        self.judged: dict[int, JudgedStep] = {}
        self._out_of_turn: Errored | None = None

    def see(self, fact: Observation) -> None:
        """Take one fact into account."""
        if isinstance(fact, SignalSent) and self._out_of_turn is None:
            self._out_of_turn = why_out_of_turn(self.history, fact, self.judged)
        before, self.history = self.history, self.history.after(fact)
        match fact:
            case StepBegan():
                self._timer = self._strict = None
            case StepActed(at_ns=at_ns):
                self._start_timers(at_ns)
            case StepEnded(at_ns=at_ns):
                self._end_step(verdict_on(self.history, self.decide(at_ns)), at_ns)
            case StepBroken(at_ns=at_ns, what=what, advice=advice, engine=engine):
                self._end_step(Errored(what, advice, engine), at_ns)
            case EngineLost() | TimedOut() | Interrupted() | CaseBroken():
                self._end_early(fact)
            case _:
                pass
        self._timer = self._timer_after(fact, self._timer, before)
        self._strict = self._timer_after(fact, self._strict, before)

    def _timer_after(
        self, fact: Observation, timer: ExpectationTimer | None, before: CaseHistory
    ) -> ExpectationTimer | None:
        if timer is None:
            return None
        # Facts carry the time at which they happened, and may arrive late; time itself never goes
        # back, or what time has made true would be broken by news of the past.
        name = self.history.case.container_of(self.history.step)
        own = fact if isinstance(fact, InContainer) and fact.container == name else None
        return timer.after(
            self.history.current,
            self.history.last_ns,
            before=before.containers[name],
            fact=own,
        )

    def decide(self, now_ns: int) -> Decision:
        """Return how the step that has begun last stands at this time."""
        decision = self._decide_own(now_ns)
        if self._strict is None or not isinstance(decision, Passed):
            return decision
        strict = self._strict.decide(self.history.current, now_ns)
        return strict if isinstance(strict, Undecided) else with_strict(decision, strict)

    def _decide_own(self, now_ns: int) -> Decision:
        """Decide by what the step itself expects."""
        history, container = self.history, self.history.current
        disturbed = why_disturbed(history)
        if disturbed is not None and history.step < len(history.case.steps):
            return disturbed
        gone = container.never_started is not None or container.ended is not None
        if history.step < 0 and gone and not history.current_container.ready_given:
            # Steps may expect just that; steps that act on init will not be carried out.
            return Passed()
        if self._timer is not None:
            return self._timer.decide(container, now_ns)
        if not container.stop_answered and isinstance(history.action, Stop):
            return Undecided(wake_ns=now_ns + _ASK_AGAIN_NS)
        return Passed()

    @property
    def went_wrong(self) -> bool:
        """Whether the case has failed or errored, as far as the facts go."""
        return went_wrong(self.verdict())

    def verdict(self, *, over: bool = False) -> Verdict:
        """Return the verdict on the case so far; `over`: no more facts will come."""
        return case_verdict(
            self.history.case,
            self.judged,
            ended_early=self._ended_early,
            out_of_turn=self._out_of_turn,
            over=over,
        )

    def result(self, timeline: Timeline) -> CaseResult:
        """
        Return the result of a case that is over.

        It is without what its signals came to, and without reasons.
        """
        history, verdict = self.history, self.verdict(over=True)
        steps = step_results(history, self.judged)
        return CaseResult(history.case, verdict, steps, timeline, history.took_s)

    def _start_timers(self, acted_ns: int) -> None:
        case, step = self.history.case, self.history.step
        self._timer = self._timer_of(case.expectation_of(step), acted_ns)
        if self._settings.strict_shutdown and step >= 0:
            self._strict = self._timer_of(strict_expectation(case.all_steps[step]), acted_ns)

    def _timer_of(self, expectation: Expectation | None, acted_ns: int) -> ExpectationTimer | None:
        if expectation is None:
            return None
        history = self.history
        patience_s = DEFAULT_WITHIN_S
        if isinstance(history.action, Stop):
            own_s = history.action.grace_s
            patience_s += history.current_container.plan.stop_grace_s if own_s is None else own_s
        return ExpectationTimer(
            expectation,
            self._settings.quiet_s,
            history.step,
            began_ns=history.began_ns,
            acted_ns=acted_ns,
            of_step=history.step >= 0 and self.history.case.all_steps[history.step].acts,
            may_take_snapshots=self._settings.evidence is not Evidence.ENGINE,
            patience_s=patience_s,
        )

    def _end_step(self, verdict: Verdict, at_ns: int) -> None:
        history, timer = self.history, self._timer
        until_ns = timer.counts_until_ns(history.current, at_ns) if timer else at_ns
        self.judged[history.step] = JudgedStep(verdict, history.began_ns, at_ns, until_ns)
        self._timer = self._strict = None

    def _end_early(self, fact: EngineLost | TimedOut | Interrupted | CaseBroken) -> None:
        # A container that somebody else has removed is not there any more when it is asked for.
        errored = why_disturbed(self.history) or verdict_of_early_end(fact)
        self._ended_early = self._ended_early or errored
        if self.history.step >= 0 and self.history.step not in self.judged:
            self._end_step(errored, fact.at_ns)


def judge(case: Case, timeline: Timeline, settings: Settings) -> CaseResult:
    """Return the verdicts on a case from its facts alone, with outcomes of signals and reasons."""
    evaluator = CaseEvaluator(case, settings)
    for fact in timeline:
        evaluator.see(fact)
    history, result = evaluator.history, evaluator.result(timeline)
    outcomes = outcomes_by_step(history.containers, history.last_ns)
    result = with_signals(result, outcomes, strict=settings.strict_oracle)
    result = with_killed(result, history.containers)
    result = with_shutdown_times(result, history.containers)
    return with_explanations(result, history.containers, evaluator.judged)
