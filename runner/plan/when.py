"""
`when`: expressions over facts of the engine and variables.

The expressions are Jinja2's, in the same sandbox as placeholders. They are checked when the files
are read and answered when the engine is known.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from runner.language.plain import Plain
from runner.model.case import Case
from runner.model.step import Step
from runner.plan.template import expression_names, expression_value
from runner.words import nearest

if TYPE_CHECKING:  # its records take long to import, and checking needs none of them
    from runner.model.result import EngineFacts

FACTS = ("engine", "cgroup", "kernel", "arch", "evidence")


def facts_of(engine: EngineFacts) -> dict[str, Plain]:
    """Return the facts that an expression may name."""
    return {
        "engine": {
            "name": engine.name,
            "version": engine.version,
            "api": engine.api,
            "rootless": engine.rootless,
        },
        "cgroup": engine.cgroup,
        "kernel": engine.kernel,
        "arch": engine.arch,
        "evidence": engine.evidence.value,
    }


def problems_of(expression: str, variables: Mapping[str, Plain]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with an expression, and advice, before any engine is known."""
    try:
        names = expression_names(expression)
    except ValueError as error:
        yield f"this is not a valid expression: {error}", "as in cgroup == 'v2'"
        return
    known = [*FACTS, *variables]
    for name in sorted(names):
        if name not in known:
            yield f"unknown name '{name}' in an expression", nearest(name, known)


def names_of(expression: str) -> set[str]:
    """Return the names that an expression uses; none, if it is not valid."""
    try:
        return expression_names(expression)
    except ValueError:
        return set()


def answered(case: Case, engine: EngineFacts) -> Case:
    """
    Return the case with every `when` answered: what is not to be run says so in `skip`.

    What has no answer is not skipped; `unanswered` tells of it.
    """
    names = {**case.variables, **facts_of(engine)}
    steps = tuple(_answered_step(step, names) for step in case.steps)
    always = tuple(_answered_step(step, names) for step in case.always)
    skip = case.skip or _skip(case.when, names)
    return dataclasses.replace(case, steps=steps, always=always, skip=skip)


def unanswered(case: Case, engine: EngineFacts) -> str:
    """Return which `when` of a case that is to be run has no answer, and why; "" if all have."""
    names = {**case.variables, **facts_of(engine)}
    steps = [step.when for step in case.all_steps if not step.skip]
    for expression in filter(None, (case.when, *steps)):
        try:
            expression_value(expression, names)
        except ValueError as error:
            return f"when: {expression} cannot be answered: {error}"
    return ""


def _answered_step(step: Step, names: Mapping[str, Plain]) -> Step:
    return dataclasses.replace(step, skip=step.skip or _skip(step.when, names))


def _skip(expression: str, names: Mapping[str, Plain]) -> str:
    if not expression:
        return ""
    try:
        return "" if expression_value(expression, names) else f"when: {expression} is false"
    except ValueError:
        return ""
