"""
Workflow commands of GitHub Actions, which show an error at its line in a pull request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from runner.errors import Problem, Where
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import went_wrong
from runner.report.sentences import deciding_step, headline
from runner.report.source_links import SourceLinks
from runner.report.text import clean, one_line
from runner.words import count

MOST_ERRORS: Final = 10
"""GitHub shows no more of one step."""


def of_results(result: RunResult, links: SourceLinks) -> Iterator[str]:
    """Yield a command for each of the first cases that went wrong, and then how many more did."""
    wrong = [case for case in result.cases if went_wrong(case.verdict)]
    yield from _first((_of_case(case, links) for case in wrong), len(wrong), "case")


def of_problems(problems: Sequence[Problem], links: SourceLinks) -> Iterator[str]:
    """Yield a command for each of the first mistakes in scenario files, as `of_results`."""
    commands = (
        _error(one.where, "scenario-run", [one.what, one.advice], links) for one in problems
    )
    yield from _first(commands, len(problems), "problem")


def _first(commands: Iterator[str], number: int, noun: str) -> Iterator[str]:
    yield from islice(commands, MOST_ERRORS)
    if number > MOST_ERRORS:
        more = count(number - MOST_ERRORS, f"more {noun}")
        yield f"::notice title=scenario-run::{more} not shown"


def _of_case(case: CaseResult, links: SourceLinks) -> str:
    step = deciding_step(case)
    said = [headline(case)]
    for one in case.explanations[:1]:
        said += one.sentences[:1]
        said += [f"Help: {one.advice}."] if one.advice else []
    return _error(step.where if step else case.case.where, case.case.name, said, links)


def _error(where: Where, title: str, said: Sequence[str], links: SourceLinks) -> str:
    file = links.path(where.path) or where.path
    properties = {"file": file, "line": str(where.line), "title": one_line(title)}
    words = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    message = clean("\n".join(filter(None, said)))
    return f"::error {words}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
