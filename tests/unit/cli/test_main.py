"""The command without an engine: exit codes, lists, selection, errors."""

from __future__ import annotations

import dataclasses
import urllib.parse
from pathlib import Path

import pytest

from runner.archive import result_json
from runner.cli import main as cli
from runner.errors import Where
from tests.support.cases import case
from tests.support.results import FAILED, PASSED, run_of

SCENARIO = """\
name: "{{ signal }} within {{ grace }}"
tags: [fast, signals]
vars: {grace: 5s}
matrix: {signal: [SIGTERM, SIGINT]}
container: {image: app}
steps:
  - signal: "{{ signal }}"
    expect: {init: {exited: 0}, within: "{{ grace }}"}
---
name: other
tags: [slow]
container: {image: app}
steps: [{expect: {init: running}}]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.yml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_help_teaches_and_version_tells(capsys: pytest.CaptureFixture[str]) -> None:
    """Examples, exit codes and the environment are in the help."""
    for argument in ("--help", "--version"):
        with pytest.raises(SystemExit) as ended:
            cli.main([argument])
        assert ended.value.code == 0

    out = capsys.readouterr().out
    assert "exit codes:" in out
    assert "examples:" in out
    assert "scenario-run 0.1.0" in out


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["--list", "."], ["SIGTERM within 5s", "SIGINT within 5s", "other"]),
        (["--list", "-t", "slow", "x.yml"], ["other"]),
        (
            ["--list", "--skip-tags", "slow,none", "x.yml"],
            ["SIGTERM within 5s", "SIGINT within 5s"],
        ),
        (["--list", "-l", "*INT*", "x.yml"], ["SIGINT within 5s"]),
        (["--list", "-e", "grace=1s", "-l", "SIGTERM*", "x.yml"], ["SIGTERM within 1s"]),
        (["--list", "-e", "{grace: 2s}", "-l", "SIGTERM*", "x.yml"], ["SIGTERM within 2s"]),
        (
            ["--list", "--repeat", "2", "-l", "other", "."],
            ["other (run 1 of 2)", "other (run 2 of 2)"],
        ),
        (["--list", "--start-at-step", "signal SIGINT *", "."], ["SIGINT within 5s"]),
        (["--list-tags", "."], ["fast", "signals", "slow"]),
        (["--syntax-check", "."], ["1 file with 3 cases: all correct"]),
    ],
    ids=" ".join,
)
def test_what_needs_no_engine(
    arguments: list[str], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Lists go to standard output, a line each, ready for a pipe."""
    assert cli.main(arguments) == 0

    assert capsys.readouterr().out.splitlines() == lines


def test_a_plan_shows_steps_and_expectations(capsys: pytest.CaptureFixture[str]) -> None:
    """With everything filled in."""
    assert cli.main(["--check", "-l", "SIGTERM*", "."]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "",
        "SCENARIO [SIGTERM within 5s]",
        "  image: app",
        "  STEP [signal SIGTERM to init from host]",
        "    expects init exited 0",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            [],
            5,
            "name scenario files or folders, as in: scenario-run scenarios/\n  to write a first",
        ),
        (["--explian", "x.yml"], 5, "did you mean '--explain'?"),
        (["--list", "-t", "sloww", "x.yml"], 5, "tag 'sloww' (command line): did you mean 'slow'?"),
        (["--list", "-t", "slow", "-l", "SIG*", "x.yml"], 5, "--list shows the names"),
        (["--list", "--start-at-step", "expect", "x.yml"], 5, "did you mean '*expect*'?"),
        (["--new", "a/b/c"], 5, "cannot write a/b/c.yml"),
        (["--new", "x"], 5, "x.yml is there already"),
        (["--new", ""], 5, "'' is not a valid name for a scenario"),
        (["--new", ".yml"], 5, "'.yml' is not a valid name for a scenario"),
        (["--nonsense", "x.yml"], 5, "unrecognized arguments: --nonsense"),
        (["y.yml"], 5, "did you mean 'x.yml'?"),
        (["--list", "-l", "other:SIGTERM*:SIGNIT*", "x.yml"], 5, "no case fits 'SIGNIT*'"),
        (["--list", "-l", "@none", "x.yml"], 5, "--limit @none: No such file"),
        (["--list", "-t", "nothing", "x.yml"], 5, "no case is selected (there are 3)"),
        (["-f", "0", "x.yml"], 5, "'0' is not a number from 1 to 999"),
        (
            ["--list", "--start-at-step", "signal SIGNIT*", "x.yml"],
            5,
            "mean 'signal SIGINT",
        ),
        (["--retries", "-1", "x.yml"], 5, "'-1' is not a number"),
        (["--retries", "many", "x.yml"], 5, "'many' is not a number"),
        (["--timeout", "soon", "x.yml"], 5, "'soon' is not a duration"),
        (["--shard", "3/2", "x.yml"], 5, "'3/2' is not a valid shard, as in 1/4"),
        (["--list", "--failed", "x.yml"], 5, "run once without it"),
        (["-e", "1=2", "x.yml"], 5, "'1=2' is not a valid variable with its value"),
        (["-e", "@none.yml", "x.yml"], 5, "No such file"),
        (["-e", "{a: [}", "x.yml"], 5, "this is not YAML"),
        (["-e", "grace=-1s", "x.yml"], 3, "a duration cannot be negative"),
        (["--list", "--check", "x.yml"], 5, "not allowed with"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_makes_no_sense_is_told_in_a_line(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What, and what to do; on standard error."""
    assert cli.main(arguments) == code

    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert not captured.out


def test_only_what_failed_last_time(capsys: pytest.CaptureFixture[str]) -> None:
    """By the result of the last run in the report folder."""
    result = run_of(
        *(
            type(one)(
                dataclasses.replace(case(name=name), where=Where("x.yml", 1, 1)),
                one.verdict,
                one.steps,
                one.timeline,
                one.took_s,
            )
            for one, name in ((PASSED, "other"), (FAILED, "SIGINT within 5s"))
        )
    )
    Path("reports").mkdir()
    Path("reports/result.json").write_text(result_json.dump(result), encoding="utf-8")

    assert cli.main(["--list", "--failed", "x.yml"]) == 0

    assert capsys.readouterr().out.splitlines() == ["SIGINT within 5s"]
    assert cli.main(["--list", "--failed", "-l", "other", "x.yml"]) == 5
    assert "of these, none failed or errored last time" in capsys.readouterr().err
    Path("reports/result.json").write_text("[]", encoding="utf-8")
    assert cli.main(["--list", "--failed", "x.yml"]) == 5
    assert "--failed looks at reports/result.json: this is not a result" in capsys.readouterr().err


def test_a_variable_file_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """YAML or JSON; later ones win."""
    Path("v.json").write_text('{"grace": "7s"}', encoding="utf-8")

    assert cli.main(["--list", "-e", "grace=1s", "-e", "@v.json", "-l", "SIGINT*", "."]) == 0

    assert capsys.readouterr().out == "SIGINT within 7s\n"


def test_a_starter_is_a_scenario_that_loads(capsys: pytest.CaptureFixture[str]) -> None:
    """Commented, and ready to run."""
    assert cli.main(["--new", "mine"]) == 0
    assert cli.main(["--syntax-check", "mine.yml"]) == 0

    assert "1 file with 1 case: all correct" in capsys.readouterr().out


def test_the_starter_names_a_schema_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one that --print-schema prints."""
    monkeypatch.chdir(tmp_path)

    assert cli.main(["--new", "mine"]) == 0
    capsys.readouterr()
    assert cli.main(["--print-schema"]) == 0

    first = Path("mine.yml").read_text(encoding="utf-8").splitlines()[0]
    uri = first.removeprefix("# yaml-language-server: $schema=")
    schema = Path(urllib.parse.unquote(urllib.parse.urlparse(uri).path))
    assert schema.read_text(encoding="utf-8") == capsys.readouterr().out
