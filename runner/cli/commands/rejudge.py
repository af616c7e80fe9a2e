"""
`--rejudge FILE`: the cases of an earlier run are judged and reported again, by their facts alone.
"""

from __future__ import annotations

import dataclasses

from runner.archive.stored_run import StoredRun, open_run
from runner.cli.command import Command
from runner.cli.json_lines import JsonLines
from runner.cli.running import close_run, console_of, exit_code_of
from runner.cli.tell import tell
from runner.errors import UsageError
from runner.judge.evaluator import judge
from runner.model.result import CaseResult, RunResult
from runner.model.settings import Settings
from runner.report.console import Console
from runner.run.store import KeepAll

_JUDGING = ("quiet_period", "strict_oracle", "strict_shutdown")


def run(command: Command) -> int:
    """Judge each case, print the results, and write the reports."""
    if command.rejudge is None:
        raise UsageError("name a file", advice="--rejudge reports/cases.jsonl.gz")
    with open_run(command.rejudge) as stored:
        if stored.killed:
            ended = len(stored.result.cases)
            tell(f"scenario-run: this run was killed; {ended} of {stored.planned} cases had ended")
        console = console_of(command, [one.case for one in stored.result.cases])
        result = _judged(command, stored, console)
        return close_run(command, result, console.recap(result), exit_code_of(result))


def _judged(command: Command, stored: StoredRun, console: Console) -> RunResult:
    settings = _settings(command, stored.settings)
    lines = JsonLines(KeepAll()) if command.output == "json-lines" else None
    cases: list[CaseResult] = []
    for one in stored.result.cases:
        judged = judge(one.case, one.timeline, settings)
        cases.append(dataclasses.replace(judged, earlier=one.earlier))
        if lines is None:
            for line in console.lines_for(cases[-1]):
                print(line)
        else:
            lines.add(len(cases), cases[-1])
    result = dataclasses.replace(stored.result, cases=tuple(cases))
    if lines is not None:
        lines.end(result)
    return result


def _settings(command: Command, stored: Settings) -> Settings:
    """Return the settings of the run, but for what the command line says of judging."""
    given = {name for name in _JUDGING if command.origins[name].origin == "command line"}
    return dataclasses.replace(
        stored,
        quiet_s=command.quiet_period if "quiet_period" in given else stored.quiet_s,
        strict_oracle=stored.strict_oracle or "strict_oracle" in given,
        strict_shutdown=stored.strict_shutdown or "strict_shutdown" in given,
    )
