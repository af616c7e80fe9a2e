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

PREFIX: Final = "SCENARIO_RUN_"
NAMES: Final = (
    "tags",
    "skip_tags",
    "limit",
    "forks",
    "fail_fast",
    "repeat",
    "retries",
    "timeout",
    "quiet",
    "evidence",
    "strict_oracle",
    "color",
    "report_dir",
    "junit_dialect",
)
"""The options that can be set; all others belong to one run."""

_SWITCHES: Final = ("fail_fast", "strict_oracle")
_OPTIONS: Final = {"quiet": "--quiet-period"}
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
    Give the settings of the environment.

    Raises:
        UsageError: a value does not make sense, or there is no such setting.
    """
    found: dict[str, Setting] = {}
    for variable, text in sorted(environment.items()):
        if not variable.startswith(PREFIX) or variable.removeprefix(PREFIX) in _OURS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        found |= _read(name, _switch(name, text), variable, parse)
    return found


def from_file(folder: Path, parse: Parse) -> tuple[dict[str, Setting], dict[str, Any]]:
    """
    Give the settings and the `defaults` for variables of the file in this folder, if there is one.

    Raises:
        UsageError: the file is not TOML, or something in it does not make sense.
    """
    path, table = _table(folder)
    defaults = table.pop("defaults", {})
    if not isinstance(defaults, dict):
        raise UsageError(f"{path}: defaults is no table of variables", advice="[defaults]")
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
    if name not in NAMES:
        import difflib  # noqa: PLC0415 - for this error only

        near = difflib.get_close_matches(name, (*NAMES, "defaults"), n=1)
        hint = (
            f"did you mean '{near[0]}'?" if near else f"known are {', '.join((*NAMES, 'defaults'))}"
        )
        raise UsageError(f"{origin}: there is no setting '{name}'", advice=hint)
    if value is False and name in _SWITCHES:
        return {name: Setting(value, origin)}
    try:
        parsed = parse(_words(_OPTIONS.get(name, f"--{name.replace('_', '-')}"), value))
    except UsageError as error:
        raise UsageError(f"{origin}: {error.what}", advice=error.advice) from error
    return {key: Setting(one, origin) for key, one in parsed.items() if key in NAMES}


def _switch(name: str, text: str) -> object:
    if name not in _SWITCHES:
        return text
    if text.lower() in _ON or text.lower() in _OFF:
        return text.lower() in _ON
    raise UsageError(f"{PREFIX}{name.upper()}: '{text}' is neither true nor false")


def _words(option: str, value: object) -> list[str]:
    match value:
        case True:
            return [option]
        case list():
            return [f"{option}={','.join(map(str, value))}"]  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return [f"{option}={value}"]
