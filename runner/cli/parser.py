"""
The parser of the command line, made from the table of options.
"""

from __future__ import annotations

import argparse
import re
from typing import Any, Final, NoReturn

from runner import __version__
from runner.errors import UsageError
from runner.options.exit_codes import EXIT_CODES
from runner.options.option import Option
from runner.options.table import MODES, OPTIONS
from runner.words import nearest

_EXIT_LINES: Final = "\n".join(f"  {code:<3}  {meaning}" for code, meaning in EXIT_CODES)
_EPILOG: Final = f"""\
examples:
  scenario-run scenarios/*.yml                run these files
  scenario-run scenarios/                     run a folder and all below it
  scenario-run -t seed --skip-tags slow .     run by tag
  scenario-run --limit '*docker stop*' .      run by name (globs; a:b either, :!c but not c)
  scenario-run --list . | grep stop | scenario-run --limit @- .
  scenario-run --rejudge reports/cases.jsonl.gz    reports of a run, without an engine
  scenario-run --syntax-check scenarios/      check files; needs no engine
  scenario-run --list scenarios/              show what would be run; needs no engine
  scenario-run --junit out.xml scenarios/     write this report, and no other

exit codes:
{_EXIT_LINES}

environment:
  DOCKER_HOST  the engine to use (default: DOCKER_CONTEXT, or the current docker context)
  NO_COLOR     no colours, whatever the terminal is
  GITHUB_ACTIONS=true  what went wrong is annotated at its line, too
  SCENARIO_RUN_FORKS, SCENARIO_RUN_TAGS, ...: options; scenario-run.toml has them too
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, advice=self._nearest_option(message) or f"see {self.prog} --help")

    def _nearest_option(self, message: str) -> str:
        unknown = re.match(r"unrecognized arguments: (--[a-z-]+)", message)
        return nearest(unknown[1], self._option_string_actions, otherwise="") if unknown else ""


def build_parser() -> argparse.ArgumentParser:
    """
    Make the parser of the command line.

    It gives only what was said: defaults come after the configuration file and the environment.
    """
    parser = _Parser(
        prog="scenario-run",
        description="Declarative tests for how containers behave under signals.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--version", action="version", version=f"scenario-run {__version__}")
    groups: dict[str, Any] = {"": parser}
    for option in OPTIONS:
        if option.group not in groups:
            group = parser.add_argument_group(option.group)
            alone = option.group == MODES
            groups[option.group] = group.add_mutually_exclusive_group() if alone else group
        _add(groups[option.group], option)
    return parser


def _add(group: Any, option: Option) -> None:  # noqa: ANN401 - argparse has no public type for it
    several = option.takes > 1
    takes = {
        "metavar": tuple((option.metavar or "").split()) if several else option.metavar,
        "type": option.parse,
        "choices": option.choices or None,
        "nargs": "*" if option.positional else option.takes if several else None,
        "dest": None if option.positional else option.name,
    }
    flags = (option.name,) if option.positional else filter(None, (option.short, option.flag))
    group.add_argument(
        *flags,
        action=option.action,
        help=option.help_text.replace("%", "%%"),
        **{name: value for name, value in takes.items() if value is not None},
    )
