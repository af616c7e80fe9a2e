"""What the console shows of results, and of a run."""

from __future__ import annotations

from runner.model.result import CaseResult, RunResult
from runner.report.console import Console
from runner.report.console_style import Style
from tests.support.results import run_of


def shown_of(
    *results: CaseResult, verbosity: int = 0, color: bool = False, width: int = 80
) -> list[str]:
    """The lines for results, without the recap."""
    style = Style(color=color, width=width)
    console = Console([one.case for one in results], style=style, verbosity=verbosity)
    return [line for result in results for line in console.lines_for(result)]


def recap_of(run: RunResult, *, verbosity: int = 0, width: int = 80) -> list[str]:
    """The lines after the results."""
    console = Console(
        [one.case for one in run.cases], style=Style(width=width), verbosity=verbosity
    )
    return list(console.recap(run))


def whole(run: RunResult, *, verbosity: int = 0, width: int = 80) -> list[str]:
    """Everything that is shown of a run."""
    return [
        *shown_of(*run.cases, verbosity=verbosity, width=width),
        *recap_of(run, verbosity=verbosity, width=width),
    ]


def recap_of_results(*results: CaseResult, interrupted: bool = False) -> list[str]:
    """The lines after the results of a run of these."""
    return recap_of(run_of(*results, interrupted=interrupted))
