"""
When passing would mean nothing: nothing was expected, or what was sent proves nothing.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from runner.history.case_history import CaseHistory
from runner.judge.step_verdict import JudgedStep
from runner.model.case import Case
from runner.model.observation import SignalSent
from runner.model.process import INIT_PID
from runner.model.verdict import Errored, Passed


def why_vacuous(case: Case, judged: Mapping[int, JudgedStep], *, over: bool) -> Errored | None:
    """Return why passing would mean nothing, else None. `over`: no step is to come."""
    wanted = [number for number, step in enumerate(case.steps) if step.expect and not step.skip]
    if not wanted:
        return Errored(
            "nothing was expected of this case, so passing would mean nothing",
            advice="add an `expect` to a step",
        )
    if not over:
        return None
    missing = next((number for number in wanted if number not in judged), None)
    if missing is not None:
        title = case.steps[missing].title
        return Errored(f"what is expected of the step {title!r} was never evaluated")
    if not any(isinstance(judged[number].verdict, Passed) for number in wanted):
        return Errored(
            "every expectation of this case failed and was ignored, so passing would mean nothing",
            advice="expect something without `ignore_errors`",
        )
    return None


def why_out_of_turn(
    history: CaseHistory, sent: SignalSent, judged: Container[int]
) -> Errored | None:
    """
    Return why a signal proves nothing (its container was not ready, or init was gone), else None.

    `judged` are the numbers of the steps that were judged before, those of readiness among them.
    """
    name = sent.container
    if history.case.ready_step(name) not in judged:
        return Errored(f"{sent.signal} was sent before the container was ready")
    container, plan = history.containers[name], history.case.containers[name].plan
    end = container.init_exited or container.ended
    gone = end is not None and end.at_ns < sent.at_ns
    if gone and sent.pid == INIT_PID and not plan.pid and not container.may_restart:
        return Errored(f"{sent.signal} was sent after init had ended")
    return None
