"""
`--mutate`: the selected cases are run with wrong inits, which each of them should notice.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections import deque
from collections.abc import Sequence

from runner.archive.case_file import CaseFile
from runner.cli.command import Command
from runner.cli.exit_codes import ENGINE, FAILED, INTERRUPTED, NOTHING
from runner.cli.last_run import last_result
from runner.cli.report_files import check_targets
from runner.cli.report_folder import MUTATION_FILES, open_store, set_aside
from runner.cli.running import (
    Screen,
    close_run,
    console_of,
    engine_failed,
    exit_code_of,
    progress_of,
    settings_of,
    show,
    style_of,
)
from runner.cli.selected import read_files, selected
from runner.cli.stop_on_signals import StopOnSignals
from runner.engine import open_engine
from runner.engine.contract import Engine
from runner.errors import UsageError
from runner.model.case import Case
from runner.model.mutation import MutationResult, Outcome, scenarios_of
from runner.model.result import CaseResult, RunResult
from runner.model.settings import Settings
from runner.model.verdict import Passed, went_wrong
from runner.plan.mutants import mutants_of, with_results
from runner.report import mutation_json, mutation_markdown
from runner.report.console import Verbosity
from runner.report.mutation_console import MutationConsole
from runner.report.progress import Progress
from runner.run import pipeline


def run(command: Command) -> int:
    """Run each case as it is, and then its mutants; print the scores, and write the reports."""
    check_targets(command)
    if command.output != "text":
        raise UsageError(
            "--output json-lines does not go with --mutate", advice="mutation.json is for programs"
        )
    if command.failed:
        last_result(command.report_dir)
    set_aside(command)
    once = dataclasses.replace(command, repeat=1)
    cases = selected(once, read_files(once))
    settings = settings_of(command)
    verbosity = command.verbose - command.quiet
    console = MutationConsole(style=style_of(command), verbosity=verbosity)
    engine = open_engine("docker", settings.run_id)
    with open_store(command, settings) as store:
        with StopOnSignals():
            try:
                result = _mutated(command, cases, engine, settings, console, store)
            finally:
                engine.close()
        texts = (mutation_json.render(result), mutation_markdown.render(result))
        code = close_run(
            command,
            result.as_it_is,
            console.recap(result),
            _exit_code_of(result),
            more=dict(zip(MUTATION_FILES, texts, strict=True)),
            store=store,
        )
    if code == NOTHING:
        print("scenario-run: no mutant was run: every case is left out", file=sys.stderr)
    return code


def _mutated(
    command: Command,
    cases: Sequence[Case],
    engine: Engine,
    settings: Settings,
    console: MutationConsole,
    store: CaseFile,
) -> MutationResult:
    began_s = time.monotonic()
    # What has failed as it is, is shown; of the rest, only the mutants.
    first = console_of(command, cases, verbosity=command.verbose or Verbosity.WRONG)
    with progress_of(len(cases)) as progress:
        as_it_is = pipeline.run(
            cases,
            engine=engine,
            settings=settings,
            forks=command.forks,
            listener=Screen(first, progress),
            store=store,
        )
    mutants = [one.case for result in as_it_is.cases for one in mutants_of(result)]
    if as_it_is.interrupted or _ends_early(settings, as_it_is):
        of_mutants = dataclasses.replace(as_it_is, cases=())
    else:
        with progress_of(len(mutants), wrong="survived") as progress:
            scores = _Scores(console, progress, as_it_is)
            of_mutants = pipeline.run(
                mutants,
                engine=engine,
                settings=dataclasses.replace(settings, keep=False, retries=0, fail_fast=False),
                forks=command.forks,
                listener=scores,
            )
            scores.flush()
    return MutationResult(
        as_it_is=as_it_is,
        cases=with_results(as_it_is.cases, of_mutants.cases),
        took_s=time.monotonic() - began_s,
        interrupted=of_mutants.interrupted,
    )


def _ends_early(settings: Settings, as_it_is: RunResult) -> bool:
    return settings.fail_fast and any(went_wrong(one.verdict) for one in as_it_is.cases)


def _exit_code_of(result: MutationResult) -> int:
    """Return the exit code: as of a normal run, and 2 too where a mutant was not killed."""
    code = exit_code_of(result.as_it_is)
    if result.interrupted or code == ENGINE:
        return INTERRUPTED if result.interrupted else ENGINE
    verdicts = [
        one.result.verdict
        for case in result.cases
        for one in case.mutants
        if one.outcome is Outcome.NOT_JUDGED
    ]
    if engine_failed(verdicts):
        return ENGINE
    score = result.score
    if code == 0 and score.mutants == 0:
        return NOTHING
    return code or (FAILED if score.killed < score.mutants else 0)


class _Scores:
    """A `Listener` that shows the score of each scenario once all its mutants have a result."""

    def __init__(self, console: MutationConsole, progress: Progress, as_it_is: RunResult) -> None:
        self._console = console
        self._progress = progress
        self._scenarios = deque(
            [case.as_it_is for case in scenario.cases]
            for scenario in scenarios_of(with_results(as_it_is.cases, ()))
        )
        self._results: list[CaseResult] = []
        self.note = progress.note
        self.progress = progress.progress

    def started(self, case: Case) -> None:
        """As `Listener.started`."""
        self._progress.started(case.name)

    def finished(self, result: CaseResult) -> None:
        """As `Listener.finished`."""
        survived = isinstance(result.verdict, Passed)
        self._progress.finished(result.case.name, wrong=survived)

    def result(self, result: CaseResult) -> None:
        """As `Listener.result`."""
        self._results.append(result)
        self.flush()

    def flush(self) -> None:
        """Show the scenarios of which all results are there."""
        while self._scenarios:
            as_it_is = self._scenarios[0]
            wanted = sum(len(mutants_of(one)) for one in as_it_is)
            if len(self._results) < wanted:
                return
            self._scenarios.popleft()
            ours, self._results = self._results[:wanted], self._results[wanted:]
            (scenario,) = scenarios_of(with_results(as_it_is, ours))
            show(self._progress, self._console.lines_for(scenario))
