"""
mutation.json: what became of each mutant, for programs (docs/mutation.md says what the keys mean).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from runner.model.mutation import (
    CaseMutation,
    MutantResult,
    MutationResult,
    Outcome,
    ScenarioMutation,
    Score,
)
from runner.report.sentences import headline

SCHEMA_NAME: Final = "mutation/v1"

_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_MILLISECONDS: Final = 3


def render(result: MutationResult) -> str:
    """Return the file; what is not Unicode (lone surrogates) becomes U+FFFD."""
    run = result.as_it_is
    body = {
        "schema": SCHEMA_NAME,
        "run_id": run.run_id,
        "version": run.version,
        "started_at": run.started_at,
        "took_s": round(result.took_s, _MILLISECONDS),
        "interrupted": result.interrupted,
        "totals": _counts(result.score),
        "scenarios": [_scenario(one) for one in result.scenarios],
    }
    text = json.dumps(body, indent=1, ensure_ascii=False)
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text) + "\n"


def _counts(score: Score) -> Mapping[str, int]:
    return {
        "mutants": score.mutants,
        "killed": score.killed,
        "survived": score.survived,
        "not_judged": score.not_judged,
        "left_out": score.left_out,
    }


def _scenario(one: ScenarioMutation) -> Mapping[str, Any]:
    return {
        "path": one.path,
        "name": one.name,
        **_counts(one.score),
        "cases": [_case(case) for case in one.cases],
    }


def _case(one: CaseMutation) -> Mapping[str, Any]:
    return {
        "name": one.as_it_is.case.name,
        "row": dict(one.as_it_is.case.row),
        "as_it_is": one.as_it_is.verdict.kind,
        "left_out": one.left_out,
        "mutants": [_mutant(mutant) for mutant in one.mutants],
    }


def _mutant(one: MutantResult) -> Mapping[str, Any]:
    survived = one.outcome is Outcome.SURVIVED
    return {
        "wrong_init": one.mutant.wrong_init.value,
        "container": one.mutant.container,
        "outcome": one.outcome.value,
        "verdict": one.result.verdict.kind,
        "why": "" if survived else headline(one.result),
        "took_s": round(one.result.took_s, _MILLISECONDS),
    }
