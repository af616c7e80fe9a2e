"""
What was left and killed when init ended, by step.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from runner.history.container_history import ContainerHistory
from runner.history.killed_with_init import killed_in
from runner.model.result import CaseResult


def with_killed(result: CaseResult, histories: Mapping[str, ContainerHistory]) -> CaseResult:
    """
    Return the result with what was killed at the end of init, for each step in which it ended.

    `histories` are the containers of the case at its end.
    """
    found = {
        span.step: killed
        for history in histories.values()
        for span in history.spans
        if (killed := killed_in(history, span)) is not None
    }
    steps = tuple(
        dataclasses.replace(one, killed=found.get(number))
        for number, one in enumerate(result.steps)
    )
    return dataclasses.replace(result, steps=steps)
