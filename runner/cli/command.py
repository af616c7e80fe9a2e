"""
What the user asks for: from the command line, the environment and the configuration file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from runner.cli.config import Setting, from_environment, from_file
from runner.cli.parser import build_parser
from runner.errors import UsageError
from runner.options.table import MODES, OPTIONS, Options

_NEED_NO_FILES: Final = frozenset(
    {"compare", "new", "print_completion", "print_schema", "rejudge", "show_config"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Options):
    """
    The options with their values.

    `mode` is `run`, or the name of the option that says what is done instead. `defaults` are the
    variables of the configuration file. `origins` says of each option that may stand elsewhere
    than on the command line what its value is, and where that came from.
    """

    mode: str
    defaults: Mapping[str, Any]
    origins: Mapping[str, Setting]


def parse(arguments: Sequence[str]) -> Command:
    """
    Read the command line, the environment and the configuration file of the working folder.

    Raises:
        UsageError: something there does not make sense.
        SystemExit: `--help` and `--version`, after printing.
    """
    parser = build_parser()

    def parse_words(words: Sequence[str]) -> Mapping[str, Any]:
        return {name: _frozen(value) for name, value in vars(parser.parse_args(words)).items()}

    given = parse_words(arguments)
    modes = (option.name for option in OPTIONS if option.group == MODES)
    mode = next((name for name in modes if name in given), "run")
    if not given.get("paths") and mode not in _NEED_NO_FILES:
        raise UsageError(
            "name scenario files or folders, as in: scenario-run scenarios/",
            advice="to write a first one: scenario-run --new mine; for all options: --help",
        )
    of_file, defaults = from_file(Path(), parse_words)
    settings = {
        **{option.name: Setting(option.default, "default") for option in OPTIONS},
        **of_file,
        **from_environment(os.environ, parse_words),
        **{name: Setting(value, "command line") for name, value in given.items()},
    }
    return Command(
        **{name: setting.value for name, setting in settings.items()},
        mode=mode,
        defaults=defaults,
        origins={option.name: settings[option.name] for option in OPTIONS if option.may_be_set},
    )


def _frozen(value: Any) -> Any:  # noqa: ANN401 - of any option
    return tuple(cast("list[str]", value)) if isinstance(value, list) else value
