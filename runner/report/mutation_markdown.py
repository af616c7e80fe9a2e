"""
mutation.md: the scores as GitHub-flavoured Markdown, survivors first.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.model.mutation import MutationResult, Outcome, ScenarioMutation
from runner.report.mutation_console import (
    in_words,
    last_line,
    named,
    row_of,
    survivors_by_name,
)
from runner.report.sentences import evidence_used, headline
from runner.report.text import cell, code_cell, escape, scenario_title, unbroken


def render(result: MutationResult) -> str:
    """Return the report."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: MutationResult) -> Iterator[str]:
    yield "# Mutation testing of scenarios"
    yield ""
    yield f"**{escape(last_line(result))}**"
    yield ""
    yield escape(evidence_used(result.as_it_is.engine))
    scored = [one for one in result.scenarios if one.score.mutants]
    if scored:
        yield ""
        yield "| file | scenario | killed | survivors |"
        yield "|---|---|---|---|"
        yield from (_row(one) for one in sorted(scored, key=lambda one: not one.score.survived))
    not_judged = [
        f"- {_title(scenario)}, {escape(named(one))}: {escape(headline(one.result))}"
        for scenario in result.scenarios
        for one in scenario.of(Outcome.NOT_JUDGED)
    ]
    yield from _section("Not judged", not_judged)
    left_out = [
        f"- {_title(scenario)}{escape(f' {row}' if row else '')}: {escape(case.left_out)}"
        for scenario in result.scenarios
        for case in scenario.cases
        for row in [row_of(case.as_it_is.case)]
        if case.left_out
    ]
    yield from _section("Left out", left_out)


def _title(scenario: ScenarioMutation) -> str:
    return escape(scenario_title(scenario.name))


def _row(one: ScenarioMutation) -> str:
    survivors = [
        code_cell(name) + (f" {cell(', '.join(rows))}" if rows else "")
        for name, rows in survivors_by_name(one)
    ]
    score, title = unbroken(in_words(one.score)), cell(scenario_title(one.name))
    return f"| {code_cell(one.path)} | {title} | {score} | {'; '.join(survivors)} |"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"## {title}"
        yield ""
        yield from lines
