"""
Settings from files and the environment: `scenario-run.toml`, `[tool.scenario-run]`, SCENARIO_RUN_*.

A setting has the name of the option without its dashes. The command line wins over the environment,
that over the file, that over the default; `--show-config` says where each value came from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from runner.errors import UsageError
from runner.options.option import ENVIRONMENT_PREFIX
from runner.options.table import OPTIONS
from runner.words import nearest

_SETTINGS: Final = {option.name: option for option in OPTIONS if option.may_be_set}
_KNOWN: Final = (*(option.setting for option in _SETTINGS.values()), "defaults")
_OURS: Final = ("REQUIRE_DOCKER",)
_ON: Final = ("1", "true", "yes")
_OFF: Final = ("0", "false", "no", "")

Parse = Callable[[Sequence[str]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, and where it came from."""

    value: Any
    origin: str


def from_environment(environment: Mapping[str, str], parse: Parse) -> dict[str, Setting]:
    """
    Return the settings of the environment.

    Raises:
        UsageError: a value does not make sense, or there is no such setting.
    """
    found: dict[str, Setting] = {}
    for variable, text in sorted(environment.items()):
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        if name == variable or name in _OURS:
            continue
        name = name.lower()
        found |= _read(name, _switch(name, text), variable, parse)
    return found


def from_file(folder: Path, parse: Parse) -> tuple[dict[str, Setting], dict[str, Any]]:
    """
    Return the settings of the file in this folder, if there is one, and its default variables.

    Raises:
        UsageError: the file is not TOML, or something in it does not make sense.
    """
    path, table = _table(folder)
    defaults = table.pop("defaults", {})
    if not isinstance(defaults, dict):
        raise UsageError(f"{path}: defaults is not a table of variables", advice="[defaults]")
    found: dict[str, Setting] = {}
    for key, value in table.items():
        found |= _read(key.replace("-", "_"), value, str(path), parse)
    return found, defaults  # pyright: ignore[reportUnknownVariableType]


def _table(folder: Path) -> tuple[Path, dict[str, Any]]:
    own, shared = folder / "scenario-run.toml", folder / "pyproject.toml"
    path = own if own.is_file() else shared
    if not path.is_file():
        return path, {}
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        if path == shared:
            return path, {}  # somebody else's file, and somebody else's trouble
        raise UsageError(f"{path}: {error}") from error
    table = data if path == own else data.get("tool", {}).get("scenario-run", {})
    return path, dict(table)


def _read(name: str, value: object, origin: str, parse: Parse) -> dict[str, Setting]:
    option = _SETTINGS.get(name)
    if option is None:
        raise UsageError(f"{origin}: there is no setting '{name}'", advice=_near(name))
    if value is False and option.is_switch:
        return {name: Setting(value, origin)}
    try:
        parsed = parse([_word(option.flag, value)])
    except UsageError as error:
        raise UsageError(f"{origin}: {error.what}", advice=error.advice) from error
    return {name: Setting(parsed[name], origin)}


def _near(name: str) -> str:
    return nearest(name.replace("_", "-"), _KNOWN)


def _switch(name: str, text: str) -> object:
    if name not in _SETTINGS or not _SETTINGS[name].is_switch:
        return text
    if text.lower() in _ON or text.lower() in _OFF:
        return text.lower() in _ON
    raise UsageError(f"{_SETTINGS[name].variable}: '{text}' is neither true nor false")


def _word(flag: str, value: object) -> str:
    match value:
        case True:
            return flag
        case list():
            return f"{flag}={','.join(map(str, value))}"  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return f"{flag}={value}"
