"""
A whole run as it is shown at 80 columns, word for word: 3 failures among 400 cases.

The texts are in `shown/`; `python -m tests.unit.report.test_console_run` writes them. Read what has
changed in them as a user would.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from runner.errors import Where
from runner.kernel.signals import ALL_SIGNALS
from runner.model.explanation import Explanation
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Evidence, Failed, Finding, Passed
from tests.support.results import PASSED, run_of
from tests.support.shown import whole

FOLDER: Final = Path(__file__).parent / "shown"
TEXTS: Final = {"quiet.txt": -1, "one-file.txt": 0, "many-files.txt": 0, "rows.txt": 1}
"""The files, and how much is shown in each."""

_WHY: Final = Explanation(
    (
        "SIGTERM was dropped: init (server) has the default disposition for it",
        "Init ran on until the grace period of 10 s was over, and the engine then sent SIGKILL",
    ),
    rule="R5",
    source="kill(2), pid_namespaces(7)",
    advice="let the program handle SIGTERM, or run it below an init (`docker_init: true`)",
    diagnosis="D10",
)


def case(path: str, line: int, scenario: str, **row: str) -> CaseResult:
    """A case that has passed."""
    name = scenario
    for axis, value in row.items():
        name = name.replace(f"{{{{ {axis} }}}}", value)
    place = Where(path, line, 3)
    changed = dataclasses.replace(PASSED.case, name=name, scenario=scenario, where=place, row=row)
    return dataclasses.replace(PASSED, case=changed, took_s=0.5 + line / 100)


def passed(result: CaseResult, *seen: str) -> CaseResult:
    """The same with one step, of which this was seen."""
    findings = tuple(
        Finding("it", one, holds=True, evidence=Evidence.KERNEL, at_s=0) for one in seen
    )
    step = dataclasses.replace(
        result.steps[0], title="stop (grace 10 s)", verdict=Passed(findings), took_s=0.25
    )
    return dataclasses.replace(result, verdict=step.verdict, steps=(step,))


def failed(result: CaseResult) -> CaseResult:
    """The same with one step, which failed."""
    seen = "init exited 137 (128 + 9, as SIGKILL gives)"
    finding = Finding("init exited 0", seen, holds=False, evidence=Evidence.KERNEL, at_s=10.012)
    verdict = Failed((finding,), "no later event can change that")
    place = Where(result.case.where.path, result.case.where.line + 4, 5)
    step = dataclasses.replace(
        result.steps[0], title="stop (grace 10 s)", verdict=verdict, took_s=10.25, where=place
    )
    return dataclasses.replace(
        result, verdict=verdict, steps=(step,), explanations=(_WHY,), took_s=10.5
    )


def run_with_three_failures(files: int) -> RunResult:
    """400 cases: five rows in each file of a matrix, and one without."""
    return dataclasses.replace(run_of(*_cases(400, files)), took_s=123.4)


def _cases(number: int, files: int) -> Iterator[CaseResult]:
    of_file = number // files
    for file in range(files):
        path = f"scenarios/services/{file + 1:02}-stops-gracefully.yml"
        for at in range(of_file - 1):
            signal = ALL_SIGNALS[at % 62]
            scenario = f"a server {at // 62} gets {{{{ signal }}}} and stops"
            row = case(path, 4 + at // 62, scenario, signal=str(signal))
            wrong = (file, at) in {(files // 2, 1), (files // 2, 2)}
            code = 128 + int(signal)
            told = f"init exited {code} (128 + {int(signal)}, as {signal} gives)"
            yield failed(row) if wrong else passed(row, told, told, "1 alive (1 server)")
        last = case(path, 40, f"the whole service of file {file + 1} stops within its grace period")
        told = (f"shutdown took 0.{file + 100} s, by the kernel's clock, not escalated",)
        yield failed(last) if file == files - 1 else passed(last, "init exited 0", *told)


def text_of(name: str) -> str:
    """What is shown in one of the texts."""
    files = 40 if name == "many-files.txt" else 1
    lines = whole(run_with_three_failures(files), verbosity=TEXTS[name])
    return "\n".join(line.rstrip() for line in lines) + "\n"


@pytest.mark.parametrize("name", TEXTS)
def test_all_of_it_is_shown_as_it_was(name: str) -> None:
    """Where it failed, why, what helps; what passed in few lines."""
    assert text_of(name) == (FOLDER / name).read_text(encoding="utf-8")


def test_there_are_400_cases_with_3_failures() -> None:
    """In one file, and in forty."""
    for files in (1, 40):
        totals = run_with_three_failures(files).totals
        assert (totals.cases, totals.failed) == (400, 3)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for one in TEXTS:
        (FOLDER / one).write_text(text_of(one), encoding="utf-8")
