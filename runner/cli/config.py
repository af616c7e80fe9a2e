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
from typing import Any, Final, cast

from runner.cli.toml_places import place_of_error, place_of_key
from runner.cli.toml_text import toml_value
from runner.errors import UsageError, Where
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
        try:
            found |= _read(name, _switch(name, text), variable, parse)
        except UsageError as error:
            raise UsageError(f"{variable}: {error.what}", advice=error.advice) from error
    return found


def from_file(folder: Path, parse: Parse) -> tuple[dict[str, Setting], dict[str, Any]]:
    """
    Return the settings of the file in this folder, if there is one, and its default variables.

    Raises:
        UsageError: the file is not TOML, or something in it does not make sense.
    """
    file = _file(folder)
    defaults = file.table.get("defaults", {})
    if not isinstance(defaults, dict):
        what = "defaults is not a table of variables"
        raise UsageError(what, where=file.place("defaults"), advice="[defaults]")
    found: dict[str, Setting] = {}
    for key, value in file.table.items():
        if key == "defaults":
            continue
        try:
            name = key.replace("-", "_")
            _refuse_wrong_type(name, value)
            found |= _read(name, value, file.path, parse)
        except UsageError as error:
            raise UsageError(error.what, where=file.place(key), advice=error.advice) from error
    return found, defaults  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True, slots=True)
class _File:
    """A configuration file: `table` are the settings in it, at `keys` from its top."""

    path: str
    text: str
    table: Mapping[str, Any]
    keys: tuple[str, ...] = ()

    def place(self, key: str) -> Where:
        return place_of_key(self.path, self.text, (*self.keys, key))


def _file(folder: Path) -> _File:
    own, shared = folder / "scenario-run.toml", folder / "pyproject.toml"
    path = own if own.is_file() else shared
    nothing = _File(str(path), "", {})
    if not path.is_file():
        return nothing
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, ValueError) as error:
        if path == shared:
            return nothing  # somebody else's file, and somebody else's trouble
        if not isinstance(error, tomllib.TOMLDecodeError):
            raise UsageError(f"cannot read {path}: {error}") from error
        what, where = place_of_error(str(path), text, error)
        raise UsageError(what, where=where) from error
    keys = () if path == own else ("tool", "scenario-run")
    for key in keys:
        data = data.get(key, {})
    return _File(str(path), text, data, keys)


def _refuse_wrong_type(name: str, value: object) -> None:
    option = _SETTINGS.get(name)
    if option is None:
        return
    if option.is_switch:
        fits, wanted = isinstance(value, bool), f"{option.setting} = true"
    elif option.takes_number:
        fits, wanted = isinstance(value, int) and value is not True, f"{option.setting} = 1"
    else:
        texts = cast("list[object]", value if isinstance(value, list) else [value])
        fits = all(isinstance(one, str) for one in texts)
        fits &= option.is_list or not isinstance(value, list)
        word = option.metavar or option.choices[0]
        wanted = f'{option.setting} = "{word}"'
    if not fits:
        what = f"{option.setting} cannot be {toml_value(value)}"
        raise UsageError(what, advice=f"as in {wanted}")


def _read(name: str, value: object, origin: str, parse: Parse) -> dict[str, Setting]:
    option = _SETTINGS.get(name)
    if option is None:
        raise UsageError(f"there is no setting '{name}'", advice=_near(name))
    if value is False:
        return {name: Setting(value, origin)}
    words = _words(option.flag, value)
    parsed = parse(words)[name] if words else ()
    return {name: Setting(parsed, origin)}


def _near(name: str) -> str:
    return nearest(name.replace("_", "-"), _KNOWN)


def _switch(name: str, text: str) -> object:
    if name not in _SETTINGS or not _SETTINGS[name].is_switch:
        return text
    if text.lower() in _ON or text.lower() in _OFF:
        return text.lower() in _ON
    raise UsageError(f"'{text}' is neither true nor false")


def _words(flag: str, value: object) -> list[str]:
    match value:
        case True:
            return [flag]
        case list():
            return [f"{flag}={one}" for one in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return [f"{flag}={value}"]
