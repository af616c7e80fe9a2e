"""The table of options: what is made from it has every option."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from runner.cli import main as cli
from runner.cli.command import parse
from runner.cli.parser import build_parser
from runner.errors import UsageError
from runner.options import values
from runner.options.option import Option
from runner.options.table import MODES, OPTIONS

ROOT = Path(__file__).parents[3]
FLAGS = [flag for action in build_parser()._actions for flag in action.option_strings]
SETTINGS = [option for option in OPTIONS if option.may_be_set]
IDS = [option.name for option in SETTINGS]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for option in SETTINGS:
        monkeypatch.delenv(option.variable, raising=False)


def some_value(option: Option) -> str:
    """A value other than the default, as one would write it."""
    if option.choices:
        return next(choice for choice in option.choices if choice != option.default)
    return "2s" if option.parse is values.duration else "1" if option.is_switch else "2"


def test_the_parser_has_every_option() -> None:
    """By its long and its short form."""
    of_table = {
        flag
        for option in OPTIONS
        for flag in (option.short, option.flag)
        if flag and not option.positional
    }

    assert of_table == {*FLAGS} - {"-h", "--help", "--version"}


@pytest.mark.parametrize("flag", FLAGS)
def test_every_option_is_in_the_reference(flag: str) -> None:
    """By each of its forms."""
    words = (ROOT / "docs/reference/options.md").read_text(encoding="utf-8").replace("`", " ")

    assert flag in words.replace(",", " ").split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_option_is_completed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In each shell."""
    assert cli.main(["--print-completion", shell]) == 0

    script = capsys.readouterr().out
    dashes = 0 if shell != "fish" else 2
    assert not [flag for flag in FLAGS if flag.startswith("--") and flag[dashes:] not in script]


@pytest.mark.parametrize("option", SETTINGS, ids=IDS)
def test_what_may_be_set_has_a_name_in_the_environment_and_in_the_file(
    option: Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They mean the same as the flag, and the reference names both."""
    words = [option.flag] if option.is_switch else [option.flag, some_value(option)]
    given = getattr(parse(["x.yml", *words]), option.name)
    page = (ROOT / "docs/reference/options.md").read_text(encoding="utf-8")

    text = some_value(option)
    quoted = "true" if option.is_switch else text if option.takes_number else f'"{text}"'
    Path("scenario-run.toml").write_text(f"{option.setting} = {quoted}\n", encoding="utf-8")
    by_file = parse(["x.yml"])
    Path("scenario-run.toml").unlink()
    monkeypatch.setenv(option.variable, some_value(option))
    by_environment = parse(["x.yml"])

    assert given != option.default
    assert given == getattr(by_file, option.name) == getattr(by_environment, option.name)
    assert by_file.origins[option.name].origin == "scenario-run.toml"
    assert by_environment.origins[option.name].origin == option.variable
    assert f"| `{option.setting}` | `{option.variable}` |" in page


@pytest.mark.parametrize(
    "option",
    [option for option in OPTIONS if not option.may_be_set],
    ids=lambda option: option.name,
)
def test_what_belongs_to_one_run_is_no_setting(
    option: Option, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused in the environment."""
    monkeypatch.setenv(option.variable, "1")

    with pytest.raises(UsageError, match=f"{option.variable}: there is no setting"):
        parse(["x.yml"])


def test_a_default_in_words_is_the_default() -> None:
    """For durations, which are seconds inside."""
    durations = [one for one in OPTIONS if one.parse is values.duration and one.default_words]

    assert durations
    for option in durations:
        assert values.duration(option.default_words) == option.default


def test_every_mode_has_a_command() -> None:
    """A module with a function `run`."""
    modes = {option.name for option in OPTIONS if option.group == MODES}

    assert {*cli.COMMANDS} == {"run", *modes}
    for name in cli.COMMANDS.values():
        assert callable(importlib.import_module(name).run)
