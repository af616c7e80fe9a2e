"""
Why a case went as it did: facts, rules of the kernel, diagnosis and advice, in a few sentences.

One file a family. A wrong explanation is worse than none: where facts do not decide, what happened
is told, and which evidence would tell more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from runner.history.container_history import ContainerHistory
from runner.judge.explain.conventions import of_convention, of_raised_again
from runner.judge.explain.cut_off import of_cut_off
from runner.judge.explain.endings import of_end
from runner.judge.explain.handlers import of_handler
from runner.judge.explain.probable import of_probable
from runner.judge.explain.signals import mispredictions, of_signals
from runner.judge.explain.starting import of_start
from runner.judge.explain.step_history import StepHistory, step_history_of
from runner.judge.explain.what_happened import what_happened, what_is_missing
from runner.judge.explain.zombies import of_zombies
from runner.judge.step_verdict import JudgedStep
from runner.model.explanation import Explanation
from runner.model.result import CaseResult
from runner.model.verdict import went_wrong

_FAMILIES = (
    of_start,
    of_signals,
    of_convention,
    of_cut_off,
    of_raised_again,
    of_probable,
    of_handler,
    of_zombies,
)
_MOST = 3


def with_explanations(
    result: CaseResult,
    histories: Mapping[str, ContainerHistory],
    judged: Mapping[int, JudgedStep],
) -> CaseResult:
    """
    Return the result with the reasons why it went wrong, and what differs from the prediction.

    `histories` are its containers at the end of the case; `judged` are the verdicts on
    its steps, by number.
    """
    found = [one for step in result.steps for one in mispredictions(step.signals)]
    if went_wrong(result.verdict) and result.timeline:
        step = step_history_of(result, histories, judged)
        found += _of_step(step) if step is not None else []
    distinct = tuple(dict.fromkeys(found))
    return dataclasses.replace(result, explanations=distinct[:_MOST])


def _of_step(step: StepHistory) -> list[Explanation]:
    """
    Return the reason of the first family that has one, how init ended if that tells more, and
    where there is no diagnosis, which evidence is missing for one.
    """
    found: list[Explanation] = []
    for family in _FAMILIES:
        found = found or list(family(step))
    # These say already how init ended.
    if not (found and (step.escalated or step.killed or found[0].diagnosis)):
        found += of_end(step)
    if step.escalated and found and not any(one.diagnosis for one in found):
        # That SIGKILL came after the grace period does not say why nothing came of the signal.
        found += what_is_missing(step)
    return found or list(what_happened(step))
