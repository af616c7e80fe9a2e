"""Settings: where they come from, which one wins, and what makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.cli import main as cli
from runner.cli.command import Command, parse
from runner.errors import UsageError
from runner.options.table import OPTIONS


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("FORKS", "TAGS", "FAIL_FAST", "QUIET_PERIOD", "EVIDENCE", "STRICT_ORACLE"):
        monkeypatch.delenv(f"SCENARIO_RUN_{name}", raising=False)


def command(*words: str, toml: str = "", file: str = "scenario-run.toml") -> Command:
    """What a command line means, with a configuration file beside."""
    if toml:
        Path(file).write_text(toml, encoding="utf-8")
    return parse(["x.yml", *words])


def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And each value says where it came from."""
    toml = (
        'forks = 2\ntags = ["a", "b"]\nfail-fast = true\n'
        'quiet-period = "200ms"\nreport-dir = "out"\n'
    )
    monkeypatch.setenv("SCENARIO_RUN_FORKS", "3")
    monkeypatch.setenv("SCENARIO_RUN_FAIL_FAST", "no")

    one = command("--tags", "c", toml=toml)

    assert (one.forks, one.tags, one.fail_fast, one.quiet_period) == (3, ("c",), False, 0.2)
    origins = {name: setting.origin for name, setting in one.origins.items()}
    assert origins["forks"] == "SCENARIO_RUN_FORKS"
    assert origins["tags"] == "command line"
    assert origins["report_dir"] == "scenario-run.toml"
    assert origins["repeat"] == "default"


def test_evidence_and_the_oracles_strictness_are_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From each place; a switch that is false is one that is not set."""
    one = command(toml='evidence = "proc"\nstrict-oracle = true\n')
    assert (one.evidence, one.strict_oracle) == ("proc", True)
    assert command(toml="strict-oracle = false\n").strict_oracle is False

    monkeypatch.setenv("SCENARIO_RUN_EVIDENCE", "engine")
    monkeypatch.setenv("SCENARIO_RUN_STRICT_ORACLE", "1")
    Path("scenario-run.toml").unlink()
    two = command()
    assert (two.evidence, two.strict_oracle) == ("engine", True)
    assert two.origins["evidence"].origin == "SCENARIO_RUN_EVIDENCE"

    three = command("--evidence", "kernel")
    assert (three.evidence, three.strict_oracle) == ("kernel", True)
    with pytest.raises(UsageError, match="invalid choice: 'best'"):
        command("--evidence", "best")


def test_strict_shutdown_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """From each place."""
    assert command().strict_shutdown is False
    assert command("--strict-shutdown").strict_shutdown is True
    assert command(toml="strict-shutdown = true\n").strict_shutdown is True
    Path("scenario-run.toml").unlink()
    monkeypatch.setenv("SCENARIO_RUN_STRICT_SHUTDOWN", "1")
    assert command().strict_shutdown is True


def test_a_table_of_pyproject_will_do() -> None:
    """And `defaults` are variables."""
    toml = '[tool.scenario-run]\nskip-tags = "slow"\n[tool.scenario-run.defaults]\ngrace = "5s"\n'

    one = command(toml=toml, file="pyproject.toml")

    assert one.skip_tags == ("slow",)
    assert one.defaults == {"grace": "5s"}


def test_a_pyproject_that_is_not_ours_is_no_trouble() -> None:
    """Somebody else's file, and somebody else's mistakes."""
    assert command(toml="[tool.x]\na = 1\n", file="pyproject.toml").forks
    assert command(toml="[tool.x\n", file="pyproject.toml").forks


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("frks = 1", "there is no setting 'frks'"),
        ('quiet = "1s"', "there is no setting 'quiet'"),
        ("forks = ", "Invalid value"),
        ("forks = 0", "'0' is not a number"),
        ('color = "blue"', "invalid choice: 'blue'"),
        ("defaults = 1", "not a table of variables"),
        ('new = "x"', "there is no setting 'new'"),
    ],
)
def test_what_makes_no_sense_names_the_file(toml: str, words: str) -> None:
    """As a usage error."""
    with pytest.raises(UsageError) as caught:
        command(toml=toml)

    assert str(caught.value).startswith("scenario-run.toml:1:")
    assert words in caught.value.what


@pytest.mark.parametrize(
    ("toml", "file", "told"),
    [
        (
            "forks = 1\n\n# x\n  report-dir = 5\n",
            "scenario-run.toml",
            ":4:3: report-dir cannot be 5",
        ),
        ("forks = true\n", "scenario-run.toml", ":1:1: forks cannot be true"),
        ('forks = "3"\n', "scenario-run.toml", ':1:1: forks cannot be "3"'),
        ('tags = [\n "a",\n 1,\n]\n', "scenario-run.toml", ':1:1: tags cannot be ["a", 1]'),
        ("fail-fast = 1\n", "scenario-run.toml", ":1:1: fail-fast cannot be 1"),
        ("forks = 2\nx = [\n", "scenario-run.toml", ":3:1: Invalid value"),
        (
            "[tool.x]\nfrks = 1\n[tool.scenario-run]\nforks = 2\nfrks = 2\n",
            "pyproject.toml",
            ":5:1: there is no",
        ),
    ],
)
def test_a_mistake_in_the_file_has_a_place(toml: str, file: str, told: str) -> None:
    """Line and column of the setting, also below another table."""
    with pytest.raises(UsageError) as caught:
        command(toml=toml, file=file)

    assert str(caught.value).startswith(f"{file}{told}"), str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FORK", "1", "did you mean 'forks'?"),
        ("QUIET", "1s", "did you mean 'quiet-period'?"),
        ("FAIL_FAST", "maybe", "neither true nor false"),
    ],
)
def test_the_environment_is_checked_as_well(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typo never means that nothing was set."""
    monkeypatch.setenv(f"SCENARIO_RUN_{name}", value)

    with pytest.raises(UsageError) as caught:
        command()

    assert words in str(caught.value)


def test_the_settings_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """With no file to name."""
    Path("scenario-run.toml").write_text("repeat = 3\n", encoding="utf-8")

    assert cli.main(["--show-config"]) == 0

    out = capsys.readouterr().out
    assert "repeat = 3  # scenario-run.toml\n" in out
    assert 'quiet-period = "100ms"  # default\n' in out
    assert "# timeout is not set  # default\n" in out


@pytest.mark.parametrize(
    "toml",
    [
        "",
        'forks = 3\nfail-fast = true\ntags = ["a", "b"]\nlimit = ["x,y", "*z"]\n',
        'timeout = "90s"\n',
        'skip-tags = []\nreport-dir = "a \\"b\\" \\\\ ü"\nquiet-period = "1.5s"\n',
        '[defaults]\na = 1\n"b c" = [1.5, true, "x"]\nd = {e = 2026-11-27, f = "\\u007f"}\n',
    ],
)
def test_what_is_shown_can_be_pasted(toml: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Read back, it means the same, and is shown the same."""
    first = command(toml=toml)
    assert cli.main(["--show-config"]) == 0
    shown = capsys.readouterr().out

    again = command(toml=shown)
    assert cli.main(["--show-config"]) == 0

    assert {name: one.value for name, one in again.origins.items()} == {
        name: one.value for name, one in first.origins.items()
    }
    assert again.defaults == first.defaults
    plain = shown.replace("# default", "# scenario-run.toml").replace(
        "set  # scenario-run.toml", "set  # default"
    )
    assert capsys.readouterr().out == plain


def test_a_setting_has_one_name_everywhere() -> None:
    """The flag without its dashes; in capitals, the variable."""
    for option in OPTIONS:
        assert option.flag == f"--{option.setting}"
        assert option.variable == f"SCENARIO_RUN_{option.setting.replace('-', '_').upper()}"


def test_defaults_reach_the_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    """And give way to the command line."""
    Path("scenario-run.toml").write_text('[defaults]\na = "one"\nb = "two"\n', encoding="utf-8")
    Path("x.yml").write_text(
        'name: "{{ a }} {{ b }}"\ncontainer: {image: app}\nsteps: [{expect: {init: running}}]\n',
        encoding="utf-8",
    )

    assert cli.main(["--list", "x.yml", "-e", "b=three"]) == 0

    assert capsys.readouterr().out == "one three\n"
