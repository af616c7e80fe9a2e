"""
Following a case fact by fact, and the verdicts that come of it.

`CaseEvaluator` is what the executor asks; `judge` runs the same referee over a whole timeline.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from runner.history.container_history import ContainerHistory
from runner.history.fold import before_step, with_fact
from runner.judge.expectation_timer import ExpectationTimer
from runner.judge.explain import with_explanations
from runner.judge.signals.outcomes import outcomes_by_step
from runner.judge.signals.strict import with_signals
from runner.model.case import READY, Case, CaseContainer
from runner.model.container import HOST_PID
from runner.model.engine_facts import ContainerCreated, EngineLost
from runner.model.expectation import DEFAULT_WITHIN_S
from runner.model.fact import InContainer
from runner.model.observation import (
    CaseBroken,
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
from runner.model.result import CaseResult, StepResult
from runner.model.settings import Settings
from runner.model.step import Step, Stop, Wait
from runner.model.verdict import (
    Decision,
    Errored,
    Evidence,
    Failed,
    Passed,
    Skipped,
    Undecided,
    Verdict,
    went_wrong,
)

_STOP_MARGIN_NS = 60_000_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class _Judged:
    """The verdict on a step, when that began and ended, and until when facts counted for it."""

    verdict: Verdict
    began_ns: int
    ended_ns: int
    counts_until_ns: int


class CaseEvaluator:
    """A `Evaluator`: the same facts always give the same decisions."""

    def __init__(self, case: Case, settings: Settings) -> None:
        self._case = case
        self._quiet_s = settings.quiet_s
        self._may_look = settings.evidence is not Evidence.ENGINE
        self._histories = {
            name: ContainerHistory(
                may_restart=container.plan.restart.name != "no",
                shares_host=container.plan.pid == HOST_PID,
            )
            for name, container in case.containers.items()
        }
        self._step = READY
        self._began_ns = 0
        self._watch: ExpectationTimer | None = None
        self._created_ns: int | None = None
        self._last_ns = 0
        self._ended_early: Errored | None = None
        self._judged: dict[int, _Judged] = {}
        self._out_of_turn: Errored | None = None
        self._over = False

    def init_running(self, container: str) -> bool:
        """As `Evaluator.init_running`."""
        return self._histories[container].init_running

    def why_init_is_gone(self, container: str) -> str:
        """As `Evaluator.why_init_is_gone`."""
        return self._histories[container].why_gone

    def paused(self, container: str) -> bool:
        """As `Evaluator.paused`."""
        return self._histories[container].paused is not None

    def stop_answered(self, container: str) -> bool:
        """As `Evaluator.stop_answered`."""
        return self._histories[container].stop_answered

    @property
    def went_wrong(self) -> bool:
        """As `Evaluator.went_wrong`."""
        return went_wrong(self.verdict())

    def see(self, observation: Observation) -> None:
        """As `Evaluator.see`."""
        self._last_ns = max(self._last_ns, observation.at_ns)
        before = self._histories
        self._update(observation)
        match observation:
            case ContainerCreated(at_ns=at_ns):
                self._created_ns = at_ns if self._created_ns is None else self._created_ns
            case StepBegan(at_ns=at_ns, step=step):
                self._step, self._began_ns, self._watch = step, at_ns, None
            case StepActed(at_ns=at_ns, step=step):
                self._watch = self._start_timer(step, at_ns)
            case StepEnded(at_ns=at_ns, step=step):
                self._note(step, self._verdict_at(step, at_ns), at_ns)
            case StepBroken(at_ns=at_ns, step=step, what=what, advice=advice, engine=engine):
                self._note(step, Errored(what, advice, engine), at_ns)
            case EngineLost() | TimedOut() | Interrupted() | CaseBroken():
                self._end_early(observation)
            case _:
                pass
        if self._watch is not None:
            # Facts carry the time at which they happened, and may arrive late; time itself never
            # goes back, or what time has made true would be broken by news of the past.
            name = self._case.container_of(self._step)
            own = isinstance(observation, InContainer) and observation.container == name
            self._watch = self._watch.after(
                self._history,
                self._last_ns,
                before=before[name],
                fact=observation if own else None,
            )

    def _sent_out_of_turn(self, sent: SignalSent) -> Errored | None:
        """A signal before its container was ready, or after init was gone, proves nothing."""
        name = sent.container
        if self._case.ready_step(name) not in self._judged:
            return Errored(f"{sent.signal} was sent before the container was ready")
        history, plan = self._histories[name], self._case.containers[name].plan
        end = history.init_exited or history.ended
        gone = end is not None and end.at_ns < sent.at_ns
        if gone and sent.pid == 1 and not plan.pid and not history.may_restart:
            return Errored(f"{sent.signal} was sent to init when that had ended already")
        return None

    def _update(self, observation: Observation) -> None:
        if isinstance(observation, SignalSent):
            self._out_of_turn = self._out_of_turn or self._sent_out_of_turn(observation)
        if isinstance(observation, InContainer):
            name = observation.container
            changed = with_fact(self._histories[name], observation)
            self._histories = {**self._histories, name: changed}
        elif isinstance(observation, StepActed):
            self._histories = {
                name: with_fact(one, observation) for name, one in self._histories.items()
            }
        elif isinstance(observation, StepBegan):
            step = self._case.all_steps[observation.step] if observation.step >= 0 else None
            acts, sends = step is not None and step.acts, step is not None and step.sends
            self._histories = {
                name: before_step(one, observation, acts=acts, sends=sends)
                for name, one in self._histories.items()
            }

    def decide(self, now_ns: int) -> Decision:
        """As `Evaluator.decide`."""
        history = self._history
        gone = history.never_started is not None or history.ended is not None
        if self._step < 0 and gone and not self._container.ready_given:
            # Steps may expect just that; steps that act on init will not be carried out.
            return Passed()
        if self._watch is not None:
            return self._watch.decide(history, now_ns)
        if not history.stop_answered and isinstance(self._action, Stop):
            return Undecided(wake_ns=now_ns + _STOP_MARGIN_NS)
        return Passed()

    def end(self) -> None:
        """No more facts will come: what was not evaluated by now never will be."""
        self._over = True

    def results(self) -> tuple[StepResult, ...]:
        """Give a result for every step, run or not."""
        over: Verdict | None = None
        results: list[StepResult] = []
        for number, step in enumerate(self._case.all_steps):
            judged = self._judged.get(number)
            why_not = self._case.skip or step.skip or _why_not_run(over)
            verdict = judged.verdict if judged else Skipped(why_not)
            if over is None and went_wrong(verdict) and not step.ignore_errors:
                over = verdict
            results.append(self._result(step, verdict, judged))
        return tuple(results)

    def verdict(self) -> Verdict:
        """Give the verdict on the case."""
        if self._case.skip:
            return Skipped(self._case.skip)
        if self._ended_early is not None:
            return self._ended_early
        for name in self._case.containers:
            ready = self._judged.get(self._case.ready_step(name))
            if ready is not None and ready.verdict.kind == "errored":
                return ready.verdict
        for number, step in enumerate(self._case.all_steps):
            judged = self._judged.get(number)
            if judged and went_wrong(judged.verdict) and not step.ignore_errors:
                return judged.verdict
        findings = [
            finding
            for number, judged in self._judged.items()
            if number >= 0 and isinstance(judged.verdict, Passed)
            for finding in judged.verdict.findings
        ]
        return self._vacuous() or Passed(tuple(findings))

    def _vacuous(self) -> Errored | None:
        """Say why passing would mean nothing; None: it means something."""
        if self._out_of_turn is not None:
            return self._out_of_turn
        wanted = [
            number for number, step in enumerate(self._case.steps) if step.expect and not step.skip
        ]
        if not wanted:
            return Errored(
                "nothing was expected of this case, so passing would mean nothing",
                advice="add an `expect` to a step",
            )
        if not self._over:
            return None
        missing = next((number for number in wanted if number not in self._judged), None)
        if missing is not None:
            title = self._case.steps[missing].title
            return Errored(f"what is expected of the step {title!r} was never evaluated")
        if not any(isinstance(self._judged[number].verdict, Passed) for number in wanted):
            return Errored(
                "every expectation of this case failed and was ignored, so passing would mean "
                "nothing",
                advice="expect something without `ignore_errors`",
            )
        return None

    @property
    def histories(self) -> Mapping[str, ContainerHistory]:
        """What is known of each container now."""
        return self._histories

    @property
    def counts_until_ns(self) -> Mapping[int, int]:
        """Until when facts counted for the verdict on each step."""
        return {number: one.counts_until_ns for number, one in self._judged.items()}

    @property
    def last_ns(self) -> int:
        """The time of the last fact."""
        return self._last_ns

    def took_s(self) -> float:
        """Give the time from the creation of the container to the last fact, in seconds."""
        return (self._last_ns - self._created_ns) / 1e9 if self._created_ns is not None else 0.0

    def _start_timer(self, step: int, at_ns: int) -> ExpectationTimer | None:
        expectation = self._case.expectation_of(step)
        if expectation is None:
            return None
        watch = ExpectationTimer(
            expectation,
            self._quiet_s,
            step,
            began_ns=self._began_ns,
            acted_ns=at_ns,
            of_step=step >= 0 and self._case.all_steps[step].acts,
            may_take_snapshots=self._may_look,
        )
        if not isinstance(self._action, Stop):
            return watch
        own_s = self._action.grace_s
        grace_s = self._container.plan.stop_grace_s if own_s is None else own_s
        return dataclasses.replace(watch, patience_s=grace_s + DEFAULT_WITHIN_S)

    @property
    def _history(self) -> ContainerHistory:
        """The history that the current step is about."""
        return self._histories[self._case.container_of(self._step)]

    @property
    def _container(self) -> CaseContainer:
        return self._case.containers[self._case.container_of(self._step)]

    @property
    def _action(self) -> object:
        return None if self._step < 0 else self._case.all_steps[self._step].action

    def _verdict_at(self, step: int, at_ns: int) -> Verdict:
        decision = self.decide(at_ns)
        if isinstance(decision, Undecided):
            return Errored("the step was ended before it could be decided")
        if isinstance(decision, Failed) and (step < 0 or isinstance(self._action, Wait)):
            return _not_reached(self._ready_words(step), decision)
        return decision

    def _ready_words(self, step: int) -> str:
        if step >= 0:
            return "what was waited for did not come"
        name = self._case.container_of(step)
        return f"the container {name} never became ready".replace("  ", " ")

    def _note(self, step: int, verdict: Verdict, at_ns: int) -> None:
        until_ns = self._watch.counts_until_ns(self._history, at_ns) if self._watch else at_ns
        self._judged[step] = _Judged(verdict, self._began_ns, at_ns, until_ns)
        self._watch = None

    def _end_early(self, observation: EngineLost | TimedOut | Interrupted | CaseBroken) -> None:
        match observation:
            case EngineLost(what=what, advice=advice):
                errored = Errored(what, advice, engine=True)
            case TimedOut(timeout_s=timeout_s):
                errored = Errored(
                    f"the case did not end within its timeout of {timeout_s:g} s",
                    advice="give it a longer `timeout:`, or its steps a shorter `within:`",
                )
            case Interrupted():
                errored = Errored("interrupted")
            case CaseBroken(what=what, advice=advice):
                errored = Errored(what, advice)
        self._ended_early = self._ended_early or errored
        if self._step >= 0 and self._step not in self._judged:
            self._note(self._step, errored, observation.at_ns)

    def _result(self, step: Step, verdict: Verdict, judged: _Judged | None) -> StepResult:
        if judged is None:
            return StepResult(step.title, step.where, verdict)
        return StepResult(
            step.title,
            step.where,
            verdict,
            ignored=step.ignore_errors and went_wrong(verdict),
            began_s=(judged.began_ns - (self._created_ns or 0)) / 1e9,
            took_s=(judged.ended_ns - judged.began_ns) / 1e9,
        )


def judge(case: Case, timeline: Timeline, settings: Settings) -> CaseResult:
    """Give the verdicts on a case from its facts alone."""
    evaluator = CaseEvaluator(case, settings)
    for observation in timeline:
        evaluator.see(observation)
    evaluator.end()
    result = CaseResult(
        case, evaluator.verdict(), evaluator.results(), timeline, evaluator.took_s()
    )
    outcomes = outcomes_by_step(evaluator.histories, evaluator.last_ns)
    result = with_signals(result, outcomes, strict=settings.strict_oracle)
    return with_explanations(result, evaluator.histories, evaluator.counts_until_ns)


def _not_reached(what: str, decision: Failed) -> Errored:
    seen = "; ".join(
        f"expected {one.expected}, saw {one.seen}" for one in decision.findings if one.wrong
    )
    return Errored(f"{what}: {seen} ({decision.why})")


def _why_not_run(over: Verdict | None) -> str:
    return "an earlier step ended the case" if over else "the case ended before this step"
