"""The plugin of pytest: what it collects, and what it makes of verdicts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from importlib.metadata import entry_points

import pytest

from runner.model.case import Case
from runner.model.result import CaseResult, RunResult
from runner.model.verdict import Skipped
from runner.run import pipeline
from tests.support.results import ERRORED, FAILED, PASSED, run_of

pytest_plugins = ["pytester"]

INSTALLED = any(one.name == "scenario-run" for one in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "runner.cli.pytest_plugin")
SCENARIO = """\
name: {name}
tags: [{tag}]
container: {{image: app}}
steps: [{{expect: {{init: running}}}}]
"""
RESULTS = {
    "it passes": PASSED,
    "it fails": FAILED,
    "it errs": ERRORED,
    "it is not run": dataclasses.replace(PASSED, verdict=Skipped("too slow")),
}


class _Engine:
    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result of a case is the one of its name."""

    def run(cases: Sequence[Case], **_: object) -> RunResult:
        found: list[CaseResult] = [
            dataclasses.replace(RESULTS[one.name], case=one) for one in cases
        ]
        return run_of(*found)

    monkeypatch.setattr(pipeline, "run", run)
    monkeypatch.setattr("runner.engine.open_engine", lambda *_: _Engine())


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest in a folder with a scenario for each verdict."""
    names = dict(zip(RESULTS, ("quick", "slow", "slow", "slow"), strict=True))
    text = "---\n".join(SCENARIO.format(name=name, tag=tag) for name, tag in names.items())
    pytester.path.joinpath("a.yml").write_text(text, encoding="utf-8")
    pytester.path.joinpath("_steps.yml").write_text("- stop: 1s\n", encoding="utf-8")
    return pytester.runpytest_inprocess(*PLUGIN, "-p", "no:randomly", *arguments)


def test_other_peoples_yaml_is_left_alone(pytester: pytest.Pytester) -> None:
    """Unless it is asked for."""
    done = run(pytester)

    assert done.ret is pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize("by", ["option", "setting"])
def test_a_verdict_is_an_outcome(by: str, pytester: pytest.Pytester) -> None:
    """A case that errored is an error, not a failure."""
    if by == "setting":
        pytester.makeini("[pytest]\nscenarios = true\n")

    done = run(pytester, "-rA", *(["--scenarios"] if by == "option" else []))

    done.assert_outcomes(passed=1, failed=1, errors=1, skipped=1)
    done.stdout.fnmatch_lines(["*expected *", "PASSED a.yml::it passes"])
    done.stdout.no_fnmatch_line("*Traceback*")


def test_cases_are_selected_by_name_and_by_tag(pytester: pytest.Pytester) -> None:
    """As by -k of any item."""
    run(pytester, "--scenarios", "-k", "passes").assert_outcomes(passed=1, deselected=3)
    run(pytester, "--scenarios", "-k", "quick").assert_outcomes(passed=1, deselected=3)


def test_a_mistake_in_a_file_is_an_error_of_the_collection(pytester: pytest.Pytester) -> None:
    """With place and advice, as scenario-run tells it."""
    pytester.path.joinpath("b.yml").write_text("zzz: x\n", encoding="utf-8")

    done = pytester.runpytest_inprocess(*PLUGIN, "--scenarios", "b.yml")

    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*b.yml:1:1: unknown key 'zzz'*"])


def test_the_junit_file_of_pytest_names_the_cases(pytester: pytest.Pytester) -> None:
    """With --junit-xml, as of any item."""
    run(pytester, "--scenarios", "--junit-xml=j.xml")

    text = pytester.path.joinpath("j.xml").read_text(encoding="utf-8")
    assert all(f'name="{name}"' in text for name in RESULTS)
